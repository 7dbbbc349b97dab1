import { formerFields, lastAppliedText } from '../core/apply/former-fields.ts';
import { takesStrategicMerge } from '../core/apply/merge-keys.ts';
import { mergePatch } from '../core/apply/merge-patch.ts';
import { hasChanged } from '../core/apply/patch-effect.ts';
import { strategicPatch } from '../core/apply/strategic-patch.ts';
import { ObjectError } from '../core/errors.ts';
import { lastAppliedAnnotation } from '../core/object/annotations.ts';
import { keyOf, type Manifest } from '../core/object/manifest.ts';
import type { WriteOptions } from './calls.ts';
import type { ClusterClient } from './client.ts';
import { updateManager } from './write-objects.ts';

/** What a write other than server-side apply did to its object. */
export type Merged = { readonly object: Manifest; readonly effect: 'configured' | 'created' | 'unchanged' };

export type ClientSideOptions = WriteOptions & {
  /** Records the object in kubectl's annotation. One that is there is kept true either way. */
  readonly annotate: boolean;
  /** Whose fields leave the object when they are not desired any more. */
  readonly managers: readonly string[];
};

/**
 * Merges a manifest into the live object: sets what is desired, removes what was written before and is not desired any
 * more, leaves the rest. Built-in kinds get a strategic merge patch, so lists merge by their keys; others a JSON merge
 * patch, which takes lists as a whole.
 */
export async function applyClientSide(
  client: ClusterClient,
  manifest: Manifest,
  { annotate, managers, ...options }: ClientSideOptions,
): Promise<Merged> {
  const key = keyOf(manifest);
  const call = { ...options, fieldManager: updateManager };
  const live = await client.get(manifest.apiVersion, key, { signal: options.signal });
  if (live === undefined) {
    try {
      return {
        object: await client.create(annotate ? annotated(manifest) : manifest, call),
        effect: 'created',
      };
    } catch (error) {
      // It came into being since the look: by somebody else, or by an earlier request whose reply was lost.
      if (!isAlreadyThere(error)) throw error;
      return applyClientSide(client, manifest, { annotate, managers, ...options });
    }
  }
  const hasAnnotation = live.metadata.annotations?.[lastAppliedAnnotation] !== undefined;
  const desired = annotate || hasAnnotation ? annotated(manifest) : manifest;
  const before = formerFields(live, managers);
  const strategic = takesStrategicMerge(key.group);
  const patch = strategic ? strategicPatch(key.kind, { desired, before, live }) : mergePatch(desired, before);
  const object = await client.patch(manifest.apiVersion, key, patch, strategic ? 'strategic' : 'merge', call);
  return { object, effect: hasChanged(patch, live, object) ? 'configured' : 'unchanged' };
}

/** Whether a creation was refused because the object exists. */
export function isAlreadyThere(error: unknown): boolean {
  return error instanceof ObjectError && error.details['reason'] === 'AlreadyExists';
}

function annotated(manifest: Manifest): Manifest {
  const annotations = {
    ...manifest.metadata.annotations,
    [lastAppliedAnnotation]: lastAppliedText(manifest),
  };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}
