import type { Health, ResourceStatus } from '../../core/application/status.ts';
import { type CompareContext, ignoresExtraneous } from '../../core/diff/context.ts';
import { formatKey, keyId } from '../../core/object/key.ts';
import { keyOf, type Manifest, versionOf } from '../../core/object/manifest.ts';
import { isHook, isSkipHook } from '../../core/sync/hook.ts';
import { deleteChoice, parseSyncOptions, pruneChoice, type SyncOptions } from '../../core/sync/options.ts';
import { isSelfReferenced } from '../../core/sync/tracking.ts';
import { waveOf } from '../../core/sync/wave.ts';
import type { LiveCluster } from './live-clusters.ts';
import { liveObject } from './live-object.ts';

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
  /** Why the API server could not be asked about it. */
  readonly reason?: string;
};

/** What is compared: the desired objects of one application, and how. */
export type Comparable = {
  readonly desired: readonly { readonly manifest: Manifest; readonly digest: string }[];
  readonly instance: string;
  readonly syncOptions: readonly string[];
  readonly context: CompareContext;
  /** Why nothing of the application can be compared. */
  readonly fault?: string | undefined;
};

/** Objects compared side by side: dry runs overlap on the wire. */
const parallelComparisons = 20;

/** Compares an application's desired objects with the live cache, and finds what is tracked but not desired. */
export async function compareObjects(live: LiveCluster, subject: Comparable): Promise<Compared[]> {
  const { desired, instance } = subject;
  const options = parseSyncOptions(subject.syncOptions);
  const wanted = new Set(desired.map(({ manifest }) => keyId(keyOf(manifest))));
  const queue = [...desired.entries()];
  const compared: Compared[] = [];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [position, object] = next;
      if (isSkipHook(object.manifest)) continue;
      compared[position] = await compareDesired(live, object, subject, options);
    }
  };
  await Promise.all(Array.from({ length: parallelComparisons }, lane));
  const extra = live.cache.tracked(instance).filter((object) => !wanted.has(keyId(keyOf(object))));
  return [
    ...compared.filter((one) => one !== undefined),
    ...extra.map((object) => compareExtra(live, object, options)),
  ];
}

async function compareDesired(
  live: LiveCluster,
  object: { readonly manifest: Manifest; readonly digest: string },
  subject: Comparable,
  options: SyncOptions,
): Promise<Compared> {
  const { manifest } = object;
  const current = live.cache.get(keyOf(manifest));
  const hook = isHook(manifest);
  const base = {
    ...reference(manifest),
    ...healthOf(live, current),
    ...confirmation([manifest, current], options),
  };
  const sides = { live: current, desired: manifest, hook };
  if (hook) return { ...sides, status: { ...base, hook: true } };
  if (current === undefined) {
    return { ...sides, status: { ...base, status: 'OutOfSync', health: { status: 'Missing' } } };
  }
  // An id that names another object was copied here: neither in sync nor out of it, and not synced.
  if (!isSelfReferenced(liveObject(current, false), live.settings.tracking))
    return { ...sides, status: base };
  if (subject.fault !== undefined) return { ...sides, status: { ...base, status: 'Unknown' } };
  try {
    const { changed, reason } = await live.verdicts.compare(object, current, subject.context);
    const status = { ...base, status: changed ? ('OutOfSync' as const) : ('Synced' as const) };
    return { ...sides, status, ...(reason === undefined ? {} : { reason }) };
  } catch (error) {
    // Safe: the object says so itself, and the application's condition with it; the others are compared all the same.
    const problem = error instanceof Error ? error.message : formatKey(keyOf(manifest));
    return { ...sides, status: { ...base, status: 'Unknown' }, problem };
  }
}

/** An object that is tracked and not desired has to be pruned, unless it is a hook or only carries a copied id. */
function compareExtra(live: LiveCluster, current: Manifest, options: SyncOptions): Compared {
  const hook = isHook(current);
  const ours = isSelfReferenced(liveObject(current, false), live.settings.tracking);
  const base = { ...reference(current), ...healthOf(live, current), ...confirmation([current], options) };
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
  const health = current === undefined ? undefined : live.assessHealth(current);
  return health === undefined ? {} : { health };
}

/** Whether somebody has to agree before the object is pruned or deleted. */
function confirmation(
  states: readonly (Manifest | undefined)[],
  options: SyncOptions,
): { requiresDeletionConfirmation?: true } {
  const asks = states.some(
    (state) =>
      state !== undefined &&
      (pruneChoice(state, options) === 'confirm' || deleteChoice(state, options) === 'confirm'),
  );
  return asks ? { requiresDeletionConfirmation: true } : {};
}
