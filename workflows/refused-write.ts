import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import type { WriteResult } from '../core/action/outcome.ts';

/** What became of a write of an action that no further try can pass; undefined for an error that ends the workflow. */
export function refusedWrite(error: unknown): WriteResult | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    return { state: 'refused', code: 'internal', message: cause.message, retryable: false };
  }
  if (cause instanceof TimeoutFailure) {
    const message = 'the cluster could not be reached for an hour';
    return { state: 'refused', code: 'timeout', message, retryable: false };
  }
  return undefined;
}
