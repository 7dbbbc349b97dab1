import type { CacheChange } from '../../cluster/cache-store.ts';
import type { HealthAssessor } from '../../core/health/health.ts';

/**
 * An application whose objects keep changing, as in the middle of a sync, is compared no more often than this. What
 * waits on an object looks at it by itself, so nothing but the picture of it is later.
 */
const paceMilliseconds = 1000;
/** What each application that is due adds to that: where many change at once, each picture may be a little older. */
const crowdMilliseconds = 40;
/** The same pace where an object has come to rest in another health: that is what people wait to see. */
const settledMilliseconds = 200;

/** Milliseconds between two comparisons of an application of which an object changed, with so many others due. */
export function lookPace(change: CacheChange, due: number, assessHealth: HealthAssessor): number {
  return hasSettled(change, assessHealth) ? settledMilliseconds : paceMilliseconds + crowdMilliseconds * due;
}

/** Whether an object that no other owns has come to a health that it may keep. */
function hasSettled({ object, previous }: CacheChange, assessHealth: HealthAssessor): boolean {
  if (previous === undefined || object.metadata.ownerReferences !== undefined) return false;
  const before = assessHealth(previous)?.status;
  const now = assessHealth(object)?.status;
  return now !== before && now !== 'Progressing';
}
