/**
 * The value of a plain (unquoted) YAML scalar as kubectl reads it. Kubernetes tools resolve scalars by the rules of
 * YAML 1.1 as implemented in go.yaml.in/yaml/v2: `yes`, `on` and `y` are booleans, `0777` is octal, `089` is not and
 * therefore a decimal, underscores are allowed in numbers, and timestamps, which are neither kind of number, stay text.
 */
export function resolvePlainScalar(text: string): string | number | boolean | null {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (nullWords.has(text)) return null;
  if (text.startsWith('.')) return fitsFloat(text) ? Number(text) : text;
  if (!/^[-+0-9]/.test(text)) return text;
  const plain = text.replaceAll('_', '');
  return readInteger(plain) ?? (fitsFloat(plain) ? Number(plain) : text);
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

function fitsFloat(text: string): boolean {
  return floatForm.test(text) && Number.isFinite(Number(text));
}

const integerForms: readonly (readonly [RegExp, string])[] = [
  [/^([-+]?)0[xX]([0-9a-fA-F]+)$/, '0x'],
  [/^([-+]?)0[bB]([01]+)$/, '0b'],
  [/^([-+]?)0[oO]?([0-7]+)$/, '0o'],
  [/^([-+]?)(0|[1-9][0-9]*)$/, ''],
];

const int64Min = -(2n ** 63n);
const uint64Max = 2n ** 64n - 1n;

function readInteger(text: string): number | undefined {
  for (const [form, prefix] of integerForms) {
    const match = form.exec(text);
    if (match === null) continue;
    const magnitude = BigInt(prefix + (match[2] ?? ''));
    const value = match[1] === '-' ? -magnitude : magnitude;
    return value >= int64Min && value <= uint64Max ? Number(value) : undefined;
  }
  return undefined;
}
