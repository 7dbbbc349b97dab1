import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { KeelsonError } from '../core/errors.ts';

/** Worker loss shows after five seconds of silence; a beat a second leaves room for a busy event loop. */
const heartbeatMilliseconds = 1000;

type Activity<A extends unknown[], R> = (...args: A) => Promise<R>;

/** Wraps an activity: it proves that it lives, and its errors reach the workflow as typed failures. */
export function asActivity<A extends unknown[], R>(run: Activity<A, R>): Activity<A, R> {
  return async (...args) => {
    const context = Context.current();
    // A local activity's life is told by its workflow task.
    const beat = context.info.isLocal
      ? undefined
      : setInterval(() => context.heartbeat(), heartbeatMilliseconds);
    try {
      return await run(...args);
    } catch (error) {
      throw toFailure(error, context.cancellationSignal);
    } finally {
      clearInterval(beat);
    }
  };
}

/** The failure a workflow branches on by `type`: the error's code, its message, and whether to try again. */
export function toFailure(error: unknown, signal?: AbortSignal): Error {
  if (signal?.aborted === true) return new CancelledFailure('activity was cancelled', [], asError(error));
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof KeelsonError) {
    return ApplicationFailure.create({
      type: error.code,
      message: error.message,
      nonRetryable: !error.retryable,
    });
  }
  // Anything else is a fault of ours or a connection that broke: worth another run, never an end of the sync.
  return ApplicationFailure.create({
    type: 'internal',
    message: asError(error).message,
    nonRetryable: false,
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
