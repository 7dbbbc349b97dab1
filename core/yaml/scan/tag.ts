import { isBlank, isNameCharacter, isWordEnd } from './characters.ts';
import type { Cursor } from './cursor.ts';

const [percent, exclamation, less, greater] = [37, 33, 60, 62];

const notWell = 'a tag is not written well; remove it, or put the value in quotes';
const badDirective = 'a directive (%...) is not valid; remove it';

/** The characters of a name at the place, which may be none. */
export function scanName(cursor: Cursor): string {
  const start = cursor.at;
  while (isNameCharacter(cursor.peek())) cursor.at++;
  return cursor.text.slice(start, cursor.at);
}

const afterAnchor: ReadonlySet<string> = new Set('?:,]}%@`');

/** Reads the name behind `&` or `*`. */
export function scanAnchor(cursor: Cursor): string {
  cursor.at++;
  const name = scanName(cursor);
  if (name === '') {
    throw cursor.error('an anchor or alias has no name; add it, or put the value in quotes');
  }
  if (isWordEnd(cursor.peek()) || afterAnchor.has(cursor.text.charAt(cursor.at))) return name;
  throw cursor.refusal('an anchor has a name with other characters than letters, digits, - and _; rename it');
}

/** A tag as it is written: what it means is for the directives of the document to say. */
export type WrittenTag = { readonly handle: string; readonly suffix: string };

/** Reads a tag. */
export function scanTag(cursor: Cursor): WrittenTag {
  const tag = cursor.peek(1) === less ? scanWholeTag(cursor) : scanShortTag(cursor);
  if (isWordEnd(cursor.peek())) return tag;
  throw cursor.error(notWell);
}

function scanWholeTag(cursor: Cursor): WrittenTag {
  cursor.at += 2;
  const suffix = scanAddress(cursor, '');
  if (cursor.peek() !== greater) throw cursor.error(notWell);
  cursor.at++;
  return { handle: '', suffix };
}

function scanShortTag(cursor: Cursor): WrittenTag {
  const head = scanHandle(cursor);
  if (head.length > 1 && head.endsWith('!')) return { handle: head, suffix: scanAddress(cursor, '') };
  const suffix = scanAddress(cursor, head);
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix };
}

/** `!`, `!!` or `!name!`; also the beginning of what turns out to be no handle. */
function scanHandle(cursor: Cursor): string {
  if (cursor.peek() !== exclamation) throw cursor.error(notWell);
  cursor.at++;
  const name = `!${scanName(cursor)}`;
  if (cursor.peek() !== exclamation) return name;
  cursor.at++;
  return `${name}!`;
}

const addressCharacters = /[\w\-;/?:@&=+$,.!~*'()[\]%]*/y;

/** Reads the address that a tag is or ends with, behind a beginning whose first character doesn't count. */
function scanAddress(cursor: Cursor, head: string): string {
  addressCharacters.lastIndex = cursor.at;
  const written = addressCharacters.exec(cursor.text)?.[0] ?? '';
  if (written === '' && head === '') throw cursor.error(notWell);
  const address = written.includes('%') ? decoded(written, cursor) : written;
  cursor.at += written.length;
  return head.slice(1) + address;
}

function decoded(written: string, cursor: Cursor): string {
  try {
    return decodeURIComponent(written);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw cursor.error(notWell);
  }
}

/** A line of `%`, with a tag's handle and prefix where it gives them. */
export type Directive =
  | { readonly kind: 'version'; readonly isSupported: boolean }
  | { readonly kind: 'tag-directive'; readonly handle: string; readonly prefix: string };

/** Reads a line of `%`. */
export function scanDirective(cursor: Cursor): Directive {
  if (cursor.peek() !== percent) throw cursor.error(badDirective);
  cursor.at++;
  const name = scanName(cursor);
  const directive = isWordEnd(cursor.peek()) ? scanDirectiveValue(cursor, name) : undefined;
  if (directive === undefined || !cursor.skipToNextLine()) throw cursor.error(badDirective);
  return directive;
}

function scanDirectiveValue(cursor: Cursor, name: string): Directive | undefined {
  cursor.skipBlanks();
  if (name === 'YAML') return scanVersion(cursor);
  if (name !== 'TAG') return undefined;
  const handle = scanHandle(cursor);
  if ((handle !== '!' && !handle.endsWith('!')) || !isBlank(cursor.peek())) return undefined;
  cursor.skipBlanks();
  const prefix = scanAddress(cursor, '');
  return isWordEnd(cursor.peek()) ? { kind: 'tag-directive', handle, prefix } : undefined;
}

const version = /(\d{1,2})\.(\d{1,2})/y;

function scanVersion(cursor: Cursor): Directive | undefined {
  version.lastIndex = cursor.at;
  const match = version.exec(cursor.text);
  if (match === null) return undefined;
  cursor.at += match[0].length;
  return { kind: 'version', isSupported: Number(match[1]) === 1 && Number(match[2]) === 1 };
}
