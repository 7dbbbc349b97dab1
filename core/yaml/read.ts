import { contentLine, divideStream, findContent, type Part } from './divide.ts';
import { type FileKind, fileKinds } from './file-kinds.ts';
import { readJsonObject, startsAsJson } from './json-text.ts';
import { countLines } from './lines.ts';
import { parseDocument } from './parse.ts';
import { UnreadableError } from './unreadable.ts';
import { jsonValueOf } from './value.ts';

/** A value, and what was not looked at in its text. */
export type ReadValue = {
  readonly value: unknown;
  /** Line of the text from which the final reader passes over it without a word, though something stands there. */
  readonly passedOver: number | undefined;
};

/** What is wrong with one document of a text. */
export type Unread = { readonly problem: string };

/** One document of a text: its value, or what is wrong with it. */
export type ReadDocument = { readonly line: number } & ({ readonly value: unknown } | Unread);

/** The same with what was not looked at. */
export type ReadPart = { readonly line: number } & (ReadValue | Unread);

/**
 * The value of a text that holds one; throws an `UnreadableError` that names no file. Text that the final reader would
 * pass over is an error too, since somebody wrote it.
 */
export function readDocument(text: string, kind: FileKind): unknown {
  const { value, passedOver } = readUpToEnd(text, kind);
  if (passedOver !== undefined) throw new UnreadableError(behindTheEnd, passedOver);
  return value;
}

/** The value as the final reader has it, which stops at the end of the first document; answers with where it did. */
export function readUpToEnd(text: string, kind: FileKind): ReadValue {
  checkSize(text, kind);
  const mayBeJson = fileKinds[kind].documents === 'json-or-first' && startsAsJson(text);
  const json = mayBeJson ? readJsonObject(text, skipBlank(text, 0), 1) : undefined;
  return json !== undefined && skipBlank(text, json.end) === text.length
    ? { value: json.value, passedOver: undefined }
    : readYaml(text, 1);
}

/**
 * Every document of a stream. An unreadable one is told among the others, and only JSON ends with it; so is text that the
 * final reader would pass over, at its line and in the place of the document's value.
 */
export function readDocuments(text: string, kind: FileKind): ReadDocument[] {
  return readPartsUpToEnd(text, kind).map((part) =>
    'problem' in part || part.passedOver === undefined
      ? part
      : { line: part.passedOver, problem: behindTheEnd },
  );
}

const behindTheEnd =
  'stands behind the end of its document, where nothing is read; put --- before it, or remove it';

/** Every document of a stream as the final reader has it, with the line from which on each was passed over. */
export function readPartsUpToEnd(text: string, kind: FileKind): ReadPart[] {
  const documents: ReadPart[] = [];
  try {
    checkSize(text, kind);
    for (const document of streamOf(text)) documents.push(document);
  } catch (error) {
    documents.push(problemOf(error, 0));
  }
  return documents;
}

function* streamOf(file: string): Generator<ReadPart> {
  // kubectl has its own way to take off the mark of a file, before any document is looked at.
  const text = file.startsWith(byteOrderMark) ? file.slice(1) : file;
  const rest = startsAsJson(text) ? yield* jsonObjects(text) : { text, line: 1 };
  // Kubernetes tools read lines, end each with a line feed alone, and the last one too.
  const lines = rest.text.includes('\r\n') ? rest.text.replaceAll('\r\n', '\n') : rest.text;
  const whole = lines === '' || lines.endsWith('\n') ? lines : `${lines}\n`;
  for (const part of divideStream(whole, rest.line)) yield readPart(part);
}

/** JSON objects one after another; answers with what comes after them, which may be YAML after the first one only. */
function* jsonObjects(text: string): Generator<ReadPart, Part> {
  let line = 1;
  let at = 0;
  for (let count = 0; ; count++) {
    const start = skipBlank(text, at);
    line += countLines(text.slice(at, start));
    const json = startsAsJson(text, start) ? readJsonObject(text, start, line) : undefined;
    if (json !== undefined) {
      yield { line, value: json.value, passedOver: undefined };
      line += countLines(text.slice(start, json.end));
      at = json.end;
    } else if (start === text.length) {
      return { text: '', line };
    } else if (count <= 1) {
      // Blanks up to the first line break belong to the JSON before.
      const begin = skipLine(text, at);
      return { text: text.slice(begin), line: line - countLines(text.slice(begin, start)) };
    } else {
      yield { line, problem: 'is not valid JSON: what follows the objects before is none; correct it' };
      return { text: '', line };
    }
  }
}

function skipBlank(text: string, from: number): number {
  const content = /\S|\uFEFF/g;
  content.lastIndex = from;
  return content.exec(text)?.index ?? text.length;
}

function skipLine(text: string, from: number): number {
  const blank = /[^\S\n]*\n?/y;
  blank.lastIndex = from;
  return from + (blank.exec(text)?.[0].length ?? 0);
}

function readPart(part: Part | UnreadableError): ReadPart {
  if (part instanceof UnreadableError) return { line: part.line, problem: part.message };
  try {
    return { line: part.line + contentLine(part.text), ...readYaml(part.text, part.line) };
  } catch (error) {
    return problemOf(error, part.line - 1);
  }
}

const byteOrderMark = '\uFEFF';

function readYaml(text: string, firstLine: number): ReadValue {
  // Go's reader passes over one byte order mark, and with another it loses the first character of each line.
  const document = text.startsWith(byteOrderMark) ? text.slice(1) : text;
  if (document.startsWith(byteOrderMark)) {
    throw new UnreadableError(
      'is not valid YAML: a second byte order mark begins the text; remove it',
      firstLine,
    );
  }
  const { root, end } = parseDocument(document);
  const value = jsonValueOf(root, document);
  const rest = findContent(document, end);
  const passedOver = rest === undefined ? undefined : firstLine + countLines(document.slice(0, rest));
  return { value, passedOver };
}

function problemOf(error: unknown, linesBefore: number): Unread & { readonly line: number } {
  if (error instanceof UnreadableError) return { line: error.line + linesBefore, problem: error.message };
  throw error;
}

function checkSize(text: string, kind: FileKind): void {
  const { maxCharacters } = fileKinds[kind];
  if (text.length <= maxCharacters) return;
  throw new UnreadableError(`is larger than ${maxCharacters} characters; split it`, 1);
}
