// Everything below U+0020, DEL and the C1 range: sequences made of them move the cursor or retitle the window.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]+/g;
const wideCharacter =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Text from elsewhere on one line, unable to steer the terminal it is printed on. */
export function plainText(text: string): string {
  return text.replace(controlCharacters, ' ').trim();
}

/** Columns that a text takes on a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += wideCharacter.test(character) ? 2 : 1;
  return width;
}

/** The text cut to at most `width` columns, with `…` in place of what was cut. */
export function fitText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return width < 1 ? '' : `${headOf(text, width - 1)}…`;
}

function headOf(text: string, width: number): string {
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += textWidth(character);
    if (used > width) break;
    kept += character;
  }
  return kept;
}

/** The text in at most `limit` lines, the first as wide as `first` and the others as `rest`; the last may be cut. */
export function wrapText(text: string, first: number, rest: number, limit: number): string[] {
  if (limit <= 1 || textWidth(text) <= first) return [fitText(text, first)];
  const head = headOf(text, first);
  const space = head.lastIndexOf(' ');
  // A break between words, unless that would leave the line half empty.
  const endsWord = text.charAt(head.length) === ' ';
  const line = !endsWord && space > head.length / 2 ? head.slice(0, space) : head;
  return [line, ...wrapText(text.slice(line.length).trimStart(), rest, rest, limit - 1)];
}

/** The text followed by blanks up to `width` columns. */
export function padText(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** Elapsed time for people: `850ms`, `4.2s`, `3m05s`, `2h07m`. */
export function formatElapsed(milliseconds: number): string {
  const elapsed = Math.max(0, milliseconds);
  if (elapsed < 1000) return `${Math.round(elapsed)}ms`;
  const seconds = elapsed / 1000;
  if (seconds < 60) return `${(Math.floor(seconds * 10) / 10).toFixed(1)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${twoDigits(Math.floor(seconds % 60))}s`;
  return `${Math.floor(minutes / 60)}h${twoDigits(minutes % 60)}m`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
