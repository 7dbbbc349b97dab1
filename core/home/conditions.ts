import type { Condition } from '../application/status.ts';

/** What the mirroring may say of an application. */
export type HomeConditionType =
  /** The object says something that can't be read; what it said before is in force. */
  | 'InvalidSpecError'
  /** The object of the name says something else than the row, which had the name first. */
  | 'HomeConflict'
  /** The object was deleted and made anew while the application was there. */
  | 'ObjectRecreated'
  /** The object is gone, although nobody has deleted the application. */
  | 'Detached'
  /** What holds can't be read. */
  | 'HomeClusterUnavailable'
  /** The object was deleted together with many others, and somebody has to say whether that is meant. */
  | 'DeletionHeld';

/** Conditions under which nothing is synced, by anybody, until somebody has decided. */
const holding: ReadonlySet<string> = new Set<HomeConditionType>(['DeletionHeld', 'Detached', 'HomeConflict']);

/** Those under which nothing is synced by itself; what somebody asks for is, and what runs goes on. */
const pausing: ReadonlySet<string> = new Set<HomeConditionType>(['HomeClusterUnavailable']);

/** Why nothing may be synced for the moment; undefined where it may. */
export function homeHold({
  homeConditions,
}: {
  readonly homeConditions: readonly Condition[];
}): string | undefined {
  return homeConditions.find(({ type }) => holding.has(type))?.message;
}

/** Why nothing may be synced by itself for the moment; undefined where it may. */
export function homePause(application: {
  readonly homeConditions: readonly Condition[];
}): string | undefined {
  const paused = application.homeConditions.find(({ type }) => pausing.has(type));
  return homeHold(application) ?? paused?.message;
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
