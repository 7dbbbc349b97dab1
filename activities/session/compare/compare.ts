import type { Health, ResourceStatus } from '../../../core/application/status.ts';
import { mapBounded } from '../../../core/bounded.ts';
import { type CompareContext, ignoresExtraneous } from '../../../core/diff/context.ts';
import { describeError } from '../../../core/errors.ts';
import { shownHealth } from '../../../core/health/health.ts';
import { formatKey, type ResourceKey } from '../../../core/object/key.ts';
import { keyOf, type Manifest, versionOf } from '../../../core/object/manifest/manifest.ts';
import { passingOf } from '../../../core/patience.ts';
import { isHook, isSkipHook } from '../../../core/sync/options/hook.ts';
import { waveOf } from '../../../core/sync/options/wave.ts';
import { isSelfReferenced } from '../../../core/sync/tracking/tracking.ts';
import type { LiveCluster } from '../live-clusters.ts';
import { liveObject } from './live-object.ts';
import { comparablePair, readLive } from './live-side.ts';

/** An object that an application should have or has, with what the comparison says of it. */
export type Compared = {
  readonly status: ResourceStatus;
  readonly live: Manifest | undefined;
  readonly desired: Manifest | undefined;
  readonly hook: boolean;
  /** It may stay without making the application OutOfSync. */
  readonly extraneous?: boolean;
  /** Why it could not be compared; its status is Unknown then. */
  readonly problem?: string;
  /** Whether that says nothing of this object, as the cluster answers nobody. */
  readonly isOutage?: boolean;
  /** Why the API server could not be asked about it. */
  readonly reason?: string;
};

/** What is compared: the objects of one application, and how. */
export type Comparable = {
  readonly desired: readonly DesiredSide[];
  /** What is tracked and not desired. */
  readonly undesired: readonly Manifest[];
  readonly instance: string;
  readonly context: CompareContext;
  /** Why nothing of the application can be compared. */
  readonly fault?: string | undefined;
};

type DesiredSide = {
  readonly manifest: Manifest;
  readonly digest: string;
  readonly key: ResourceKey;
};

/** Objects compared side by side: dry runs overlap on the wire. */
const parallelComparisons = 20;

/** Compares an application's desired objects with the live ones; what is tracked but not desired joins them. */
export async function compareObjects(live: LiveCluster, subject: Comparable): Promise<Compared[]> {
  const compared = await mapBounded(
    subject.desired.filter(({ manifest }) => !isSkipHook(manifest)),
    parallelComparisons,
    (object) => compareDesired(live, object, subject),
  );
  return [...compared, ...subject.undesired.map((object) => compareExtra(live, object))];
}

async function compareDesired(
  live: LiveCluster,
  object: DesiredSide,
  { instance, context, fault }: Comparable,
): Promise<Compared> {
  const { manifest, key } = object;
  const hook = isHook(manifest);
  const found = await readOrFail(live, manifest, key);
  if ('failure' in found) {
    const health: Health = { status: 'Unknown', message: found.failure.problem };
    const status = { ...reference(manifest), health, ...(hook ? { hook } : { status: 'Unknown' as const }) };
    return { status, live: undefined, desired: manifest, hook, ...found.failure };
  }
  const { current } = found;
  const base = { ...reference(manifest), ...healthOf(live, current) };
  const sides = { live: current, desired: manifest, hook };
  if (hook) return { ...sides, status: { ...base, hook: true } };
  if (current === undefined) {
    return { ...sides, status: { ...base, status: 'OutOfSync', health: { status: 'Missing' } } };
  }
  // An id that names another object was copied here: neither in sync nor out of it, and not synced.
  if (!isSelfReferenced(liveObject(current, false), live.settings.tracking))
    return { ...sides, status: base };
  if (fault !== undefined) return { ...sides, status: { ...base, status: 'Unknown' } };
  try {
    const pair = await comparablePair(live, object, current, instance);
    const { changed, reason } = await live.verdicts.compare(pair.desired, pair.live, context);
    const status = { ...base, status: changed ? ('OutOfSync' as const) : ('Synced' as const) };
    return { ...sides, status, ...(reason === undefined ? {} : { reason }) };
  } catch (error) {
    // Safe: the object says so itself, and the application's condition with it; the others are compared all the same.
    return { ...sides, status: { ...base, status: 'Unknown' }, ...failureOf(error, keyOf(manifest)) };
  }
}

type Failure = Required<Pick<Compared, 'isOutage' | 'problem'>>;

function failureOf(error: unknown, key: ResourceKey): Failure {
  return { problem: aboutObject(key, describeError(error)), isOutage: passingOf(error) === 'away' };
}

/** Words about an object that name it, once. */
export function aboutObject(key: ResourceKey, words: string): string {
  const title = `${formatKey(key)}: `;
  return words.startsWith(title) ? words : title + words;
}

/** An object that can't be read costs only itself: nothing is said of it, least of all that it is missing. */
async function readOrFail(
  live: LiveCluster,
  manifest: Manifest,
  key: ResourceKey,
): Promise<{ readonly current: Manifest | undefined } | { readonly failure: Failure }> {
  try {
    return { current: await readLive(live, manifest.apiVersion, key) };
  } catch (error) {
    return { failure: failureOf(error, key) };
  }
}

/** An object that is tracked and not desired has to be pruned, unless it is a hook or only carries a copied id. */
function compareExtra(live: LiveCluster, current: Manifest): Compared {
  const hook = isHook(current);
  const ours = isSelfReferenced(liveObject(current, false), live.settings.tracking);
  const base = { ...reference(current), ...healthOf(live, current) };
  const status = hook
    ? { ...base, hook: true }
    : ours
      ? { ...base, status: 'OutOfSync' as const, requiresPruning: true }
      : base;
  return { status, live: current, desired: undefined, hook, extraneous: ignoresExtraneous(current) };
}

function reference(manifest: Manifest): ResourceStatus {
  const key = keyOf(manifest);
  const wave = waveOf(manifest);
  return {
    ...(key.group === '' ? {} : { group: key.group }),
    version: versionOf(manifest.apiVersion),
    kind: key.kind,
    ...(key.namespace === '' ? {} : { namespace: key.namespace }),
    name: key.name,
    ...(wave === 0 ? {} : { syncWave: wave }),
  };
}

function healthOf(live: LiveCluster, current: Manifest | undefined): { health?: Health } {
  const health = current === undefined ? undefined : shownHealth(live.assessHealth(current));
  return health === undefined ? {} : { health };
}
