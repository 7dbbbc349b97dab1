/**
 * How long a missing id may still appear. Ids are given out before their transaction commits, so a lower id can
 * become visible after a higher one; an id that stays away this long belongs to a transaction that was rolled back.
 */
const patienceMilliseconds = 60_000;
const maxMissing = 1_000;

/** Knows which ids of a growing sequence were seen and which of the lower ones may still come. */
export type GapTracker = {
  newest(): number;
  /** Whether an id has not been seen yet. */
  isNew(id: number): boolean;
  /** Ids below the newest that were never seen and may still appear. */
  missing(now: number): number[];
  saw(ids: readonly number[], now: number): void;
};

/** Starts after the ids that are there already; holes among them are watched. */
export function createGapTracker(seen: readonly number[]): GapTracker {
  const missing = new Map<number, number>();
  let newest = seen[0] === undefined ? 0 : seen[0] - 1;
  const saw = (ids: readonly number[], now: number): void => {
    for (const id of ids) {
      missing.delete(id);
      const first = Math.max(newest + 1, id - maxMissing);
      for (let hole = first; hole < id; hole += 1) missing.set(hole, now);
      newest = Math.max(newest, id);
    }
    for (const hole of missing.keys()) {
      if (missing.size <= maxMissing) break;
      missing.delete(hole);
    }
  };
  saw(seen, performance.now());
  return {
    newest: () => newest,
    isNew: (id) => id > newest || missing.has(id),
    missing(now) {
      for (const [id, since] of missing) if (now - since > patienceMilliseconds) missing.delete(id);
      return [...missing.keys()];
    },
    saw,
  };
}
