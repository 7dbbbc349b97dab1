/** Through what an application's object was deleted. */
export const deletionWays = ['object', 'api', 'bulk', 'set', 'parent'] as const;
/** `object` is whatever deletes objects without Keelson: kubectl, garbage collection, a removed namespace, a prune. */
export type DeletionWay = (typeof deletionWays)[number];

/**
 * How far the deletion of an object has come: `pending`, the guard has not decided; `held`, it waits for an answer;
 * `going`, its application is being deleted; `recreating`, it is to come back; `closed`, its application is gone and its
 * finalizers go; `released`, they are off.
 */
export const deletionStates = ['pending', 'held', 'going', 'recreating', 'closed', 'released'] as const;
export type DeletionState = (typeof deletionStates)[number];

/** What somebody may decide about a deletion that is held. */
export const heldAnswers = ['cascade', 'orphan', 're-create'] as const;
/** The objects go with the application, they stay, or the application comes back as it was. */
export type HeldAnswer = (typeof heldAnswers)[number];

/** The deletion of one object, as the guard looks at it. */
export type GuardedDeletion = {
  readonly uid: string;
  readonly way: DeletionWay;
  readonly state: DeletionState;
  /** The object's deletionTimestamp, and when it was first seen here, in milliseconds since 1970. */
  readonly deletedAt: number;
  readonly seenAt: number;
  /** Whether somebody has answered for it: then it is nobody's to hold. */
  readonly answered: boolean;
};

/** What the guard works with; the times are configuration. */
export type GuardLimits = {
  /** Deletions within this time count together. */
  readonly withinMilliseconds: number;
  /** How long a deletion waits for others that belong to it. */
  readonly gatherMilliseconds: number;
};

/** What becomes of a namespace's deletions now; what is in neither list waits, or goes on as it does. */
export type GuardVerdict = { readonly hold: readonly string[]; readonly start: readonly string[] };

/** So many deletions at once are somebody's intent. */
const mostAtOnce = 5;

/**
 * Judges the deletions of one namespace's applications, of which `living` are still there. More than five and more than
 * half of all within a minute are held, those among them that have begun too; what somebody has answered for, or what did
 * not come through objects alone, neither counts nor is held.
 */
export function judgeDeletions(
  living: number,
  deletions: readonly GuardedDeletion[],
  limits: GuardLimits,
  now: number,
): GuardVerdict {
  const counted = deletions.filter(isCounted);
  const caught = caughtOf(living, counted, limits.withinMilliseconds);
  const isSmall = living <= mostAtOnce;
  const gathered = ({ way, seenAt, answered }: GuardedDeletion): boolean =>
    way !== 'object' || answered || isSmall || now - seenAt >= limits.gatherMilliseconds;
  return {
    hold: counted.filter(({ uid, state }) => caught.has(uid) && isStoppable(state)).map(({ uid }) => uid),
    start: deletions
      .filter((one) => one.state === 'pending' && !caught.has(one.uid) && gathered(one))
      .map(({ uid }) => uid),
  };
}

function isCounted({ way, answered }: GuardedDeletion): boolean {
  return way === 'object' && !answered;
}

function isStoppable(state: DeletionState): boolean {
  return state === 'pending' || state === 'going';
}

/** Uids within any span of the time that has more deletions than may go at once. */
function caughtOf(living: number, counted: readonly GuardedDeletion[], within: number): Set<string> {
  const ordered = [...counted].sort((a, b) => a.deletedAt - b.deletedAt);
  const closed = counted.filter(({ state }) => state === 'closed' || state === 'released').length;
  const caught = new Set<string>();
  let first = 0;
  for (const [last, { deletedAt }] of ordered.entries()) {
    while (deletedAt - (ordered[first]?.deletedAt ?? 0) > within) first++;
    const span = ordered.slice(first, last + 1);
    if (span.length > mostAtOnce && span.length * 2 > living + closed) {
      for (const { uid } of span) caught.add(uid);
    }
  }
  return caught;
}
