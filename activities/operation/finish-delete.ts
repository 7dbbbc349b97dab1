import { orphanCount, orphanWords, wayOut } from '../../core/sync/walk/deletion.ts';
import { getOperation, type OperationRow } from '../../db/queries/operation/operation.ts';
import { findPlan, stepResultsOf } from '../../db/queries/operation/plan.ts';
import { endDeletion, endFailedDeletion } from '../../db/queries/operation/removal.ts';
import type { AttemptOutcome, AttemptRef } from '../../workflows/messages.ts';
import type { RecordDeps } from '../deps.ts';

export function finishDeleteActivities(deps: RecordDeps) {
  return {
    /** Removes the application's row once its objects are gone or given up, or leaves it with the reason why not. */
    async finishDelete(ref: AttemptRef & { outcome: AttemptOutcome }): Promise<void> {
      const operation = await getOperation(deps.db, ref.operationId);
      if (operation === undefined || operation.finishedAt !== null) return;
      await deps.faults.reach('attempt-finishing');
      const { outcome } = ref;
      if (outcome.phase === 'Succeeded') return endDeletion(deps.db, operation, outcome.message);
      const message = messageOf(operation, outcome);
      const home = deps.homeNamespace;
      if (outcome.phase === 'Terminated') {
        return endFailedDeletion(deps.db, operation, { phase: 'Failed', message, home });
      }
      const preDeleteDone = await isPreDeleteDone(deps, operation, ref);
      await endFailedDeletion(deps.db, operation, {
        phase: outcome.phase === 'Fenced' ? 'Superseded' : outcome.phase,
        message,
        home,
        failure: { preDeleteDone },
      });
    },
  };
}

/** How it ended, what is left, and, unless somebody wanted it so, what can be done. */
function messageOf(operation: OperationRow, outcome: AttemptOutcome): string {
  const { orphans } = operation;
  const left = orphans === null || orphanCount(orphans) === 0 ? [] : [orphanWords(orphans)];
  const remedy = outcome.phase === 'Terminated' ? [] : [wayOut(operation.applicationName)];
  return [outcome.message, ...left, ...remedy].join('; ');
}

/** Whether all PreDelete hooks have succeeded, in this deletion or in one that it goes on with. */
async function isPreDeleteDone(deps: RecordDeps, operation: OperationRow, ref: AttemptRef): Promise<boolean> {
  if (operation.request.deletion?.skipPreDelete === true) return true;
  const [plan, results] = await Promise.all([findPlan(deps.db, ref), stepResultsOf(deps.db, ref)]);
  if (plan === undefined) return false;
  const succeeded = new Set(
    results.filter(({ hookPhase }) => hookPhase === 'Succeeded').map(({ step }) => step),
  );
  return plan.plan.steps.every(({ phase, step }) => phase !== 'PreDelete' || succeeded.has(step));
}
