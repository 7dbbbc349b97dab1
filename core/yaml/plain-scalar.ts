import { type JsonNumber, readNumber, wholeNumber } from '../object/json/json.ts';

/**
 * The value of a plain (unquoted) YAML scalar as kubectl reads it. Kubernetes tools resolve scalars by the rules of
 * YAML 1.1 as implemented in go.yaml.in/yaml/v2: `yes`, `on` and `y` are booleans, `0777` is octal, `089` is not and
 * therefore a decimal, underscores are allowed in numbers, and timestamps, which are neither kind of number, stay text.
 */
export function resolvePlainScalar(text: string): string | JsonNumber | boolean | null {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (nullWords.has(text)) return null;
  if (text.startsWith('.')) return readFloat(text.replaceAll(/(?<=\d)_(?=\d)/g, '')) ?? text;
  if (!/^[-+0-9]/.test(text)) return text;
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text);
  const integer = readInteger(text);
  return integer === undefined ? (readFloat(text.replaceAll('_', '')) ?? text) : wholeNumber(integer);
}

const words: ReadonlyMap<string, boolean | number> = new Map<string, boolean | number>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word): [string, boolean] => [word, true],
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word): [string, boolean] => [word, false],
  ),
  ...['.nan', '.NaN', '.NAN'].map((word): [string, number] => [word, Number.NaN]),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word): [string, number] => [
    word,
    Number.POSITIVE_INFINITY,
  ]),
  ...['-.inf', '-.Inf', '-.INF'].map((word): [string, number] => [word, Number.NEGATIVE_INFINITY]),
]);

const nullWords: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);

const floatForm = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

/** Go writes a float as JSON, and whoever reads that takes whole digits for a whole number: 1e3 is 1000. */
function readFloat(text: string): JsonNumber | undefined {
  const value = floatForm.test(text) ? Number(text) : Number.NaN;
  // Rounded first: of 9007199254740993.0 a float holds ...992.
  if (!Number.isFinite(value)) return undefined;
  // A zero keeps its sign, which a key shows.
  return value === 0 ? value : readNumber(String(value));
}

const integerForms: readonly (readonly [RegExp, string])[] = [
  [/^([-+]?)0[xX]([0-9a-fA-F]+)$/, '0x'],
  [/^([-+]?)0[bB]([01]+)$/, '0b'],
  [/^([-+]?)0[oO]?([0-7]+)$/, '0o'],
  [/^([-+]?)(0|[1-9][0-9]*)$/, ''],
];

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;
const uint64Max = 2n ** 64n - 1n;

/** The whole number that Go's reader makes of a text; undefined for what it takes for a float or a text. */
export function readInteger(text: string): bigint | undefined {
  const digits = text.replaceAll('_', '');
  for (const [form, prefix] of integerForms) {
    const match = form.exec(digits);
    if (match === null) continue;
    const magnitude = magnitudeOf(prefix, match[2] ?? '');
    if (magnitude === undefined) return undefined;
    const value = match[1] === '-' ? -magnitude : magnitude;
    return value >= int64Min && value <= (match[1] === '' ? uint64Max : int64Max) ? value : undefined;
  }
  return undefined;
}

/** 64 bits in base 2. */
const mostDigits = 64;

/** Undefined for what has more digits than 64 bits need, which takes long to make a number of. */
function magnitudeOf(prefix: string, digits: string): bigint | undefined {
  const from = digits.search(/[^0]/);
  if (from === -1) return 0n;
  return digits.length - from > mostDigits ? undefined : BigInt(prefix + digits.slice(from));
}
