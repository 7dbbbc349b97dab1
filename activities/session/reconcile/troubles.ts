/** First pause before an application that could not be compared, or not in full, is looked at again; later ones grow. */
const firstMilliseconds = 1000;
const longestMilliseconds = 60_000;
/** Failures after which a comparison that can't be made is the application's visible state. */
const quietFailures = 3;

/** The applications whose comparison fails over and over, with how often it has. */
export type Troubles = {
  /** Counts one more failure. */
  failed(applicationId: string): Trouble;
  /** Forgets an application's failures; whether it had any. */
  passed(applicationId: string): boolean;
};

export type Trouble = {
  /** Milliseconds until the next look. */
  readonly pause: number;
  /** Whether it is the first failure in a row: the only one worth a line in the log. */
  readonly isFirst: boolean;
  /** Whether it has failed often enough for people to know. */
  readonly isLasting: boolean;
};

/** An empty book. */
export function createTroubles(): Troubles {
  const failures = new Map<string, number>();
  return {
    failed(applicationId) {
      const count = (failures.get(applicationId) ?? 0) + 1;
      failures.set(applicationId, count);
      return {
        pause: Math.min(longestMilliseconds, firstMilliseconds * 2 ** (count - 1)),
        isFirst: count === 1,
        isLasting: count >= quietFailures,
      };
    },
    passed: (applicationId) => failures.delete(applicationId),
  };
}
