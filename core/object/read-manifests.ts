import type { Issue } from '../issue.ts';
import { checkDepth } from '../yaml/json-text.ts';
import { type ReadDocument, readDocuments } from '../yaml/read.ts';
import { UnreadableError } from '../yaml/unreadable.ts';
import { checkManifest } from './check-manifest.ts';
import type { Manifest } from './manifest.ts';

/** An issue in a file of manifests; `path` is `file:line (document n)`. */
export type ManifestIssue = Issue & {
  readonly file: string;
  /** Document of the file, from 1. */
  readonly document: number;
  readonly line: number;
  /** Whether the document could not be read at all, and is not only another thing than a manifest. */
  readonly unread?: true;
};

/** The objects that could be read, and what is wrong with the others. */
export type ReadManifests = {
  readonly manifests: readonly Manifest[];
  readonly issues: readonly ManifestIssue[];
  /** Why a file was left out of which nobody knows whether it holds manifests. */
  readonly leftOut?: ManifestIssue;
};

type Parsed = { manifests: Manifest[]; issues: ManifestIssue[]; firstBroken: number };

/** Reads every object of a YAML stream or JSON text. Lists are flattened, empty documents dropped. */
export function readManifests(text: string, file: string): ReadManifests {
  const { manifests, issues } = collect(readDocuments(text, 'manifests'), file);
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
  const { manifests, issues, firstBroken } = collect(readDocuments(text, 'manifests'), file);
  if (issues.length === 0 || file.endsWith('.json')) return { manifests, issues };
  if (firstBroken > 0 || marksOfManifest.every((mark) => mark.test(text))) return { manifests, issues };
  const leftOut = issues.find(({ unread }) => unread === true);
  return { manifests: [], issues: [], ...(leftOut === undefined ? {} : { leftOut }) };
}

/** The fields of every manifest, as YAML or JSON writes them. */
const marksOfManifest = [/apiVersion["']?\s*:/, /kind["']?\s*:/, /metadata["']?\s*:/];

/** Checks values that a tool has printed, as the documents of a stream are checked. */
export function readManifestValues(values: readonly unknown[], file: string): ReadManifests {
  const { manifests, issues } = collect(values.map(withinDepth), file);
  // They have no lines of their own in the file.
  const placed = issues.map((issue) => ({
    ...issue,
    path: values.length > 1 ? `${file} (object ${issue.document})` : file,
  }));
  return { manifests, issues: placed };
}

function withinDepth(value: unknown): ReadDocument {
  try {
    checkDepth(value);
    return { line: 1, value };
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return { line: 1, problem: error.message };
  }
}

function collect(documents: readonly ReadDocument[], file: string): Parsed {
  const result: Parsed = { manifests: [], issues: [], firstBroken: -1 };
  let document = 0;
  for (const read of documents) {
    document++;
    const found: { manifests: Manifest[]; problems: string[] } =
      'problem' in read ? { manifests: [], problems: [read.problem] } : checkManifest(read.value);
    if (found.problems.length > 0 && result.firstBroken === -1) result.firstBroken = result.manifests.length;
    result.manifests.push(...found.manifests);
    const path = `${file}:${read.line}${documents.length > 1 ? ` (document ${document})` : ''}`;
    for (const message of found.problems) {
      const unread = 'problem' in read ? { unread: true as const } : {};
      result.issues.push({ path, message, file, document, line: read.line, ...unread });
    }
  }
  return result;
}
