import { UnreadableError } from './unreadable.ts';

/** A part of a text with the line it starts on, from 1. */
export type Part = { readonly text: string; readonly line: number };

/** A line that begins like this ends a document for Kubernetes tools, whatever the document is in the middle of. */
const separator = '---';

/** The documents of a stream as Kubernetes tools divide it; a separator with text behind it is an error to them. */
export function* divideStream(text: string, firstLine: number): Generator<Part | UnreadableError> {
  let line = firstLine;
  let start = 0;
  for (let at = text.startsWith(separator) ? 0 : nextSeparator(text, 0); at !== -1; ) {
    const part = text.slice(start, at);
    if (part !== '') yield { text: part, line };
    line += countLines(part);
    const end = endOfLine(text, at);
    const behind = text.slice(at + separator.length, end).trim();
    if (behind !== '' && !behind.startsWith('#')) {
      yield new UnreadableError(
        'is not valid YAML: text stands behind the separator ---; move it to the next line',
        line,
      );
      return;
    }
    // The break stays with what follows, so that a separator on the next line is found.
    start = end;
    at = nextSeparator(text, end);
  }
  if (start < text.length) yield { text: text.slice(start), line };
}

function nextSeparator(text: string, from: number): number {
  const found = text.indexOf(`\n${separator}`, from);
  return found === -1 ? -1 : found + 1;
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found === -1 ? text.length : found;
}

/** The line breaks in a text. */
export function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

const mark = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;
const content = /^(?!%)[^\S\r\n\u2028\u2029]*[^\s#]/m;
const contentBesideMarks = /^(?!(?:---|\.\.\.)(?:[ \t\r\n]|$))[^\S\r\n\u2028\u2029]*[^\s#]/m;

/**
 * Cuts off what follows the first document of a text, which is all that Go's reader looks at. `passedOver` is where
 * something else begins in the rest.
 */
export function firstDocument(text: string): { readonly document: string; readonly passedOver?: number } {
  if (!hasMarks(text)) return { document: text };
  let isOpen = false;
  for (const { 0: found, index } of text.matchAll(mark)) {
    if (!isOpen && found === separator && !content.test(text.slice(0, index))) {
      // The document begins here.
      isOpen = true;
      continue;
    }
    const more = text.slice(index).search(contentBesideMarks);
    const document = text.slice(0, index);
    return more === -1 ? { document } : { document, passedOver: index + more };
  }
  return { document: text };
}

function hasMarks(text: string): boolean {
  // Two plain searches take a tenth of the pattern's time.
  return (
    text.startsWith(separator) ||
    text.startsWith('...') ||
    text.includes(`\n${separator}`) ||
    text.includes('\n...') ||
    text.includes('\r')
  );
}

/** The line of a document's first character that is neither blank nor comment nor mark, counted from 0. */
export function contentLine(text: string): number {
  const at = text.search(contentBesideMarks);
  return at === -1 ? 0 : countLines(text.slice(0, at));
}
