import { CancellationScope, CancelledFailure, isCancellation, sleep } from '@temporalio/workflow';
import type { AttemptOutcome } from '../../core/sync/operation/outcome.ts';
import type { OperationInput, StopRequest, StopState, TimeLimit } from '../messages.ts';
import { record } from '../proxies.ts';
import type { Hints } from './hints.ts';
import { outcomeOfError, outcomeUnder } from './outcome.ts';

/** What requests that an operation stops, and where it may. */
export type Stop = {
  /** Takes in what was just read of the operation's row; a request that was taken in never goes back. */
  take(state: StopState): void;
  /** Throws a cancellation where anything requests a stop: nothing of ours is under way here. */
  boundary(): void;
  /** Runs what a terminate request cuts short, and nothing else. */
  untilTerminated<T>(work: () => Promise<T>): Promise<T>;
  /** Runs what a newer revision cuts short as well, because nothing of ours is under way in it. */
  untilRequested<T>(work: () => Promise<T>): Promise<T>;
  /** What an error that ended an attempt means, given what was requested. */
  outcomeOf(error: unknown): AttemptOutcome;
};

const weight: Readonly<Record<StopRequest, number>> = { none: 0, supersede: 1, terminate: 2 };

/** Reads the operation's row whenever a nudge says so, and when its time is up. */
export function watchStop(operation: OperationInput, hints: Hints): Stop {
  const scopes = new Map<CancellationScope, StopRequest>();
  let requested: StopRequest = 'none';

  const cancelOn = (scope: CancellationScope, least: StopRequest): void => {
    if (weight[requested] >= weight[least]) scope.cancel();
  };
  const take = ({ requested: next, limit }: StopState): void => {
    clock.set(limit);
    if (weight[next] <= weight[requested]) return;
    requested = next;
    for (const [scope, least] of scopes) cancelOn(scope, least);
  };
  const read = async (): Promise<void> => take(await record.readStop(operation));
  const clock = createClock(async () => {
    // Ends the operation by the same request that a person makes.
    await record.expireOperation(operation);
    await read();
  });
  const within = async <T>(least: StopRequest, work: () => Promise<T>): Promise<T> => {
    const scope = new CancellationScope();
    scopes.set(scope, least);
    cancelOn(scope, least);
    try {
      return await scope.run(work);
    } finally {
      scopes.delete(scope);
    }
  };

  hints.onNudge(read);
  return {
    take,
    boundary() {
      if (requested !== 'none') throw new CancelledFailure(`the operation was asked to ${requested}`);
    },
    untilTerminated: (work) => within('terminate', work),
    untilRequested: (work) => within('supersede', work),
    outcomeOf: (error) => outcomeUnder(requested, outcomeOfError(error), isCancellation(error)),
  };
}

/** A durable timer beside the operation, for its time limit; another limit takes the place of the one before. */
function createClock(onEnd: () => Promise<void>): { set(limit: TimeLimit | undefined): void } {
  let until: string | undefined;
  let scope: CancellationScope | undefined;
  const run = async (milliseconds: number): Promise<void> => {
    try {
      await sleep(milliseconds > 0 ? milliseconds : 1);
      // A row whose time isn't up after all sets the clock again.
      until = undefined;
      await CancellationScope.nonCancellable(onEnd);
    } catch (error) {
      // The limit has changed, or the workflow itself was cancelled: the sweeper starts it again, with what is left.
      if (!isCancellation(error)) throw error;
    }
  };
  return {
    set(limit) {
      if (limit?.until === until) return;
      scope?.cancel();
      until = limit?.until;
      if (limit === undefined) return;
      scope = new CancellationScope();
      void scope.run(() => run(limit.milliseconds));
    },
  };
}
