import { type ObjectHealth, shownHealth } from '../health/health.ts';
import type { ResourceKey } from '../object/key.ts';
import { keyOf, type Manifest, versionOf } from '../object/manifest/manifest.ts';
import { waveOf } from '../sync/options/wave.ts';
import type { ResourceStatus } from './status.ts';

/** Whether a sync would change an object. */
export type Verdict = {
  readonly changed: boolean;
  /** Why the API server couldn't tell, when it couldn't; the verdict is made without it then. */
  readonly reason?: string;
};

/** Why an object could not be read or compared. */
export type ComparisonFailure = {
  readonly error: unknown;
  /** The reason in words, which name the object. */
  readonly problem: string;
  /** Whether that says nothing of this object, as the cluster answers nobody. */
  readonly isOutage: boolean;
};

/**
 * What stands under one key: what is desired there, what is live, and whether a sync would change it. It depends on
 * nothing but that key, so that whatever is made of all objects can be made anew when one has changed.
 */
export type SeenObject = {
  readonly key: ResourceKey;
  readonly desired: Manifest | undefined;
  readonly live: Manifest | undefined;
  readonly hook: boolean;
  /** Whether the tracking id of the live object names another object, from which somebody has copied it. */
  readonly copied: boolean;
  /** Absent where there are no two sides to compare, and where they could not be compared. */
  readonly verdict?: Verdict;
  readonly failure?: ComparisonFailure;
  /** Why the application's project keeps it from this object, so that it was not compared. */
  readonly refusal?: string;
  /** Whether only a label of our own still names the owner, since the tracking method has changed. */
  readonly formerlyTracked?: boolean;
};

/** The same with what is shown of it. */
export type ComparedObject = SeenObject & {
  readonly health: ObjectHealth | undefined;
  readonly status: ResourceStatus;
  /** Whether it may stay without making its application OutOfSync. */
  readonly extraneous: boolean;
};

/** The status of one object as an application lists it; hooks and copies have no sync status. */
export function resourceStatusOf(seen: SeenObject, health: ObjectHealth | undefined): ResourceStatus {
  const base = referenceOf(seen);
  if (seen.failure !== undefined && seen.live === undefined) {
    const unknown = { status: 'Unknown' as const, message: seen.failure.problem };
    return { ...base, health: unknown, ...(seen.hook ? { hook: true } : { status: 'Unknown' as const }) };
  }
  const shown = shownHealth(health);
  return { ...base, ...(shown === undefined ? {} : { health: shown }), ...syncStatusOf(seen) };
}

function syncStatusOf({ desired, live, hook, copied, verdict }: SeenObject): Partial<ResourceStatus> {
  if (hook) return { hook: true };
  if (live === undefined) return { status: 'OutOfSync', health: { status: 'Missing' } };
  // An id that names another object was copied here: neither in sync nor out of it, and not synced.
  if (copied) return {};
  if (desired === undefined) return { status: 'OutOfSync', requiresPruning: true };
  if (verdict === undefined) return { status: 'Unknown' };
  return { status: verdict.changed ? 'OutOfSync' : 'Synced' };
}

function referenceOf({ desired, live }: SeenObject): ResourceStatus {
  const manifest = (desired ?? live) as Manifest;
  const { group, kind, namespace, name } = keyOf(manifest);
  const wave = waveOf(manifest);
  return {
    ...(group === '' ? {} : { group }),
    version: versionOf(manifest.apiVersion),
    kind,
    ...(namespace === '' ? {} : { namespace }),
    name,
    ...(wave === 0 ? {} : { syncWave: wave }),
  };
}
