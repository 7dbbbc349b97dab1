/** Stands behind the text, so that no look ahead leaves it. */
export const endMark = '\0';

const [tab, lineFeed, carriageReturn, space] = [9, 10, 13, 32];
const [nextLine, lineSeparator, paragraphSeparator] = [0x85, 0x2028, 0x2029];

/** What no text may hold unless written as an escape; half characters are none of it. */
export const forbidden = /[^\P{Cc}\t\n\r\u0085]|[\ufffe\uffff]/u;

/** Whether a character is a space or tab. */
export function isBlank(at: number): boolean {
  return at === space || at === tab;
}

/** Whether a character breaks lines: five do. */
export function isBreak(at: number): boolean {
  return at === lineFeed || at === carriageReturn || isUnusualBreak(at);
}

function isUnusualBreak(at: number): boolean {
  return at === nextLine || at === lineSeparator || at === paragraphSeparator;
}

/** Whether a line ends at a character: at a break or the end of the text. */
export function isLineEnd(at: number): boolean {
  return at < space ? at !== tab : isUnusualBreak(at);
}

/** Whether a word ends at a character: at a blank, a break or the end of the text. */
export function isWordEnd(at: number): boolean {
  // Nothing else below a space is allowed.
  return at <= space || isUnusualBreak(at);
}

/** What the break at a place of a text counts as in a value. */
export function breakText(at: number): string {
  return at === lineSeparator || at === paragraphSeparator ? String.fromCharCode(at) : '\n';
}

/** Whether a character may stand in the name of an anchor or handle. */
export function isNameCharacter(at: number): boolean {
  const letter = at | 32;
  return (letter >= 97 && letter <= 122) || (at >= 48 && at <= 57) || at === 95 || at === 45;
}
