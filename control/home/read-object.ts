import { readApplication } from '../../core/application/spec/read-application.ts';
import type { Origin } from '../../core/home/incarnation.ts';
import { formatIssues } from '../../core/issue.ts';
import { refreshAnnotation } from '../../core/object/annotations.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { ApplicationWrite } from '../../db/queries/application/application.ts';

/** What an owner decides by an object, or why it can't be read. */
export type ReadObject =
  | { readonly write: ApplicationWrite; readonly fault?: never }
  | { readonly fault: string; readonly write?: never };

/**
 * Reads an Application object. A refresh that is asked for by it is a request and no decision, unless it came with what
 * somebody wrote by the API.
 */
export function readObject(object: Manifest, origin?: Origin): ReadObject {
  const read = readApplication(object);
  if (read.issues !== undefined) return { fault: formatIssues(read.issues) };
  const { metadata, spec } = read.value;
  const { [refreshAnnotation]: _, ...others } = metadata.annotations ?? {};
  const annotations = origin === 'write' ? (metadata.annotations ?? {}) : others;
  return {
    write: {
      project: spec.project,
      labels: metadata.labels ?? {},
      annotations,
      finalizers: metadata.finalizers ?? [],
      spec,
    },
  };
}
