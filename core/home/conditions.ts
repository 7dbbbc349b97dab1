import type { Condition } from '../application/status.ts';

/** What the mirroring may say of an application. */
export type HomeConditionType =
  /** The object says something that can't be read; what it said before is in force. */
  | 'InvalidSpecError'
  /** The object of the name says something else than the row, which had the name first. */
  | 'HomeConflict'
  /** The object was deleted and made anew while the application was there. */
  | 'ObjectRecreated'
  /** The object is gone, although nobody was seen to delete it. */
  | 'Detached';

/** Conditions under which nothing is synced, by anybody, until somebody has decided. */
const holding: ReadonlySet<string> = new Set<HomeConditionType>(['Detached', 'HomeConflict']);

/** Why nothing may be synced for the moment; undefined where it may. */
export function homeHold({
  homeConditions,
}: {
  readonly homeConditions: readonly Condition[];
}): string | undefined {
  return homeConditions.find(({ type }) => holding.has(type))?.message;
}

/** The conditions with one of a type in place of all others of it, or with none. One that says the same keeps its time. */
export function withHomeCondition(
  before: readonly Condition[],
  type: HomeConditionType,
  message: string | undefined,
  now: Date,
): Condition[] {
  const others = before.filter((condition) => condition.type !== type);
  if (message === undefined) return others;
  const same = before.find((condition) => condition.type === type && condition.message === message);
  return [...others, same ?? { type, message, lastTransitionTime: now.toISOString() }];
}
