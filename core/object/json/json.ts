declare global {
  interface JSON {
    /** What `stringify` writes as the text itself; the compiler's library doesn't know it yet. */
    rawJSON(text: string): object;
  }
}

/**
 * A number as Kubernetes holds it. A whole number that fits 64 bits is that number: a `number` up to 2^53 - 1, beyond
 * that a `bigint`. Everything else is a 64-bit float, a `number`. So each value has one form, and `===` compares it.
 */
export type JsonNumber = number | bigint;

/** Whether a value is a number as Kubernetes holds it. */
export function isNumber(value: unknown): value is JsonNumber {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** The number that Go reads from the text of a JSON number. A number beyond all floats is no number. */
export function readNumber(text: string): JsonNumber {
  // What has more digits is beyond 64 bits, and a million of them take a second to make a number of.
  if (/^-?\d{1,20}$/.test(text)) return wholeNumber(BigInt(text));
  const float = finite(Number(text));
  if (!Number.isInteger(float) || Number.isSafeInteger(float)) return float;
  // Go writes a whole float in its shortest digits (2^60 as 1152921504606847000), as JavaScript does, and whoever
  // reads these digits takes them for a whole number. From 1e21 on both write an exponent.
  const digits = String(float);
  return digits.includes('e') ? float : wholeNumber(BigInt(digits));
}

/** A whole number in its one form; beyond 64 bits it is the nearest float. */
export function wholeNumber(value: bigint): JsonNumber {
  const float = Number(value);
  if (Number.isSafeInteger(float)) return float;
  return BigInt.asIntN(64, value) === value ? value : finite(float);
}

/**
 * The value of a JSON text, with every number as Kubernetes reads it. Fails as `JSON.parse` does, and for a number
 * beyond all floats.
 */
export function parseJson(text: string): unknown {
  // Deciding costs 1.2 ms for 6 MB, 3 to 4% of reading and writing that (bench/json.ts).
  const isPlain = !((manyDigits.test(text) || exponent.test(text)) && maybeInexact.test(text));
  if (isPlain && !startsNumber.test(text)) return JSON.parse(text);
  const numbers = inexactNumbers(text);
  if (numbers.length === 0) return JSON.parse(text);
  try {
    if (!markInside.test(text)) return restored(JSON.parse(marked(text, numbers)), numbers);
  } catch {
    // Safe: what follows fails as well, and names places of the text itself.
  }
  return parsedExactly(text);
}

function parsedExactly(text: string): unknown {
  try {
    return JSON.parse(text, exactly);
  } catch (error) {
    // A reviver calls itself for each level, and the stack has its end; nothing was read, as of a text that is no JSON.
    throw error instanceof RangeError ? new SyntaxError('the text is nested too deeply') : error;
  }
}

/** A value as JSON text, with every number in its digits; indented by some spaces where asked. */
export function formatJson(value: unknown, indent?: number): string {
  try {
    return (indent === undefined ? JSON.stringify(value) : JSON.stringify(value, null, indent)) ?? 'null';
  } catch (error) {
    // A bigint is refused with a TypeError; so only a value that has one pays for the replacer.
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, digitsOfBigint, indent) ?? 'null';
  }
}

/**
 * A value as JSON text that a reader of YAML reads as the same value. JSON alone is YAML only nearly: between quotes YAML
 * takes three more characters for line breaks, of which it eats the blanks around or makes a blank, and it refuses others.
 */
export function formatYamlJson(value: unknown): string {
  return formatJson(value).replaceAll(unlikeInYaml, (one) => {
    return `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

const unlikeInYaml = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/**
 * Finds what may be a number that a float can't hold, or that a float writes otherwise: 16 digits, or an exponent that
 * isn't negative. Text inside strings may look alike.
 */
const maybeInexact = /[:,[\s](?:[-\d]\d{15}|-?\d[\d.]*[eE]\+?\d+\s*[,\]}])/;
/**
 * What every such number has in it, at less than two thirds of the cost: most texts have neither. Each digit is written, as `\d{16}`
 * takes six times as long: a loop keeps the engine from looking at every eighth character only.
 */
const manyDigits = /\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d/;
const exponent = /\d[eE]\+?\d+\s*[,\]}]/;
/** A text that is a number alone. In the pattern above this case would make all others ten times as slow. */
const startsNumber = /^\s*[-\d]/;

/** Numbers outside strings, each taken as a whole; those in question are kept. */
const numberTokens = /(-?\d(?:\d{15}|[\d.]*[eE]\+?\d)[-+.\deE]*)|-?\d[-+.\deE]*/g;
/** The least that one such number takes with what stands around it: `:1e9`. */
const shortestPart = 4;

type NumberInText = { readonly at: number; readonly text: string };

function inexactNumbers(text: string): NumberInText[] {
  const found: NumberInText[] = [];
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    const end = quote === -1 ? text.length : quote;
    if (end - at >= shortestPart) {
      for (const { index, 1: number } of text.slice(at, end).matchAll(numberTokens)) {
        if (number !== undefined) found.push({ at: at + index, text: number });
      }
    }
    at = endOfString(text, end + 1);
  }
  return found;
}

/** Where the text goes on after a string. Found by its quotes: a pattern runs out of stack on a string of megabytes. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let before = quote;
    while (text[before - 1] === '\\') before--;
    if ((quote - before) % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** Half a character, which no text has that came as UTF-8: it marks a string that stands for a number. */
const mark = '\uD800';
const markInside = /\uD800|\\ud800/i;

/**
 * The text with a marked string in place of each number that needs exact reading. `JSON.parse` with a reviver takes
 * ten times as long as without; marks and their way back take twice as long.
 */
function marked(text: string, numbers: readonly NumberInText[]): string {
  let result = '';
  let from = 0;
  for (const [place, { at, text: number }] of numbers.entries()) {
    result += `${text.slice(from, at)}"${mark}${place}"`;
    from = at + number.length;
  }
  return result + text.slice(from);
}

/** Without calling itself: an API server holds objects of ten thousand levels, and one of them must not end a list. */
function restored(value: unknown, numbers: readonly NumberInText[]): unknown {
  const root = { value };
  const open: object[] = [root];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    for (const name of Object.keys(parent)) {
      const child: unknown = Reflect.get(parent, name);
      if (typeof child === 'object' && child !== null) open.push(child);
      if (typeof child !== 'string' || !child.startsWith(mark)) continue;
      const number = readNumber(numbers[Number(child.slice(1))]?.text ?? '');
      // Defined, not assigned: a field may have the name of JavaScript's prototype.
      Object.defineProperty(parent, name, { value: number });
    }
  }
  return root.value;
}

function exactly(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? readNumber(context.source) : value;
}

function digitsOfBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value;
}

function finite(float: number): number {
  if (Number.isFinite(float)) return float;
  throw new SyntaxError('a number is beyond what a 64-bit float holds; write it as text, or a smaller one');
}
