import { countLines } from './lines.ts';
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
    if (part !== '') yield withoutBreak(part, line, start > 0);
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
  if (start < text.length) yield withoutBreak(text.slice(start), line, start > 0);
}

function withoutBreak(text: string, line: number, isBehindSeparator: boolean): Part {
  return isBehindSeparator ? { text: text.slice(1), line: line + 1 } : { text, line };
}

function nextSeparator(text: string, from: number): number {
  const found = text.indexOf(`\n${separator}`, from);
  return found === -1 ? -1 : found + 1;
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found === -1 ? text.length : found;
}

// Blanks are of one line alone: each of many separators of lines would be tried with all that follow.
const content = /^(?!(?:---|\.\.\.)(?:[ \t\r\n]|$))[^\S\r\n\u2028\u2029]*[^\s#]/m;

/** Where something stands in a text that is neither blank nor comment nor mark; undefined if nothing does. */
export function findContent(text: string, from: number): number | undefined {
  const at = text.slice(from).search(content);
  return at === -1 ? undefined : from + at;
}

/** The line of a document's first character that is neither blank nor comment nor mark, counted from 0. */
export function contentLine(text: string): number {
  return countLines(text.slice(0, findContent(text, 0) ?? 0));
}
