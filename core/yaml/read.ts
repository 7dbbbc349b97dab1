import { contentLine, countLines, divideStream, firstDocument, type Part } from './divide.ts';
import { type FileKind, fileKinds } from './file-kinds.ts';
import { readJsonObject, startsAsJson } from './json-text.ts';
import { parseDocument } from './parse.ts';
import { UnreadableError } from './unreadable.ts';
import { jsonValueOf } from './value.ts';

/** One document of a text: its value, or what is wrong with it. */
export type ReadDocument =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly problem: string };

/** The value of a text that holds one; throws an `UnreadableError` that names no file. */
export function readDocument(text: string, kind: FileKind): unknown {
  checkSize(text, kind);
  const json = /^[ \t\r\n]*\{/.test(text) ? readJsonObject(text, skipBlank(text, 0), 1) : undefined;
  return json !== undefined && isBlank(text, json.end) ? json.value : readYaml(text).value;
}

/** Every document of a stream. An unreadable one is told among the others, and only JSON ends with it. */
export function readDocuments(text: string, kind: FileKind): ReadDocument[] {
  const documents: ReadDocument[] = [];
  try {
    checkSize(text, kind);
    for (const document of streamOf(text)) documents.push(document);
  } catch (error) {
    documents.push(problemOf(error, 0));
  }
  return documents;
}

function* streamOf(text: string): Generator<ReadDocument> {
  const rest = startsAsJson(text) ? yield* jsonObjects(text) : { text, line: 1 };
  // Kubernetes tools read lines, and end the last one too.
  const lines = rest.text === '' || rest.text.endsWith('\n') ? rest.text : `${rest.text}\n`;
  for (const part of divideStream(lines, rest.line)) yield readPart(part);
}

/** JSON objects one after another; answers with what comes after them, which may be YAML after the first one only. */
function* jsonObjects(text: string): Generator<ReadDocument, Part> {
  let line = 1;
  let at = 0;
  for (let count = 0; ; count++) {
    const start = skipBlank(text, at);
    line += countLines(text.slice(at, start));
    const json = startsAsJson(text, start) ? readJsonObject(text, start, line) : undefined;
    if (json !== undefined) {
      yield { line, value: json.value };
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

function isBlank(text: string, from: number): boolean {
  return skipBlank(text, from) === text.length;
}

function skipLine(text: string, from: number): number {
  const blank = /[^\S\n]*\n?/y;
  blank.lastIndex = from;
  return from + (blank.exec(text)?.[0].length ?? 0);
}

function readPart(part: Part | UnreadableError): ReadDocument {
  if (part instanceof UnreadableError) return { line: part.line, problem: part.message };
  try {
    const { value, passedOver } = readYaml(part.text);
    if (passedOver === undefined) return { line: part.line + contentLine(part.text), value };
    return {
      line: part.line + countLines(part.text.slice(0, passedOver)),
      problem: 'is passed over by kubectl, since ... ends a document for good; separate documents by ---',
    };
  } catch (error) {
    return problemOf(error, part.line - 1);
  }
}

function readYaml(text: string): { value: unknown; passedOver?: number } {
  // Go's reader passes over byte order marks, and for it a NEL is a line break like any other.
  const plain = text.replace(/^(\n?)\uFEFF+/, '$1').replaceAll('\u0085', '\n');
  const { document, passedOver } = firstDocument(plain);
  const value = jsonValueOf(parseDocument(document));
  return passedOver === undefined
    ? { value }
    : { value, passedOver: passedOver + text.length - plain.length };
}

function problemOf(error: unknown, linesBefore: number): ReadDocument {
  if (error instanceof UnreadableError) return { line: error.line + linesBefore, problem: error.message };
  throw error;
}

function checkSize(text: string, kind: FileKind): void {
  const { maxCharacters } = fileKinds[kind];
  if (text.length <= maxCharacters) return;
  throw new UnreadableError(`is larger than ${maxCharacters} characters; split it`, 1);
}
