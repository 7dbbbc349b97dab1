import { isBreak, isLineEnd, isWordEnd } from './characters.ts';
import type { Cursor } from './cursor.ts';
import { foldGap, skipGap } from './folding.ts';

const [doubleQuote, singleQuote, backslash] = [34, 39, 92];

const unclosed = 'a closing quote or bracket is missing; add it';

/** Reads a text in quotes of either kind. */
export function scanQuoted(cursor: Cursor): string {
  const start = cursor.at;
  const quote = cursor.peek();
  cursor.at++;
  let text = '';
  for (;;) {
    if (cursor.isAtMark() || cursor.isAtEnd) throw cursor.error(unclosed, start);
    const escapesBreak = quote === singleQuote ? scanSingle(cursor, add) : scanDouble(cursor, add);
    if (cursor.peek() === quote) break;
    const blanks = cursor.at;
    const gap = skipGap(cursor, escapesBreak);
    text += gap === undefined ? cursor.text.slice(blanks, cursor.at) : foldGap(gap);
  }
  cursor.at++;
  return text;

  function add(part: string): void {
    text += part;
  }
}

type Add = (part: string) => void;

/** Reads up to the quote or the blanks before the end of a line. */
function scanSingle(cursor: Cursor, add: Add): boolean {
  for (;;) {
    scanRun(cursor, singleQuote, add);
    if (cursor.peek() !== singleQuote || cursor.peek(1) !== singleQuote) return false;
    add("'");
    cursor.at += 2;
  }
}

/** The same, escapes among it; answers whether an escaped break has ended it, which it is behind then. */
function scanDouble(cursor: Cursor, add: Add): boolean {
  for (;;) {
    scanRun(cursor, doubleQuote, add);
    if (cursor.peek() !== backslash) return false;
    if (isBreak(cursor.peek(1))) {
      cursor.at++;
      cursor.skipBreak();
      return true;
    }
    add(scanEscape(cursor));
  }
}

/** Adds what means itself; blanks belong to it where they don't end the line. */
function scanRun(cursor: Cursor, quote: number, add: Add): void {
  const { text } = cursor;
  const start = cursor.at;
  let end = start;
  let at = start;
  for (;;) {
    const character = text.charCodeAt(at);
    if (character === quote || (character === backslash && quote === doubleQuote)) {
      end = at;
      break;
    }
    if (isWordEnd(character)) {
      if (isLineEnd(character)) break;
      at++;
      continue;
    }
    at++;
    end = at;
  }
  cursor.at = end;
  if (end > start) add(text.slice(start, end));
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\u0085'],
  ['_', '\u00a0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);

const codeLengths: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

const lastCode = 0x10ffff;

function scanEscape(cursor: Cursor): string {
  const name = cursor.text.charAt(cursor.at + 1);
  const known = escapes.get(name);
  if (known !== undefined) {
    cursor.at += 2;
    return known;
  }
  const length = codeLengths.get(name);
  if (length === undefined) {
    throw cursor.error('a text in double quotes has an unknown escape; use single quotes or write \\\\');
  }
  const digits = cursor.text.slice(cursor.at + 2, cursor.at + 2 + length);
  if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) {
    throw cursor.error('an escape in double quotes is cut off; complete it');
  }
  const character = Number.parseInt(digits, 16);
  if (character > lastCode || (character >= 0xd800 && character <= 0xdfff)) {
    throw cursor.refusal(
      'an escape is half a character or none at all; write the whole one with eight digits, such as \\U0001F600',
    );
  }
  cursor.at += 2 + length;
  return String.fromCodePoint(character);
}
