import type { CacheChange } from '../../../cluster/cache/cache-store.ts';
import type { HealthAssessor } from '../../../core/health/health.ts';

/** Changes of one application within this time are looked at together. */
export const gatherMilliseconds = 50;
/**
 * An application whose objects keep changing is compared no more often than this. What waits on an object looks at it
 * by itself, so nothing but the picture of it is later.
 */
const paceMilliseconds = 1000;
/** What each application that is due adds to that: where many change at once, each picture may be a little older. */
const crowdMilliseconds = 40;
/** The same pace where an object has come to rest in another health: that is what people wait to see. */
const settledMilliseconds = 200;

/** What each application that is due adds to the time between a sync's end and the look at what it came to. */
const endMilliseconds = 10;
const longestEndMilliseconds = 1000;

/** What decides besides the change itself when an application is looked at. */
export type PaceFacts = {
  /** Applications that wait for a comparison. */
  readonly due: number;
  readonly sinceLook: number;
  /** Whether an operation of the application is live, as far as the last comparison knows. */
  readonly syncing: boolean;
};

/**
 * Milliseconds from an object's change to the comparison of its application. A live operation changes objects of the
 * application all the time and its end is compared in any case, so that the first of those changes waits as well.
 */
export function recheckDelay(change: CacheChange, facts: PaceFacts, assessHealth: HealthAssessor): number {
  const { due, sinceLook, syncing } = facts;
  if (hasSettled(change, assessHealth)) return Math.max(gatherMilliseconds, settledMilliseconds - sinceLook);
  const pace = paceMilliseconds + crowdMilliseconds * due;
  return syncing ? pace : Math.max(gatherMilliseconds, pace - sinceLook);
}

/**
 * Milliseconds from the end of an application's operation to its comparison. Where many end, objects come to rest within
 * that time, and one look sees both.
 */
export function endDelay(due: number): number {
  return Math.min(longestEndMilliseconds, endMilliseconds * due);
}

/** Whether an object that no other owns has come to a health that it may keep. */
function hasSettled({ object, previous }: CacheChange, assessHealth: HealthAssessor): boolean {
  if (previous === undefined || object.metadata.ownerReferences !== undefined) return false;
  const before = assessHealth(previous)?.status;
  const now = assessHealth(object)?.status;
  return now !== before && now !== 'Progressing';
}
