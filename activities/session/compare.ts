import type { Health, ResourceStatus } from '../../core/application/status.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import { keyOf, type Manifest, versionOf } from '../../core/object/manifest.ts';
import { isHook, isSkipHook } from '../../core/sync/hook.ts';
import { isSelfReferenced } from '../../core/sync/tracking.ts';
import { waveOf } from '../../core/sync/wave.ts';
import type { LiveCluster } from './live-clusters.ts';
import { liveObject } from './live-object.ts';
import { comparablePair, readLive } from './live-side.ts';

/** An object that an application should have or has, with what the comparison says of it. */
export type Compared = {
  readonly status: ResourceStatus;
  readonly live: Manifest | undefined;
  readonly desired: Manifest | undefined;
  readonly hook: boolean;
};

/** Objects compared side by side: dry runs overlap on the wire. */
const parallelComparisons = 20;

/** Compares an application's desired objects with the live ones; what is tracked but not desired joins them. */
export async function compareObjects(
  live: LiveCluster,
  desired: readonly { manifest: Manifest; digest: string; key: ResourceKey }[],
  undesired: readonly Manifest[],
  instance: string,
): Promise<Compared[]> {
  const queue = [...desired.entries()];
  const compared: Compared[] = [];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [position, object] = next;
      if (isSkipHook(object.manifest)) continue;
      compared[position] = await compareDesired(live, object, instance);
    }
  };
  await Promise.all(Array.from({ length: parallelComparisons }, lane));
  return [
    ...compared.filter((one) => one !== undefined),
    ...undesired.map((object) => compareExtra(live, object)),
  ];
}

async function compareDesired(
  live: LiveCluster,
  object: { manifest: Manifest; digest: string; key: ResourceKey },
  instance: string,
): Promise<Compared> {
  const { manifest, key } = object;
  const current = await readLive(live, manifest.apiVersion, key);
  const hook = isHook(manifest);
  const base = { ...reference(manifest), ...healthOf(live, current) };
  if (hook) return { status: { ...base, hook: true }, live: current, desired: manifest, hook };
  if (current === undefined) {
    const missing = { ...base, status: 'OutOfSync' as const, health: { status: 'Missing' as const } };
    return { status: missing, live: undefined, desired: manifest, hook };
  }
  const pair = await comparablePair(live, object, current, instance);
  const { changed } = await live.verdicts.compare(pair.desired, pair.live);
  return {
    status: { ...base, status: changed ? 'OutOfSync' : 'Synced' },
    live: current,
    desired: manifest,
    hook,
  };
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
  return { status, live: current, desired: undefined, hook };
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
