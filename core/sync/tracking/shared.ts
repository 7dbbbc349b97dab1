import { keyId, type ResourceKey } from '../../object/key.ts';
import { isDefinitionKey } from '../../object/manifest/definition.ts';
import type { PlanInput } from '../plan/plan-input.ts';
import { believedOwner, type Tracked } from './tracking.ts';

/**
 * Desired objects that say they belong to another application, or that others are known to desire as well, each with a
 * sentence that names all of them. Whoever syncs last owns the object; only its owner prunes it.
 */
export function sharedResources(
  desired: readonly ResourceKey[],
  liveOf: (key: ResourceKey) => Tracked | undefined,
  { instance, tracking, title = instance }: Pick<PlanInput['application'], 'instance' | 'tracking' | 'title'>,
  othersOf: (key: ResourceKey) => readonly string[] = () => [],
): ReadonlyMap<string, string> {
  const shared = new Map<string, string>();
  for (const key of desired) {
    const live = liveOf(key);
    const owner = live === undefined ? undefined : believedOwner(live, tracking);
    // A definition belongs to all who use its kind.
    const others = isDefinitionKey(key) ? [] : othersOf(key);
    const names = new Set([owner ?? instance, ...others]);
    names.delete(instance);
    if (names.size === 0) continue;
    const all = [title, ...names];
    const words = `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
    shared.set(keyId(key), `${key.kind}/${key.name} is part of applications ${words}`);
  }
  return shared;
}
