import { KeelsonError } from '../../core/errors.ts';
import { anySignal } from '../../core/waiting/any-signal.ts';
import type { Limiter } from '../../platform/limiter.ts';

export type TurnLimits = {
  readonly limiter: Limiter;
  /** So many may wait; whoever comes then has no turn. */
  readonly mostWaiting: number;
  /** Longest wait for a turn. */
  readonly turnMilliseconds: number;
  /** Longest time for the work once it has its turn; then its signal aborts. */
  readonly workMilliseconds: number;
  readonly signal: AbortSignal;
};

/** How work in turn ended: `no-turn` never began, `late` was aborted. */
export type Turn<T> = { readonly done: T } | 'late' | 'no-turn';

/**
 * Runs work when it is its turn, for a limited time. What it throws for a reason of its own is thrown, also where time
 * is up by then.
 */
export async function inTurn<T>(
  limits: TurnLimits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Turn<T>> {
  if (limits.limiter.waiting >= limits.mostWaiting) return 'no-turn';
  const noTurn = AbortSignal.timeout(limits.turnMilliseconds);
  const late = new AbortController();
  const timed = async (): Promise<Turn<T>> => {
    limits.signal.throwIfAborted();
    const timer = setTimeout(() => late.abort(), limits.workMilliseconds);
    try {
      return { done: await work(anySignal([limits.signal, late.signal])) };
    } finally {
      clearTimeout(timer);
    }
  };
  try {
    return await limits.limiter.run(timed, anySignal([limits.signal, noTurn]));
  } catch (error) {
    if (limits.signal.aborted || error instanceof KeelsonError) throw error;
    if (late.signal.aborted) return 'late';
    if (error === noTurn.reason) return 'no-turn';
    throw error;
  }
}
