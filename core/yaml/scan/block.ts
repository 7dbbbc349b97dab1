import { breakText, isBlank, isBreak } from './characters.ts';
import type { Cursor } from './cursor.ts';

const [space, tab, plus, minus, literalMark] = [32, 9, 43, 45, 124];

/** Reads a text in a block, whose parent stands at a column. */
export function scanBlock(cursor: Cursor, parentIndent: number): string {
  const isLiteral = cursor.peek() === literalMark;
  cursor.at++;
  const { keep, increment } = scanHead(cursor);
  const lines = new BlockLines(
    cursor,
    parentIndent,
    increment === 0 ? 0 : Math.max(parentIndent, 0) + increment,
  );
  let text = '';
  let lastBreak = '';
  let wasBlank = false;
  let empty = lines.skipEmpty();
  while (cursor.column === lines.indent && !cursor.isAtEnd) {
    const isBlankLine = isBlank(cursor.peek());
    const folds = !isLiteral && !wasBlank && !isBlankLine && lastBreak === '\n';
    if (!folds) text += lastBreak;
    else if (empty === '') text += ' ';
    text += empty;
    wasBlank = isBlankLine;
    const start = cursor.at;
    cursor.skipLine();
    text += cursor.text.slice(start, cursor.at);
    lastBreak = takeBreak(cursor);
    empty = lines.skipEmpty();
  }
  if (keep !== 'none') text += lastBreak;
  if (keep === 'all') text += empty;
  return text;
}

type Head = { readonly keep: 'none' | 'one' | 'all'; readonly increment: number };

/** Reads what stands behind the mark: which breaks at the end count, and the depth, in either order. */
function scanHead(cursor: Cursor): Head {
  let increment = 0;
  let keep: Head['keep'] = 'one';
  if (isSign(cursor.peek())) {
    keep = scanSign(cursor);
    increment = scanDepth(cursor);
  } else {
    increment = scanDepth(cursor);
    if (increment > 0 && isSign(cursor.peek())) keep = scanSign(cursor);
  }
  if (!cursor.skipToNextLine()) {
    throw cursor.error('text stands behind the | or > of a block; move it to the next line');
  }
  return { keep, increment };
}

function isSign(character: number): boolean {
  return character === plus || character === minus;
}

function scanSign(cursor: Cursor): Head['keep'] {
  const sign = cursor.peek();
  cursor.at++;
  return sign === plus ? 'all' : 'none';
}

/** The depth that is given; 0 when none is. */
function scanDepth(cursor: Cursor): number {
  const digit = cursor.peek() - 48;
  if (!(digit >= 0 && digit <= 9)) return 0;
  if (digit === 0) throw cursor.error('the indentation of a block cannot be 0; use a larger number');
  cursor.at++;
  return digit;
}

function takeBreak(cursor: Cursor): string {
  if (!isBreak(cursor.peek())) return '';
  const text = breakText(cursor.peek());
  cursor.skipBreak();
  return text;
}

/** The lines of a block, which stand at the column of the first one unless a depth is given. */
class BlockLines {
  /** The column of the lines; 0 until it is known. */
  indent: number;
  readonly #cursor: Cursor;
  readonly #parentIndent: number;

  constructor(cursor: Cursor, parentIndent: number, indent: number) {
    this.#cursor = cursor;
    this.#parentIndent = parentIndent;
    this.indent = indent;
  }

  /** Moves over empty lines to where the next one begins; answers with their breaks. */
  skipEmpty(): string {
    const cursor = this.#cursor;
    let breaks = '';
    let deepest = 0;
    for (;;) {
      while (this.#isBefore(cursor.column) && cursor.peek() === space) cursor.at++;
      deepest = Math.max(deepest, cursor.column);
      if (this.#isBefore(cursor.column) && cursor.peek() === tab) {
        throw cursor.error('a tab is used for indentation; use spaces');
      }
      if (!isBreak(cursor.peek())) break;
      breaks += takeBreak(cursor);
    }
    if (this.indent === 0) this.indent = Math.max(deepest, this.#parentIndent + 1, 1);
    return breaks;
  }

  #isBefore(column: number): boolean {
    return this.indent === 0 || column < this.indent;
  }
}
