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
  if (/^-?\d+$/.test(text)) return wholeNumber(BigInt(text));
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
  // Telling costs 5% of parsing; the exact way takes ten times as long as the plain one.
  return needsExactReading.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);
}

/** A value as JSON text, with every number in its digits; indented by some spaces where asked. */
export function formatJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, null, indent) ?? 'null';
  } catch (error) {
    // A bigint is refused with a TypeError; so only a value that has one pays for the replacer.
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, digitsOfBigint, indent) ?? 'null';
  }
}

/**
 * Finds what may be a number that a float can't hold, or that a float writes otherwise: 16 digits, or an exponent that
 * isn't negative. Text inside strings may look alike; that costs time, not exactness.
 */
const needsExactReading = /(?:[:,[\s]|^)-?\d(?:\d{15}|[\d.]*[eE]\+?\d+\s*(?:[,\]}]|$))/;

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
