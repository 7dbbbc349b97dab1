import { keyId, type ResourceKey } from '../object/key.ts';
import type { PlanInput } from './plan-input.ts';
import { believedOwner, type Tracked } from './tracking.ts';

/**
 * Desired objects that say they belong to another application, each with a sentence that names both. Whoever syncs
 * last owns the object; only its owner prunes it.
 */
export function sharedResources(
  desired: readonly ResourceKey[],
  liveOf: (key: ResourceKey) => Tracked | undefined,
  { instance, tracking, title = instance }: Pick<PlanInput['application'], 'instance' | 'tracking' | 'title'>,
): ReadonlyMap<string, string> {
  const shared = new Map<string, string>();
  for (const key of desired) {
    const live = liveOf(key);
    const owner = live === undefined ? undefined : believedOwner(live, tracking);
    if (owner === undefined || owner === instance) continue;
    shared.set(keyId(key), `${key.kind}/${key.name} is part of applications ${title} and ${owner}`);
  }
  return shared;
}
