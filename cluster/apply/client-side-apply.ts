import { formerFields, lastAppliedText } from '../../core/apply/former-fields.ts';
import { takesStrategicMerge } from '../../core/apply/merge-keys.ts';
import { mergePatch } from '../../core/apply/merge-patch.ts';
import { hasChanged } from '../../core/apply/patch-effect.ts';
import { strategicPatch } from '../../core/apply/strategic-patch.ts';
import type { OwnerEntry } from '../../core/diff/fields/field-set.ts';
import { type FormerOwners, isFormer } from '../../core/diff/fields/former-fields.ts';
import { ObjectError } from '../../core/errors.ts';
import { lastAppliedAnnotation } from '../../core/object/annotations.ts';
import { keelsonManager, updateManager } from '../../core/object/managers.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import type { PatchType, WriteOptions } from '../request/calls.ts';
import type { ClusterClient } from '../request/client.ts';

/** What a write other than server-side apply did to its object. */
export type Merged = { readonly object: Manifest; readonly effect: 'configured' | 'created' | 'unchanged' };

export type ClientSideOptions = WriteOptions & {
  /** Records the object in kubectl's annotation. One that is there is kept true either way. */
  readonly annotate: boolean;
  /** Whose fields leave the object when they are not desired any more, beside our own. */
  readonly owners: FormerOwners;
};

/**
 * Merges a manifest into the live object: sets what is desired, removes what was written before and is not desired any
 * more, leaves the rest. Built-in kinds get a strategic merge patch, so lists merge by their keys; others a JSON merge
 * patch, which takes lists as a whole.
 */
export async function applyClientSide(
  client: ClusterClient,
  manifest: Manifest,
  { annotate, owners, ...options }: ClientSideOptions,
): Promise<Merged> {
  const call = { ...options, fieldManager: updateManager };
  const live = await client.get(manifest.apiVersion, keyOf(manifest), { signal: options.signal });
  if (live === undefined) {
    try {
      return {
        object: await client.create(annotate ? annotated(manifest) : manifest, call),
        effect: 'created',
      };
    } catch (error) {
      // It came into being since the look: by somebody else, or by an earlier request whose reply was lost.
      if (!isAlreadyThere(error)) throw error;
      return applyClientSide(client, manifest, { annotate, owners, ...options });
    }
  }
  const hasAnnotation = live.metadata.annotations?.[lastAppliedAnnotation] !== undefined;
  const desired = annotate || hasAnnotation ? annotated(manifest) : manifest;
  const patch = patchOf(desired, live, owners);
  const object = await client.patch(manifest.apiVersion, keyOf(manifest), patch.body, patch.type, call);
  return { object, effect: hasChanged(patch.body, live, object) ? 'configured' : 'unchanged' };
}

/** What merging a manifest into a live object would make of it, judged by the API server; nothing is stored. */
export async function tryMerge(
  client: Pick<ClusterClient, 'patch'>,
  manifest: Manifest,
  live: Manifest,
  { owners, manager, ...call }: WriteOptions & { readonly owners: FormerOwners; readonly manager: string },
): Promise<Manifest> {
  const { body, type } = patchOf(manifest, live, owners, manager);
  return await client.patch(manifest.apiVersion, keyOf(live), body, type, { ...call, dryRun: true });
}

function patchOf(
  desired: Manifest,
  live: Manifest,
  owners: FormerOwners,
  own = keelsonManager,
): { readonly body: unknown; readonly type: PatchType } {
  const counts = (owner: OwnerEntry): boolean => owner.manager === own || isFormer(owner, owners);
  const states = { ...formerFields(live, counts), live };
  const { group, kind } = keyOf(desired);
  return takesStrategicMerge(group)
    ? { body: strategicPatch(kind, { desired, ...states }), type: 'strategic' }
    : { body: mergePatch(desired, states), type: 'merge' };
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
