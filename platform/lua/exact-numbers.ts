import { type JsonNumber, readNumber } from '../../core/object/json/json.ts';

/** Which number a script means by a float that it returns at a place. */
export type ExactNumbers = (float: number, at: string) => JsonNumber;

/** Thrown where a float stands for several numbers; the message says what and where. */
export class UnsureNumber extends Error {}

/** How places of a result begin: the object itself, or the resource of one entry in a list of changes. */
const resultRoot = /^the result(?:\[\d+\]\.resource)?/;

/**
 * Lua has floats alone, so a script sees a whole number beyond 2^53 without its last digits. What it returns as it
 * came in is the number that came in, also at another place; what it computed is the float as JSON writes it.
 */
export function exactNumbersOf(globals: Readonly<Record<string, unknown>>): ExactNumbers {
  let known: Known | undefined;
  return (float, at) => {
    if (Number.isSafeInteger(float) || !Number.isInteger(float)) return float;
    known ??= knownNumbers(globals);
    const [first, ...others] = known.byFloat.get(float) ?? [];
    if (first === undefined) return readNumber(String(float));
    if (others.length === 0) return first;
    const stayed = known.byPlace.get(at.replace(resultRoot, ''));
    if (stayed !== undefined && Number(stayed) === float) return stayed;
    throw new UnsureNumber(
      `result has ${float} at ${at}, which Lua can't tell from others of the object; leave that field where it was`,
    );
  };
}

type Known = { readonly byFloat: Map<number, Set<bigint>>; readonly byPlace: Map<string, bigint> };

function knownNumbers(globals: Readonly<Record<string, unknown>>): Known {
  const known: Known = { byFloat: new Map(), byPlace: new Map() };
  for (const value of Object.values(globals)) collect(known, value, '');
  return known;
}

function collect(known: Known, value: unknown, at: string): void {
  if (typeof value === 'bigint') {
    const float = Number(value);
    const alike = known.byFloat.get(float) ?? new Set();
    known.byFloat.set(float, alike.add(value));
    known.byPlace.set(at, value);
  } else if (Array.isArray(value)) {
    for (const [index, child] of value.entries()) collect(known, child, `${at}[${index + 1}]`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, child] of Object.entries(value)) collect(known, child, `${at}.${name}`);
  }
}
