import { KeelsonError, ObjectError } from '../../core/errors.ts';
import { groupOf, keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { isRecreatableKind } from '../../core/sync/options/option-places.ts';
import { trackedOf } from '../../core/sync/tracking/tracking.ts';
import type { Deletable, DeleteVerdict } from '../../core/sync/walk/judge-delete.ts';
import type { WriteOptions } from '../request/calls.ts';
import type { ClusterClient } from '../request/client.ts';
import { deleteJudged } from './delete-object.ts';
import { untilGone } from './until-gone.ts';

/** Whether an object may be deleted and created anew at all. */
export function isRecreatable(manifest: Manifest): boolean {
  return isRecreatableKind({ group: groupOf(manifest.apiVersion), kind: manifest.kind });
}

/**
 * Whether recreating the object gets past a refusal: fields that can't change any more do not matter to a new object.
 * A refusal of another kind would meet the new object too, and then the old one would be lost; so the API server is
 * asked first whether it would take the object under a free name.
 */
export async function curesRefusal(
  client: ClusterClient,
  manifest: Manifest,
  error: unknown,
  { force, call }: { readonly force: boolean; readonly call: WriteOptions },
): Promise<boolean> {
  if (!(error instanceof KeelsonError) || !isRecreatable(manifest)) return false;
  if (error.code === 'immutable-field') return force || isBinding(manifest);
  if (!force || !isInvalid(error)) return false;
  const name = `${(manifest.metadata.name ?? '').slice(0, 40)}-probe`;
  try {
    await client.create({ ...manifest, metadata: { ...manifest.metadata, name } }, { ...call, dryRun: true });
    return true;
  } catch (refusal) {
    if (!(refusal instanceof KeelsonError) || refusal.retryable) throw refusal;
    return false;
  }
}

/** Whether the API server has read an object and refused its values. */
export function isInvalid(error: unknown): error is KeelsonError {
  if (!(error instanceof KeelsonError)) return false;
  return error.code === 'object-invalid' && error.details['reason'] === 'Invalid';
}

/** The role of a binding can't change, and a new binding in its place loses nothing. */
function isBinding({ apiVersion, kind }: Manifest): boolean {
  return groupOf(apiVersion) === 'rbac.authorization.k8s.io' && kind.endsWith('RoleBinding');
}

/** Why a live object may not be deleted to be created anew; undefined when it may. */
export type WhyNotRecreated = (live: Deletable) => Promise<string | undefined>;

type Recreation = {
  readonly whyNotRecreated?: WhyNotRecreated | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long finalizers may hold the object; past this the operation's own retry goes on. */
  readonly goneMs?: number | undefined;
};

/**
 * Deletes the live object and creates it anew by the given write. When that is refused, the former object is created
 * again, so that a refusal leaves the cluster with what it had.
 */
export async function recreateObject(
  client: ClusterClient,
  manifest: Manifest,
  create: () => Promise<Manifest>,
  { whyNotRecreated, signal, goneMs = defaultGoneMs }: Recreation,
): Promise<Manifest> {
  const key = keyOf(manifest);
  const deletion = await deleteJudged(client, {
    apiVersion: manifest.apiVersion,
    key,
    propagationPolicy: 'background',
    signal,
    judge: async (live): Promise<DeleteVerdict> => {
      const reason = await whyNotRecreated?.(live);
      if (reason !== undefined) return { act: 'keep', reason };
      return { act: live.metadata.deletionTimestamp === undefined ? 'delete' : 'leave' };
    },
  });
  if (deletion.state === 'gone') return await create();
  const { live } = deletion;
  if (deletion.state === 'kept') throw notRecreated(manifest, deletion.reason);
  const deadline = performance.now() + goneMs;
  const leaving = { apiVersion: manifest.apiVersion, key, uid: live.metadata.uid };
  await untilGone(client, leaving, signal, (still) => {
    if (performance.now() > deadline) throw heldByFinalizers(still);
  });
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.retryable) throw error;
    const rest = await restore(client, live, signal);
    const message = `was deleted to be created anew, but that was refused; ${rest}: ${error.message}`;
    throw new ObjectError(error.code, key, message, { cause: error });
  }
}

/** Refuses in a dry run what a real one would refuse: that a live object is deleted which may not be. */
export async function tryRecreation(
  client: ClusterClient,
  manifest: Manifest,
  { whyNotRecreated, signal }: Recreation,
): Promise<void> {
  const live = await client.get(manifest.apiVersion, keyOf(manifest), { signal });
  const reason = live === undefined ? undefined : await whyNotRecreated?.(trackedOf(live));
  if (reason !== undefined) throw notRecreated(manifest, reason);
}

function notRecreated(manifest: Manifest, reason: string): ObjectError {
  const message = `would have to be deleted and created anew, but ${reason}; take it out of this source, or have it deleted where it belongs`;
  return new ObjectError('precondition-failed', keyOf(manifest), message);
}

/** Owns the fields of an object that was created again: not all of them came from Git, so no sync removes them. */
const restoreManager = 'keelson-restore';

/** Creates the former object again; says in words how that went. */
async function restore(
  client: ClusterClient,
  live: Manifest,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    const options = { fieldValidation: 'Ignore', fieldManager: restoreManager, signal } as const;
    await client.create(withoutServerFields(live), options);
    return 'the former object was created again';
  } catch (error) {
    // Both refusals go into the one message that the caller throws.
    if (!(error instanceof KeelsonError)) throw error;
    return `the former object could not be created again either (${error.message})`;
  }
}

function withoutServerFields({ status: _status, ...live }: Manifest): Manifest {
  const { name, namespace, labels, annotations, finalizers, ownerReferences } = live.metadata;
  const metadata = { name, namespace, labels, annotations, finalizers, ownerReferences };
  const kept = Object.entries(metadata).filter(([, value]) => value !== undefined);
  return { ...live, metadata: Object.fromEntries(kept) };
}

const defaultGoneMs = 60_000;

function heldByFinalizers(live: Manifest): ObjectError {
  const holders = (live.metadata.finalizers ?? []).join(', ');
  const message = `is being deleted to be created anew, but its finalizers hold it (${holders}); see what should remove them`;
  return new ObjectError('timeout', keyOf(live), message, { retryable: true });
}
