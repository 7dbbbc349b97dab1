import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { describeError, KeelsonError } from '../core/errors.ts';
import { isWorthAnotherTry } from '../core/retry-policy.ts';
import { isStoreUnavailable } from '../db/store-unavailable.ts';

/** Worker loss shows after five seconds of silence; a beat a second leaves room for a busy event loop. */
const heartbeatMilliseconds = 1000;

type Activity<A extends unknown[], R> = (...args: A) => Promise<R>;

/**
 * What begins and ends operations and actions, outside every attempt: the failure of one of these would leave an operation without
 * an end, so they are tried until they work.
 */
const untilDone: ReadonlySet<string> = new Set([
  'admitOperation',
  'beginAttempt',
  'endAction',
  'expireOperation',
  'finishAttempt',
  'readStop',
  'reportOrphans',
  'trySmallSync',
]);

/** Wraps an activity: it proves that it lives, and its errors reach the workflow as typed failures. */
function asActivity<A extends unknown[], R>(run: Activity<A, R>): Activity<A, R> {
  return async (...args) => {
    const context = Context.current();
    const { isLocal, activityType, attempt } = context.info;
    // A local activity's life is told by its workflow task.
    const beat = isLocal ? undefined : setInterval(() => context.heartbeat(), heartbeatMilliseconds);
    try {
      return await run(...args);
    } catch (error) {
      const tries = untilDone.has(activityType) ? 0 : attempt;
      throw toFailure(error, { signal: context.cancellationSignal, tries });
    } finally {
      clearInterval(beat);
    }
  };
}

/** Wraps each activity of a set. */
export function asActivities<Activities extends Readonly<Record<string, Activity<never, unknown>>>>(
  activities: Activities,
): Activities {
  const wrapped = Object.entries(activities).map(([name, run]) => [name, asActivity(run)] as const);
  return Object.fromEntries(wrapped) as Activities;
}

/**
 * The failure a workflow branches on by `type`: the error's code, its message, and whether to try again after so many
 * tries. An error that is neither ours nor an absence of the store is a fault that gets a few tries.
 */
export function toFailure(
  error: unknown,
  { signal, tries }: { readonly signal?: AbortSignal; readonly tries: number },
): Error {
  if (signal?.aborted === true) return new CancelledFailure('activity was cancelled', [], asError(error));
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  return ApplicationFailure.create({
    type: error instanceof KeelsonError ? error.code : 'internal',
    message: describeError(error),
    nonRetryable: !isStoreUnavailable(error) && !isWorthAnotherTry(error, tries),
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(describeError(error));
}
