import { retryDelaySeconds, shouldRetry } from '../core/sync/retry.ts';
import { getOperation, type OperationRow } from '../db/queries/operation.ts';
import { end, startNextAttempt } from '../db/queries/operation-life.ts';
import type { AttemptOutcome, AttemptRef, NextStep } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';

export function finishActivities(deps: Deps) {
  return {
    /** Ends the operation with an attempt's outcome, or moves it to the next attempt where the request allows one. */
    async finishAttempt(ref: AttemptRef & { outcome: AttemptOutcome }): Promise<NextStep> {
      const operation = await getOperation(deps.db, ref.operationId);
      if (operation === undefined || operation.finishedAt !== null) return { next: 'end' };
      if (operation.attempt > ref.attempt) {
        // The previous run of this activity moved it on and died before the workflow heard of it.
        const delaySeconds = retryDelaySeconds(operation.request.retry, ref.attempt);
        return { next: 'retry', attempt: operation.attempt, delaySeconds };
      }
      await deps.faults.reach('attempt-finishing');
      const { outcome } = ref;
      const terminating = operation.terminateRequestedAt !== null;
      if (outcome.retryable && !terminating && shouldRetry(operation.request.retry, ref.attempt - 1)) {
        const delaySeconds = retryDelaySeconds(operation.request.retry, ref.attempt);
        const at = new Date(Date.now() + delaySeconds * 1000).toISOString();
        await startNextAttempt(deps.db, operation, {
          attempt: ref.attempt + 1,
          message: `${outcome.message}. Retrying attempt #${ref.attempt} at ${at}.`,
        });
        return { next: 'retry', attempt: ref.attempt + 1, delaySeconds };
      }
      await end(deps.db, operation, endOf(operation, ref));
      return { next: 'end' };
    },
  };
}

function endOf(operation: OperationRow, ref: AttemptRef & { outcome: AttemptOutcome }) {
  const { outcome, attempt } = ref;
  const retried = attempt > 1 ? ` (retried ${attempt - 1} times).` : '';
  const full = !operation.request.dryRun && operation.request.resources.length === 0;
  // What was uploaded is in no repository, so it couldn't be brought back from there.
  const repeatable = operation.request.manifests === undefined;
  return {
    phase: outcome.phase === 'Terminated' ? ('Failed' as const) : outcome.phase,
    message: outcome.phase === 'Succeeded' ? outcome.message : `${outcome.message}${retried}`,
    inHistory: outcome.phase === 'Succeeded' && operation.kind === 'sync' && full && repeatable,
  };
}
