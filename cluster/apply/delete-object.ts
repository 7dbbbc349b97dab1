import { KeelsonError, ObjectError } from '../../core/errors.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { trackedOf } from '../../core/sync/tracking/tracking.ts';
import type { Deletable, DeleteVerdict } from '../../core/sync/walk/judge-delete.ts';
import type { DeleteOptions } from '../request/calls.ts';
import type { ClusterClient } from '../request/client.ts';

/** Judgements of an object that somebody keeps writing; past these the caller's own retry goes on. */
const mostJudgements = 20;

/** The object that is to be deleted, and how. */
export type JudgedDeletion = Pick<DeleteOptions, 'dryRun' | 'propagationPolicy' | 'signal'> & {
  readonly apiVersion: string;
  readonly key: ResourceKey;
  /** Decides by the live object whether it goes. */
  readonly judge: (live: Deletable) => DeleteVerdict | Promise<DeleteVerdict>;
  /** What is done to an object before it is deleted, or while it goes; answers with its new state. */
  readonly release?: ((live: Manifest) => Promise<Manifest | undefined>) | undefined;
};

/** What came of a deletion; the object as it was judged last. */
export type DeletionOutcome =
  | { readonly state: 'gone' }
  | { readonly state: 'deleted' | 'going'; readonly live: Manifest }
  | { readonly state: 'kept'; readonly live: Manifest; readonly reason: string };

/**
 * The one door through which objects are deleted: reads the live object, has it judged, and deletes just that state of
 * it. Whatever changes the object in between makes the API server refuse, and the new state is judged.
 */
export async function deleteJudged(
  client: ClusterClient,
  deletion: JudgedDeletion,
): Promise<DeletionOutcome> {
  const { apiVersion, key, signal } = deletion;
  for (let judged = 0; judged < mostJudgements; judged++) {
    signal?.throwIfAborted();
    const live = await client.get(apiVersion, key, { signal });
    if (live === undefined) return { state: 'gone' };
    const outcome = await deleteState(client, live, deletion);
    if (outcome !== undefined) return outcome;
  }
  const message = `changed each of the ${mostJudgements} times that it was to be deleted; it is tried again`;
  throw new ObjectError('conflict', key, message, { retryable: true });
}

/** Deletes one state of an object if that is what it asks for; undefined when it has changed meanwhile. */
async function deleteState(
  client: ClusterClient,
  live: Manifest,
  { apiVersion, key, judge, release, ...options }: JudgedDeletion,
): Promise<DeletionOutcome | undefined> {
  const verdict = await judge(trackedOf(live));
  if (verdict.act === 'keep') return { state: 'kept', live, reason: verdict.reason };
  const released = options.dryRun === true || release === undefined ? live : await release(live);
  if (released === undefined) return { state: 'gone' };
  if (verdict.act === 'leave') return { state: 'going', live };
  const { uid, resourceVersion } = released.metadata;
  try {
    const left = await client.delete(apiVersion, key, { ...options, uid, resourceVersion });
    return left === 'gone' ? { state: 'gone' } : { state: 'deleted', live };
  } catch (error) {
    if (error instanceof KeelsonError && error.code === 'conflict') return undefined;
    throw error;
  }
}
