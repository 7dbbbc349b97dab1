import { KeelsonError, type Transience } from './errors.ts';

/** How long something is tried that failed for a reason which may pass. */
export type RetryPolicy = {
  /** Tries in all; without end where the reason says nothing about what is tried. */
  readonly tries: number;
  /** Milliseconds before the second try; each later pause is twice as long. */
  readonly firstPause: number;
};

/**
 * What may pass, and how often it is tried. The list is short on purpose: what isn't on it is refused for good, and an
 * error that nobody has a name for gets a few tries and then becomes visible.
 */
const policies: Readonly<Record<Transience, RetryPolicy>> = {
  /** No connection, no answer in time, 429, 503, a store that elects its leader: every object would meet the same. */
  unreachable: { tries: Number.POSITIVE_INFINITY, firstPause: 250 },
  /** Somebody else changed the object in between; the next read has the newer version. */
  conflict: { tries: Number.POSITIVE_INFINITY, firstPause: 250 },
  /** A webhook of the cluster that can't be reached or is slow: its pod may be starting. */
  webhook: { tries: 5, firstPause: 500 },
  /** An answer that no list explains. */
  unexplained: { tries: 3, firstPause: 2000 },
};

const longestPause = 5000;

/** The class of a failure that may pass; undefined for one that never does. An error of nobody's is unexplained. */
export function transienceOf(error: unknown): Transience | undefined {
  return error instanceof KeelsonError ? error.transience : 'unexplained';
}

/** Whether a failure is worth another try after `tries` of them. */
export function isWorthAnotherTry(error: unknown, tries: number): boolean {
  const transience = transienceOf(error);
  return transience !== undefined && tries < policies[transience].tries;
}

/** Whether a failure may pass but says something of what was tried, so that others need not wait for it. */
export function concernsItself(error: unknown): boolean {
  const transience = transienceOf(error);
  return transience === 'webhook' || transience === 'unexplained';
}

/** Milliseconds to wait after `tries` failures. */
export function pauseAfter(error: unknown, tries: number): number {
  const { firstPause } = policies[transienceOf(error) ?? 'unexplained'];
  return Math.min(longestPause, firstPause * 2 ** (tries - 1));
}
