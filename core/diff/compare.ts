import { lastAppliedAnnotation } from '../object/annotations.ts';
import { canonicalJson } from '../object/json/canonical.ts';
import { isFields } from '../object/manifest/check-manifest.ts';
import type { Manifest } from '../object/manifest/manifest.ts';

/** Metadata that the API server keeps by itself and that says nothing about what was asked for. */
const serverFields: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]);

/** Whether two states of an object are the same but for what the API server keeps by itself. */
export function isUnchanged(live: Manifest, predicted: Manifest): boolean {
  return canonicalJson(comparable(live)) === canonicalJson(comparable(predicted));
}

function comparable(manifest: Manifest): Readonly<Record<string, unknown>> {
  const { metadata, ...content } = manifest;
  // A rule may have left out all of it.
  const kept = Object.entries(metadata ?? {}).filter(([field]) => !serverFields.has(field));
  return { ...content, metadata: withoutLastApplied(Object.fromEntries(kept)) };
}

/** kubectl's own note goes with the takeover of an object, and nobody asked for it in a manifest. */
function withoutLastApplied(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { annotations, ...rest } = metadata;
  if (!isFields(annotations)) return metadata;
  const { [lastAppliedAnnotation]: _, ...kept } = annotations;
  return Object.keys(kept).length === 0 ? rest : { ...rest, annotations: kept };
}

/**
 * What of a live object can change a dry run's answer, as canonical JSON: all but status, counters and the times in
 * managedFields. Who owns a field stays in, because the same values under another owner apply differently.
 */
export function liveFingerprintSource(live: Manifest): string {
  const { status: _, metadata, ...content } = live;
  const { resourceVersion: _version, generation: _generation, managedFields, ...kept } = metadata;
  return canonicalJson({ ...content, metadata: { ...kept, managedFields: managedFields?.map(withoutTime) } });
}

function withoutTime(entry: unknown): unknown {
  if (!isFields(entry)) return entry;
  const { time: _, ...kept } = entry;
  return kept;
}
