import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import type { AttemptOutcome } from '../../core/sync/operation/outcome.ts';
import type { StopRequest } from '../messages.ts';

/** What an error that ended an attempt means for the operation; rethrows what is no failure of the attempt. */
export function outcomeOfError(error: unknown): AttemptOutcome {
  if (isCancellation(error)) return { phase: 'Terminated' };
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    if (cause.type === 'fenced') return { phase: 'Fenced', message: cause.message };
    return { phase: 'Error', message: cause.message, retryable: true };
  }
  if (cause instanceof TimeoutFailure) {
    const message = `an activity of the sync timed out: ${cause.message}`;
    return { phase: 'Error', message, retryable: true };
  }
  throw error;
}

/**
 * What the end of an attempt means under what was requested. One without the fence stays fenced: its operation's end is
 * no longer its own to write.
 */
export function outcomeUnder(
  requested: StopRequest,
  outcome: AttemptOutcome,
  cancelled: boolean,
): AttemptOutcome {
  if (outcome.phase === 'Fenced') return outcome;
  if (requested === 'terminate') return { phase: 'Terminated' };
  return cancelled && requested === 'supersede' ? { phase: 'Superseded' } : outcome;
}
