import type { ResourceStatus } from '../../../core/application/status.ts';
import { KeelsonError, ObjectError } from '../../../core/errors.ts';
import { keyId, type ResourceKey } from '../../../core/object/key.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { trackedOf } from '../../../core/sync/tracking/tracking.ts';
import { alignTracking, isFormerlyTracked } from '../../../core/sync/tracking/tracking-align.ts';
import { whyNotOurs } from '../../../core/sync/walk/judge-delete.ts';
import type { LiveCluster } from '../live-clusters.ts';
import { readUnwatched } from './unwatched.ts';

type Side = Pick<LiveCluster, 'cache' | 'client'>;

/**
 * The live object under a key: from the cache, or straight from the cluster for a kind that isn't watched. What
 * may not be read counts as missing.
 */
export async function readLive(
  { cache, client }: Side,
  apiVersion: string,
  key: ResourceKey,
): Promise<Manifest | undefined> {
  const cached = cache.get(key);
  if (cached !== undefined || cache.watches(key.group, key.kind)) return cached;
  return readDirectly(client, apiVersion, key);
}

/** What holds a read up for longer, such as a conversion webhook that hangs, must not hold up the other objects. */
const readMilliseconds = 5000;

async function readDirectly(
  client: Side['client'],
  apiVersion: string,
  key: ResourceKey,
): Promise<Manifest | undefined> {
  if (key.name === '') return undefined;
  try {
    return await client.get(apiVersion, key, { signal: AbortSignal.timeout(readMilliseconds) });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') {
      const message = `could not be read within ${readMilliseconds / 1000} s; see what its API server waits for`;
      throw new ObjectError('timeout', key, message, { passing: 'unexplained', cause: error });
    }
    // A kind that the cluster doesn't serve, or that this identity can't see, has no object to compare with.
    if (error instanceof KeelsonError && ['kind-unknown', 'forbidden'].includes(error.code)) return undefined;
    throw error;
  }
}

/** A definition's change is told by an event, which the API server may send before it acts upon it. */
const longestKnownMilliseconds = 10 * 60 * 1000;

type Known = { readonly object: Promise<Manifest>; readonly until: number };

/** Conversions of cached objects, by the cluster they were asked of; a new state of an object is another key. */
const converted = new WeakMap<Side['client'], WeakMap<Manifest, Map<string, Known>>>();

/**
 * A live object in the version in which it is desired; the cache holds the version that the cluster prefers. Fails with
 * `kind-unknown` where that version isn't served: the object can't be applied then, whatever it looks like in another.
 */
export function inVersion(client: Side['client'], live: Manifest, apiVersion: string): Promise<Manifest> {
  if (live.apiVersion === apiVersion) return Promise.resolve(live);
  const ofCluster = converted.get(client) ?? new WeakMap<Manifest, Map<string, Known>>();
  converted.set(client, ofCluster);
  const known = ofCluster.get(live) ?? new Map<string, Known>();
  ofCluster.set(live, known);
  const found = known.get(apiVersion);
  if (found !== undefined && found.until > performance.now()) return found.object;
  const asked = client.get(apiVersion, keyOf(live)).then((object) => object ?? live);
  known.set(apiVersion, { object: asked, until: performance.now() + longestKnownMilliseconds });
  asked.catch(() => known.delete(apiVersion));
  return asked;
}

/** Forgets what objects look like in other versions, as a definition has changed: one may not be served any more. */
export function forgetConversions(client: Side['client']): void {
  converted.delete(client);
}

/** A desired object and a live one as they can be compared: in one version, and with the same tracking marks. */
export async function comparablePair<Desired extends { readonly manifest: Manifest }>(
  cluster: Pick<LiveCluster, 'client' | 'settings'>,
  desired: Desired,
  live: Manifest,
  instance: string,
): Promise<{ readonly desired: Desired; readonly live: Manifest }> {
  const { tracking } = cluster.settings;
  const current = await inVersion(cluster.client, live, desired.manifest.apiVersion);
  const manifest = alignTracking(desired.manifest, current, { instance, tracking });
  return { desired: { ...desired, manifest }, live: current };
}

/**
 * Objects that the last comparison listed and that only a label of our own hand still names: they came before the
 * tracking method changed, and nothing else would remember them. They are pruned like any other.
 */
function formerlyTracked(
  cluster: Pick<LiveCluster, 'cache' | 'settings'>,
  listed: readonly ResourceStatus[],
  instance: string,
): Manifest[] {
  const { tracking } = cluster.settings;
  if (tracking.method === 'label') return [];
  return listed.flatMap((one) => {
    const live = one.hook === true ? undefined : cluster.cache.get(listedKey(one));
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
  cluster: Pick<LiveCluster, 'address' | 'cache' | 'client' | 'settings' | 'unwatched'>,
  of: {
    readonly instance: string;
    readonly wanted: readonly ResourceKey[];
    readonly listed: readonly ResourceStatus[];
    /** Objects that the application may have besides. */
    readonly supposed?: readonly ResourceKey[] | undefined;
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
  const tracked = cluster.cache.tracked(of.instance).map((object) => ({ object, formerlyTracked: false }));
  const former = formerlyTracked(cluster, of.listed, of.instance).map((object) => ({
    object,
    formerlyTracked: true,
  }));
  const watched = takeNew([...tracked, ...former]);
  const candidates = [...of.listed.map(listedKey), ...(of.supposed ?? [])];
  const read = await readUnwatched(cluster, of.instance, candidates, seen);
  return [...watched, ...takeNew(read.flatMap((object) => undesired(cluster, object, of.instance)))];
}

function undesired(
  { settings: { tracking } }: Pick<LiveCluster, 'settings'>,
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
