import { parseJson } from '../object/json/json.ts';
import { maxDepth } from './file-kinds.ts';
import { UnreadableError } from './unreadable.ts';

/** Whether Kubernetes tools try a text as JSON first: an object stands at its start. A byte order mark is no blank. */
export function startsAsJson(text: string, from = 0): boolean {
  const first = /[^\s]|\uFEFF/g;
  first.lastIndex = from;
  return first.exec(text)?.[0] === '{';
}

/**
 * The JSON object that a text begins with as Go reads it, and where it ends; undefined when that is no JSON. Throws an
 * `UnreadableError` when it is nested too deeply.
 */
export function readJsonObject(
  text: string,
  from: number,
  line: number,
): { readonly value: unknown; readonly end: number } | undefined {
  const end = endOfObject(text, from, line);
  if (end === undefined) return undefined;
  const source = text.slice(from, end);
  try {
    const value = parseJson(source);
    return { value: halfCharacter.test(source) || !source.isWellFormed() ? wellFormed(value) : value, end };
  } catch (error) {
    // Whatever it is that isn't JSON is read as YAML next, and said to be neither there.
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** Looks at brackets outside of strings, which takes a tenth of the time that a walk through the values takes. */
function endOfObject(text: string, from: number, line: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
      continue;
    }
    depth += stepOf(code);
    if (depth > maxDepth) throw tooDeep(line);
    if (depth === 0) return at + 1;
  }
  return undefined;
}

const [quote, backslash] = [34, 92] as const;

/** How much deeper a character leads. */
function stepOf(code: number): number {
  // { and [, } and ]: two of each differ in one bit.
  if ((code | 32) === 123) return 1;
  return (code | 32) === 125 ? -1 : 0;
}

/** Where the quote is that ends a string; the end of the text if there is none. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let first = at;
    while (text.charCodeAt(first - 1) === backslash) first--;
    if ((at - first) % 2 === 0) return at;
  }
  return text.length;
}

/** Finds the escape of half a character; two of them may be a whole one. */
const halfCharacter = /\\u[dD][89a-fA-F]/;

/** Go puts the sign for it in the place of half a character. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.toWellFormed(), wellFormed(inner)]),
  );
}

/** Refuses a value that is nested too deeply to be worked with. */
export function checkDepth(value: unknown): void {
  if (!isWithin(value, maxDepth)) throw tooDeep(1);
}

function tooDeep(line: number): UnreadableError {
  return new UnreadableError('is nested too deeply; flatten it', line);
}

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof inner === 'object' && !isWithin(inner, levels - 1)) return false;
  }
  return true;
}
