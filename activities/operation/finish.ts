import { shownTarget } from '../../core/application/home.ts';
import { describeError, KeelsonError } from '../../core/errors.ts';
import { isExpired } from '../../core/sync/operation/deadline.ts';
import { type AttemptOutcome, isRetryable, outcomeWords } from '../../core/sync/operation/outcome.ts';
import { retryDelaySeconds, shouldRetry } from '../../core/sync/operation/retry.ts';
import { supersededMessage } from '../../core/sync/operation/supersede.ts';
import { formatDuration } from '../../core/text/duration.ts';
import type { OperationEnd, OperationRow, Timing } from '../../db/queries/operation/operation.ts';
import { endOperation, startNextAttempt } from '../../db/queries/operation/operation-life.ts';
import { operationState } from '../../db/queries/operation/operation-state.ts';
import { isStoreUnavailable } from '../../db/store-unavailable.ts';
import type { AttemptRef, NextStep } from '../../workflows/messages.ts';
import type { RecordDeps } from '../deps.ts';
import { finishDeletion } from './finish-delete.ts';

type Ending = AttemptRef & { readonly outcome: AttemptOutcome };

type Attempted = Pick<Ending, 'attempt' | 'outcome'>;

export function finishActivities(deps: RecordDeps) {
  return {
    /**
     * Ends the operation with an attempt's outcome, or moves it to the next attempt where the request allows one. An
     * outcome that can't be stored must not leave the operation without an end: it ends with other words then.
     */
    async finishAttempt(ref: Ending): Promise<NextStep> {
      try {
        return await finish(deps, ref);
      } catch (error) {
        if (error instanceof KeelsonError || isStoreUnavailable(error)) throw error;
        const { operationId, attempt } = ref;
        deps.log.error({ operationId, attempt, error: describeError(error) }, 'outcome could not be stored');
        return finish(deps, { ...ref, outcome: unstorable(ref.outcome) });
      }
    },
  };
}

/** The end of an attempt of which only how it ended can be stored. */
function unstorable({ phase }: AttemptOutcome): AttemptOutcome {
  const message = "the attempt ended, but what it came to could not be stored; the worker's log says why";
  if (phase === 'Failed' || phase === 'Error') return { phase, message, retryable: false };
  return phase === 'Fenced' ? { phase, message } : { phase };
}

async function finish(deps: RecordDeps, ref: Ending): Promise<NextStep> {
  await deps.faults.reach('attempt-finishing');
  const state = await operationState(deps.db, ref.operationId);
  if (state === undefined || state.operation.finishedAt !== null) return { next: 'end' };
  const { operation, successor, deletionRequestedAt, homeSince } = state;
  const isOfAnother = homeSince !== null && operation.requestedAt < homeSince;
  if (operation.kind === 'delete') {
    await finishDeletion(deps, operation, ref, isOfAnother);
    return { next: 'end' };
  }
  if (operation.attempt > ref.attempt) {
    // The previous run of this activity moved it on and died before the workflow heard of it.
    const delaySeconds = retryDelaySeconds(operation.request.retry, ref.attempt);
    return { next: 'retry', attempt: operation.attempt, delaySeconds };
  }
  const again = mayRetry(operation, ref);
  if (again && successor === undefined) {
    const delaySeconds = retryDelaySeconds(operation.request.retry, ref.attempt);
    const at = new Date(Date.now() + delaySeconds * 1000);
    const failure = outcomeWords(ref.outcome);
    await startNextAttempt(deps.db, operation, {
      attempt: ref.attempt + 1,
      message: `${failure}. Retrying attempt #${ref.attempt} at ${at.toISOString()}.`,
      reason: `attempt ${ref.attempt} failed: ${failure}`,
      at,
    });
    return { next: 'retry', attempt: ref.attempt + 1, delaySeconds };
  }
  const gaveWay = again || ref.outcome.phase === 'Superseded';
  const newer = gaveWay ? successor?.revision : undefined;
  const deleting = deletionRequestedAt === null ? undefined : shownTarget(operation, deps.homeNamespace);
  const recreated = isOfAnother ? shownTarget(operation, deps.homeNamespace) : undefined;
  await endWith(deps, operation, endOf(operation, ref, { deleting, newer, recreated }));
  return { next: 'end' };
}

