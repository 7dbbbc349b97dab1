import { isLineEnd, isWordEnd } from './characters.ts';
import type { Cursor } from './cursor.ts';
import { foldGap, type Gap, skipGap } from './folding.ts';

const [tab, hash, colon] = [9, 35, 58];
const [comma, question, openList, closeList, openMap, closeMap] = [44, 63, 91, 93, 123, 125];

/** Where a plain text stands. */
export type PlainContext = {
  /** The least column of its further lines. */
  readonly indent: number;
  readonly isInFlow: boolean;
};

/** Reads a text without quotes; answers with it and whether the place is on another line than its end. */
export function scanPlain(cursor: Cursor, context: PlainContext): { text: string; hasLeftLine: boolean } {
  let text = '';
  let gap: Gap | undefined;
  const checkBlank = () => {
    if (cursor.peek() === tab && cursor.column < context.indent) {
      throw cursor.error('a tab is used for indentation; use spaces');
    }
  };
  while (!cursor.isAtMark() && cursor.peek() !== hash) {
    const line = scanLine(cursor, context.isInFlow);
    if (line !== '') {
      text = gap === undefined ? text + line : text + foldGap(gap) + line;
      gap = undefined;
    }
    const character = cursor.peek();
    if (!isWordEnd(character) || cursor.isAtEnd) break;
    gap = skipGap(cursor, false, checkBlank);
    if (gap === undefined) break;
    if (!context.isInFlow && cursor.column < context.indent) break;
  }
  return { text, hasLeftLine: gap !== undefined };
}

/** The words up to the end of the line or what ends the text; the place is behind the last of them. */
function scanLine(cursor: Cursor, isInFlow: boolean): string {
  const { text } = cursor;
  const start = cursor.at;
  let end = start;
  let at = start;
  for (;;) {
    const character = text.charCodeAt(at);
    if (isWordEnd(character)) {
      if (isLineEnd(character)) break;
      at++;
      // A comment begins after a blank alone.
      if (text.charCodeAt(at) === hash) break;
      continue;
    }
    if (character === colon && isWordEnd(text.charCodeAt(at + 1))) break;
    if (isInFlow && endsInFlow(character)) break;
    at++;
    end = at;
  }
  cursor.at = end;
  return text.slice(start, end);
}

function endsInFlow(character: number): boolean {
  return (
    character === comma ||
    character === question ||
    character === openList ||
    character === closeList ||
    character === openMap ||
    character === closeMap
  );
}
