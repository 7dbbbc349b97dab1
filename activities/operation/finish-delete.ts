import { shownTarget } from '../../core/application/home.ts';
import { isExpired } from '../../core/sync/operation/deadline.ts';
import { type AttemptOutcome, outcomeWords } from '../../core/sync/operation/outcome.ts';
import { orphanCount, orphanWords, wayOut } from '../../core/sync/walk/deletion.ts';
import type { OperationRow } from '../../db/queries/operation/operation.ts';
import { findPlan, stepResultsOf } from '../../db/queries/operation/plan.ts';
import { endDeletion, endFailedDeletion } from '../../db/queries/operation/removal.ts';
import type { AttemptRef } from '../../workflows/messages.ts';
import type { RecordDeps } from '../deps.ts';

/**
 * Removes the application's row once its objects are gone or given up, or leaves it with the reason why not. With
 * `isOfAnother` the application's object was made anew meanwhile, and who asked was asking about the one before.
 */
export async function finishDeletion(
  deps: RecordDeps,
  operation: OperationRow,
  ref: AttemptRef & { readonly outcome: AttemptOutcome },
  isOfAnother: boolean,
): Promise<void> {
  const outcome = deletionOutcome(operation, ref.outcome);
  if (outcome.phase === 'Succeeded') return endDeletion(deps.db, operation, 'application deleted');
  const home = deps.homeNamespace;
  const message = messageOf(operation, outcome, home);
  const terminated = outcome.phase === 'Terminated';
  await endFailedDeletion(deps.db, operation, {
    phase: terminated && isOfAnother ? 'Superseded' : phases[outcome.phase],
    message,
    home,
    terminated,
    preDeleteDone: await isPreDeleteDone(deps, operation, ref),
  });
}

/** How the operation ends whose attempt has ended so. */
const phases = {
  Terminated: 'Failed',
  Fenced: 'Superseded',
  Failed: 'Failed',
  Error: 'Error',
  Superseded: 'Superseded',
} as const;

/** A deletion that its deadline ended has failed, unlike one that a person stopped. */
function deletionOutcome(operation: OperationRow, outcome: AttemptOutcome): AttemptOutcome {
  if (outcome.phase !== 'Terminated' || !isExpired(operation)) return outcome;
  return { phase: 'Failed', message: 'deletion did not end before its deadline', retryable: false };
}

/** How it ended, what is left, and, unless somebody wanted it so, what can be done. */
function messageOf(operation: OperationRow, outcome: AttemptOutcome, home: string): string {
  const { orphans } = operation;
  const left = orphans === null || orphanCount(orphans) === 0 ? [] : [orphanWords(orphans)];
  const remedy = outcome.phase === 'Terminated' ? [] : [wayOut(shownTarget(operation, home))];
  return [outcomeWords(outcome), ...left, ...remedy].join('; ');
}

/** Whether all PreDelete hooks have succeeded, in this deletion or in one that it goes on with. */
async function isPreDeleteDone(
  deps: Pick<RecordDeps, 'db'>,
  operation: OperationRow,
  ref: AttemptRef,
): Promise<boolean> {
  if (operation.request.deletion?.skipPreDelete === true) return true;
  const [plan, results] = await Promise.all([findPlan(deps.db, ref), stepResultsOf(deps.db, ref)]);
  if (plan === undefined) return false;
  const succeeded = new Set(
    results.filter(({ hookPhase }) => hookPhase === 'Succeeded').map(({ step }) => step),
  );
  return plan.plan.steps.every(({ phase, step }) => phase !== 'PreDelete' || succeeded.has(step));
}