/** Ends a sync that brought everything with the activity that wrote it. */
export async function endSynced(deps: RecordDeps, operation: OperationRow, timing: Timing): Promise<void> {
  await deps.faults.reach('attempt-finishing');
  const { attempt } = operation;
  await endWith(deps, operation, {
    ...endOf(operation, { attempt, outcome: { phase: 'Succeeded' } }),
    timing,
  });
}

async function endWith(deps: RecordDeps, operation: OperationRow, outcome: OperationEnd): Promise<void> {
  const started = await endOperation(deps.db, operation, outcome);
  if (started !== undefined) await startSuccessor(deps, started);
}

async function startSuccessor(deps: RecordDeps, operation: OperationRow): Promise<void> {
  if (operation.clusterId === null) return;
  try {
    await deps.engine.startOperation({ ...operation, clusterId: operation.clusterId });
  } catch (error) {
    // Its row is committed: the sweeper starts it.
    deps.log.warn({ operationId: operation.id, error: String(error) }, 'successor was not started at once');
  }
}

function mayRetry(operation: OperationRow, { outcome, attempt }: Attempted): boolean {
  const terminating = operation.terminateRequestedAt !== null;
  return isRetryable(outcome) && !terminating && shouldRetry(operation.request.retry, attempt - 1);
}

/** How an attempt's outcome ends the operation. */
function endOf(
  operation: OperationRow,
  { outcome, attempt }: Attempted,
  circumstances: {
    readonly deleting?: string | undefined;
    readonly newer?: string | undefined;
    /** The application whose object is another one since the operation was asked for. */
    readonly recreated?: string | undefined;
  } = {},
): OperationEnd {
  const words = outcomeWords(outcome);
  const retried = attempt > 1 ? ` (retried ${attempt - 1} times).` : '';
  if (circumstances.newer !== undefined) {
    const failure = isRetryable(outcome) ? `; the last attempt failed: ${words}${retried}` : '';
    const message = `${supersededMessage(circumstances.newer)}${failure}`;
    return { phase: 'Superseded', message, inHistory: false };
  }
  if (outcome.phase === 'Terminated' && circumstances.deleting !== undefined) {
    const message = `superseded by the deletion of application ${circumstances.deleting}`;
    return { phase: 'Superseded', message, inHistory: false };
  }
  if (outcome.phase === 'Terminated' && circumstances.recreated !== undefined) {
    const message = `superseded, as application ${circumstances.recreated} was deleted and created again`;
    return { phase: 'Superseded', message, inHistory: false };
  }
  const full = !operation.request.dryRun && operation.request.resources.length === 0;
  // What was uploaded is in no repository, so it couldn't be brought back from there.
  const repeatable = operation.request.manifests === undefined;
  const message = outcome.phase === 'Terminated' ? `${words}${expiry(operation)}` : words;
  return {
    phase: endPhases[outcome.phase],
    message: outcome.phase === 'Succeeded' ? message : `${message}${retried}`,
    inHistory: outcome.phase === 'Succeeded' && full && repeatable,
  };
}

const endPhases = {
  Succeeded: 'Succeeded',
  Failed: 'Failed',
  Error: 'Error',
  Terminated: 'Failed',
  Superseded: 'Superseded',
  Fenced: 'Superseded',
} as const satisfies Record<AttemptOutcome['phase'], OperationEnd['phase']>;

/** Names the timeout where it, and not a person, ended the operation. */
function expiry(operation: OperationRow): string {
  const { deadline, startedAt } = operation;
  if (deadline === null || startedAt === null || !isExpired(operation)) return '';
  const after = formatDuration((deadline.getTime() - startedAt.getTime()) / 1000);
  return `: it did not end within its sync timeout of ${after}`;
}
