import type { Manifest } from '../object/manifest.ts';
import { managedPaths } from './managed-paths.ts';
import { pointerPaths } from './normalize.ts';
import { copyPaths, deletePaths, type Path } from './paths.ts';
import type { ObjectRules } from './rules.ts';

/** What jq expressions select in both states of an object. */
export type JqPaths = { readonly desired: readonly Path[]; readonly live: readonly Path[] };

/**
 * A desired object in which every ignored field has its live value, so that writing it leaves those fields alone. A
 * field that the live object lacks is left out. The object's identity and status are never taken over.
 */
export function respectIgnored(
  desired: Manifest,
  live: Manifest,
  rules: ObjectRules,
  jq: JqPaths = { desired: [], live: [] },
): Manifest {
  const managed = managedPaths(live, desired, rules.managers);
  const inDesired = [...managed.other, ...pointerPaths(desired, rules), ...jq.desired].filter(isContent);
  const inLive = [...managed.live, ...pointerPaths(live, rules), ...jq.live].filter(isContent);
  return copyPaths(deletePaths(desired, inDesired), live, inLive);
}

/** Fields of metadata that may be taken from a live object; the others are the API server's. */
const metadataFields: ReadonlySet<string | number> = new Set([
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
]);

function isContent(path: Path): boolean {
  const [first, second] = path;
  if (first === undefined || first === 'apiVersion' || first === 'kind' || first === 'status') return false;
  return first !== 'metadata' || (second !== undefined && metadataFields.has(second));
}
