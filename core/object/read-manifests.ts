import type { Document, YAMLError } from 'yaml';
import { LineCounter, parseAllDocuments } from 'yaml';
import type { Issue } from '../issue.ts';
import { checkManifest } from './check-manifest.ts';
import type { Manifest } from './manifest.ts';
import { valueOfYaml, YamlValueError } from './yaml-value.ts';

/** An issue in a file of manifests; `path` is `file:line (document n)`. */
export type ManifestIssue = Issue & {
  readonly file: string;
  /** Document of the file, from 1. */
  readonly document: number;
  readonly line: number;
};

/** The objects that could be read, and what is wrong with the others. */
export type ReadManifests = {
  readonly manifests: readonly Manifest[];
  readonly issues: readonly ManifestIssue[];
};

type Parsed = { manifests: Manifest[]; issues: ManifestIssue[]; firstBroken: number };

/** Reads every object of a YAML stream or JSON text. Lists are flattened, empty documents dropped. */
export function readManifests(text: string, file: string): ReadManifests {
  const { manifests, issues } = parseFile(text, file);
  return { manifests, issues };
}

const skipMarker = '+argocd:skip-file-rendering';

/** Whether a file asks, anywhere in its text, not to be rendered. */
export function isSkipped(text: string): boolean {
  return text.includes(skipMarker);
}

/**
 * Reads one file of a plain directory. Folders hold YAML that is no manifest (values, CI settings), so a broken YAML
 * file counts only when a document before the broken one was a manifest or the text has all the marks of one.
 */
export function readDirectoryFile(text: string, file: string): ReadManifests {
  if (isSkipped(text)) return { manifests: [], issues: [] };
  const { manifests, issues, firstBroken } = parseFile(text, file);
  if (issues.length === 0 || file.endsWith('.json')) return { manifests, issues };
  const looksLikeManifest = ['apiVersion:', 'kind:', 'metadata:'].every((mark) => text.includes(mark));
  if (firstBroken > 0 || looksLikeManifest) return { manifests, issues };
  return { manifests: [], issues: [] };
}

function parseFile(text: string, file: string): Parsed {
  const json = readJson(text);
  if (json !== undefined) return collect([{ value: json.value, line: 1 }], file);
  const lines = new LineCounter();
  const places: Place[] = [];
  try {
    // Code frames are off: they would carry lines of the file, and so of Secrets, into messages.
    const options = {
      schema: 'failsafe',
      lineCounter: lines,
      uniqueKeys: false,
      prettyErrors: false,
    } as const;
    const documents = parseAllDocuments(text.replace(/^\uFEFF/, ''), options);
    if (!Array.isArray(documents)) return collect([], file);
    for (const document of documents) places.push(readDocument(document, lines));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    places.push({ line: 1, problem: 'is nested too deeply; flatten it' });
  }
  return collect(places, file);
}

/** Checks values that a tool has printed, as the documents of a stream are checked. */
export function readManifestValues(values: readonly unknown[], file: string): ReadManifests {
  const { manifests, issues } = collect(
    values.map((value) => ({ value, line: 1 })),
    file,
  );
  // They have no lines of their own in the file.
  const placed = issues.map((issue) => ({
    ...issue,
    path: values.length > 1 ? `${file} (object ${issue.document})` : file,
  }));
  return { manifests, issues: placed };
}

type Place = { readonly line: number; readonly value?: unknown; readonly problem?: string };

/** JSON read as JSON, because YAML refuses tabs; undefined when the text is not JSON. */
function readJson(text: string): { value: unknown } | undefined {
  if (!/^\uFEFF?\s*[{[]/.test(text)) return undefined;
  try {
    return { value: JSON.parse(text.replace(/^\uFEFF/, '')) };
  } catch {
    // Safe: flow-style YAML also starts with a brace, and the YAML parser names the line of an error.
    return undefined;
  }
}

function readDocument(document: Document.Parsed, lines: LineCounter): Place {
  const [error] = document.errors;
  if (error !== undefined) {
    return { line: lines.linePos(error.pos[0]).line, problem: describeSyntax(error) };
  }
  const line = lines.linePos(document.contents?.range[0] ?? document.range[0]).line;
  try {
    return { line, value: valueOfYaml(document) };
  } catch (cause) {
    if (!(cause instanceof YamlValueError)) throw cause;
    const offset = cause.offset ?? document.range[0];
    return { line: lines.linePos(offset).line, problem: cause.message };
  }
}

function collect(places: readonly Place[], file: string): Parsed {
  const result: Parsed = { manifests: [], issues: [], firstBroken: -1 };
  let document = 0;
  for (const place of places) {
    document++;
    const found: { manifests: Manifest[]; problems: string[] } =
      place.problem === undefined ? checkManifest(place.value) : { manifests: [], problems: [place.problem] };
    if (found.problems.length > 0 && result.firstBroken === -1) result.firstBroken = result.manifests.length;
    result.manifests.push(...found.manifests);
    const path = `${file}:${place.line}${places.length > 1 ? ` (document ${document})` : ''}`;
    for (const message of found.problems) {
      result.issues.push({ path, message, file, document, line: place.line });
    }
  }
  return result;
}

const syntaxWords: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias cannot have an anchor or tag of its own; remove it',
  BAD_ALIAS: 'an alias has no valid name; write it as *name',
  BAD_DIRECTIVE: 'a directive (%...) is not valid; remove it',
  BAD_DQ_ESCAPE: 'a text in double quotes has an unknown escape; use single quotes or write \\\\',
  BAD_INDENT: 'the indentation does not fit the lines above; align it with spaces',
  BAD_PROP_ORDER: 'an anchor or tag stands in the wrong place; put it before the value',
  BAD_SCALAR_START: 'a value starts with a reserved character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a map starts on the line of another key; put it on its own line or quote the value',
  BLOCK_IN_FLOW: 'an indented block stands inside brackets; close the brackets or use one style',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters; shorten it',
  MISSING_CHAR: 'a closing quote, bracket, comma or space is missing; add it',
  MULTILINE_IMPLICIT_KEY: 'a key runs over several lines; a ":" or a quote is probably missing',
  MULTIPLE_ANCHORS: 'a value has two anchors; remove one',
  MULTIPLE_DOCS: 'a second document starts here; separate documents by ---',
  MULTIPLE_TAGS: 'a value has two tags; remove one',
  RESOURCE_EXHAUSTION: 'it is too large or nested too deeply; split it',
  TAB_AS_INDENT: 'a tab is used for indentation; use spaces',
  TAG_RESOLVE_FAILED: 'a tag cannot be resolved; remove it',
  UNEXPECTED_TOKEN: 'text stands where none is expected; check the indentation and quotes around it',
};

/** The parser's own messages quote the text, which may be a Secret's; these words do not. */
function describeSyntax(error: YAMLError): string {
  return `is not valid YAML: ${syntaxWords[error.code] ?? 'the syntax is wrong here; check this line'}`;
}
