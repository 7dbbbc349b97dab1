import { CancellationScope, CancelledFailure, isCancellation, sleep } from '@temporalio/workflow';
import type { Hints } from './hints.ts';
import type { AttemptOutcome, OperationInput, StopWish } from './messages.ts';
import { record } from './proxies.ts';
import { outcomeOfError, terminated } from './walk.ts';

/** What asks a sync to stop, and where it may. */
export type Stop = {
  /** Raises the wish to what was just read; a wish that was raised never goes back. */
  raise(wish: StopWish): void;
  /** Throws a cancellation where anything asks for a stop: nothing of ours is under way here. */
  boundary(): void;
  /** Runs what a terminate request cuts short, and nothing else. */
  untilTerminated<T>(work: () => Promise<T>): Promise<T>;
  /** Runs what a newer revision cuts short as well, because nothing of ours is under way in it. */
  untilAsked<T>(work: () => Promise<T>): Promise<T>;
  /** What an error that ended an attempt means, given what was asked for. */
  outcomeOf(error: unknown): AttemptOutcome;
};

/** The end of an attempt that gave way to a newer revision. */
const superseded: AttemptOutcome = {
  phase: 'Superseded',
  message: 'superseded by a newer revision',
  retryable: false,
};

const weight: Readonly<Record<StopWish, number>> = { none: 0, supersede: 1, terminate: 2 };

/** Looks at the operation's row whenever a nudge says so, and when its sync timeout is over. */
export function watchStop(operation: OperationInput, hints: Hints, timeoutMilliseconds?: number): Stop {
  const scopes = new Map<CancellationScope, StopWish>();
  let wish: StopWish = 'none';

  const cancelOn = (scope: CancellationScope, least: StopWish): void => {
    if (weight[wish] >= weight[least]) scope.cancel();
  };
  const raise = (next: StopWish): void => {
    if (weight[next] <= weight[wish]) return;
    wish = next;
    for (const [scope, least] of scopes) cancelOn(scope, least);
  };
  const look = async (): Promise<void> => raise((await record.readStop(operation)).wish);
  const within = async <T>(least: StopWish, work: () => Promise<T>): Promise<T> => {
    const scope = new CancellationScope();
    scopes.set(scope, least);
    cancelOn(scope, least);
    try {
      return await scope.run(work);
    } finally {
      scopes.delete(scope);
    }
  };

  hints.onNudge(look);
  if (timeoutMilliseconds !== undefined) void expire(operation, timeoutMilliseconds, look);
  return {
    raise,
    boundary() {
      if (wish !== 'none') throw new CancelledFailure(`the operation was asked to ${wish}`);
    },
    untilTerminated: (work) => within('terminate', work),
    untilAsked: (work) => within('supersede', work),
    outcomeOf: (error) => outcomeUnder(wish, outcomeOfError(error), isCancellation(error)),
  };
}

/**
 * What the end of an attempt means under what was asked for. One without the fence stays fenced: its operation's end
 * is no longer its own to write.
 */
export function outcomeUnder(wish: StopWish, outcome: AttemptOutcome, cancelled: boolean): AttemptOutcome {
  if (outcome.phase === 'Fenced') return outcome;
  if (wish === 'terminate') return terminated;
  return cancelled && wish === 'supersede' ? superseded : outcome;
}

/** Ends an operation whose time is up, by the same request that a person makes. */
async function expire(operation: OperationInput, milliseconds: number, look: () => Promise<void>) {
  try {
    await sleep(milliseconds);
    await record.expireOperation(operation);
    await look();
  } catch (error) {
    // The workflow itself was cancelled: the sweeper starts it again, with what is left of the time.
    if (!isCancellation(error)) throw error;
  }
}
