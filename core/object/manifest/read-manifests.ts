import type { Issue } from '../../issue.ts';
import { checkDepth } from '../../yaml/json-text.ts';
import { type ReadDocument, readDocuments, readPartsUpToEnd } from '../../yaml/read.ts';
import { UnreadableError } from '../../yaml/unreadable.ts';
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

/** Why a text may hold more objects than were read of it. */
export type Doubt = ManifestIssue & {
  readonly doubt:
    | 'left out' // A file that can't be read, and of which nobody knows whether it holds manifests.
    | 'passed over'; // What stands behind the end of a document, where kubectl doesn't look.
};

/** The objects that could be read, what is wrong with the others, and whether there may be more. */
export type ReadManifests = {
  readonly manifests: readonly Manifest[];
  readonly issues: readonly ManifestIssue[];
  readonly doubts: readonly Doubt[];
};

type Parsed = { manifests: Manifest[]; issues: ManifestIssue[]; doubts: Doubt[]; firstBroken: number };

/**
 * Reads every object of a YAML stream or JSON text that somebody gives. Lists are flattened, empty documents dropped.
 * What kubectl would pass over is an issue: whoever gave it is there to correct it.
 */
export function readManifests(text: string, file: string): Pick<ReadManifests, 'manifests' | 'issues'> {
  const { manifests, issues } = collect(readDocuments(text, 'manifests'), file);
  return { manifests, issues };
}

/** The same of what a tool has printed: what kubectl would pass over is passed over, and told. */
export function readPrintedManifests(text: string, file: string): ReadManifests {
  const { manifests, issues, doubts } = collect(readPartsUpToEnd(text, 'manifests'), file);
  return { manifests, issues, doubts };
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
  if (isSkipped(text)) return { manifests: [], issues: [], doubts: [] };
  const { manifests, issues, doubts, firstBroken } = collect(readPartsUpToEnd(text, 'manifests'), file);
  if (issues.length === 0 || file.endsWith('.json')) return { manifests, issues, doubts };
  if (firstBroken > 0 || marksOfManifest.every((mark) => mark.test(text)))
    return { manifests, issues, doubts };
  const unread = issues.filter((issue) => issue.unread === true).slice(0, 1);
  return {
    manifests: [],
    issues: [],
    doubts: [...unread.map((issue) => ({ ...issue, doubt: 'left out' as const })), ...doubts],
  };
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
  return { manifests, issues: placed, doubts: [] };
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

/** A document, with where the final reader stopped in it where that is known and no problem. */
type Read = ReadDocument & { readonly passedOver?: number | undefined };

function collect(documents: readonly Read[], file: string): Parsed {
  const result: Parsed = { manifests: [], issues: [], doubts: [], firstBroken: -1 };
  let document = 0;
  for (const read of documents) {
    document++;
    const found: { manifests: Manifest[]; problems: string[] } =
      'problem' in read ? { manifests: [], problems: [read.problem] } : checkManifest(read.value);
    if (found.problems.length > 0 && result.firstBroken === -1) result.firstBroken = result.manifests.length;
    result.manifests.push(...found.manifests);
    const place = (line: number) => ({
      path: `${file}:${line}${documents.length > 1 ? ` (document ${document})` : ''}`,
      ...{ file, document, line },
    });
    for (const message of found.problems) {
      const unread = 'problem' in read ? { unread: true as const } : {};
      result.issues.push({ ...place(read.line), message, ...unread });
    }
    if ('problem' in read || read.passedOver === undefined) continue;
    result.doubts.push({ ...place(read.passedOver), message: passedOver, doubt: 'passed over' });
  }
  return result;
}

const passedOver =
  'stands behind the end of its document, where kubectl does not look; put --- before it, or remove it';
