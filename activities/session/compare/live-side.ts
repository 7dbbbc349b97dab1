import type { ResourceStatus } from '../../../core/application/status.ts';
import { KeelsonError, ObjectError } from '../../../core/errors.ts';
import { keyId, type ResourceKey } from '../../../core/object/key.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { trackedOf } from '../../../core/sync/tracking/tracking.ts';
import { isFormerlyTracked } from '../../../core/sync/tracking/tracking-align.ts';
import { whyNotOurs } from '../../../core/sync/walk/judge-delete.ts';
import type { ClusterView } from '../cluster-view.ts';
import { readUnwatched, type Unwatched } from './unwatched.ts';

/**
 * The live object under a key: from the cache, or straight from the cluster for a kind that isn't watched. What
 * may not be read counts as missing.
 */
export async function readLive(
  view: Pick<ClusterView, 'direct' | 'get' | 'watches'>,
  apiVersion: string,
  key: ResourceKey,
): Promise<Manifest | undefined> {
  const cached = view.get(key);
  if (cached !== undefined || view.watches(key.group, key.kind)) return cached;
  return readDirectly(view, apiVersion, key);
}

/** What holds a read up for longer, such as a conversion webhook that hangs, must not hold up the other objects. */
const readMilliseconds = 5000;

async function readDirectly(
  { direct }: Pick<ClusterView, 'direct'>,
  apiVersion: string,
  key: ResourceKey,
): Promise<Manifest | undefined> {
  if (key.name === '') return undefined;
  try {
    return await direct.get(apiVersion, key, { signal: AbortSignal.timeout(readMilliseconds) });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') {
      const message = `could not be read within ${readMilliseconds / 1000} s; see what its API server waits for`;
      throw new ObjectError('timeout', key, message, { transience: 'unexplained', cause: error });
    }
    // A kind that the cluster doesn't serve, or that this identity can't see, has no object to compare with.
    if (error instanceof KeelsonError && ['kind-unknown', 'forbidden'].includes(error.code)) return undefined;
    throw error;
  }
}

/**
 * Objects that the last comparison listed and that only a label of our own hand still names: they came before the
 * tracking method changed, and nothing else would remember them. They are pruned like any other.
 */
function formerlyTracked(
  view: Pick<ClusterView, 'get' | 'settings'>,
  listed: readonly ResourceStatus[],
  instance: string,
): Manifest[] {
  const { tracking } = view.settings;
  if (tracking.method === 'label') return [];
  return listed.flatMap((one) => {
    const live = one.hook === true ? undefined : view.get(listedKey(one));
    return live !== undefined && isFormerlyTracked(live, { instance, tracking }) ? [live] : [];
  });
}

/** An object that is an application's and not desired. */
export type Undesired = { readonly object: Manifest; readonly formerlyTracked: boolean };

/**
 * Objects of an application beside the desired ones, each once: from the cache, and of kinds that aren't watched those
 * that it had when it was looked at or planned last.
 */
export async function undesiredObjects(
  cluster: Unwatched & { readonly view: Pick<ClusterView, 'get' | 'settings' | 'tracked'> },
  of: {
    readonly instance: string;
    readonly wanted: readonly ResourceKey[];
    readonly listed: readonly ResourceStatus[];
    /** Objects that the application may have besides. */
    readonly supposed?: readonly ResourceKey[] | undefined;
    /** Whether nothing may be missed, so that those which the cache doesn't know are read from the cluster. */
    readonly surely?: boolean;
  },
): Promise<Undesired[]> {
  const seen = new Set(of.wanted.map(keyId));
  const takeNew = (found: readonly Undesired[]): Undesired[] =>
    found.filter(({ object }) => {
      const id = keyId(keyOf(object));
      if (seen.has(id)) return false;
      seen.add(id);
      return true;
    });
  const tracked = cluster.view.tracked(of.instance).map((object) => ({ object, formerlyTracked: false }));
  const former = formerlyTracked(cluster.view, of.listed, of.instance).map((object) => ({
    object,
    formerlyTracked: true,
  }));
  const watched = takeNew([...tracked, ...former]);
  const candidates = [...of.listed.map(listedKey), ...(of.supposed ?? [])];
  const asked = { instance: of.instance, candidates, known: seen, watchedToo: of.surely === true };
  const read = await readUnwatched(cluster, asked);
  return [...watched, ...takeNew(read.flatMap((object) => undesired(cluster.view, object, of.instance)))];
}

function undesired(
  { settings: { tracking } }: Pick<ClusterView, 'settings'>,
  object: Manifest,
  instance: string,
): Undesired[] {
  const owner = { instance, tracking };
  if (whyNotOurs(trackedOf(object), owner) === undefined) return [{ object, formerlyTracked: false }];
  return isFormerlyTracked(object, owner) ? [{ object, formerlyTracked: true }] : [];
}

function listedKey({ group = '', kind = '', namespace = '', name = '' }: ResourceStatus): ResourceKey {
  return { group, kind, namespace, name };
}
