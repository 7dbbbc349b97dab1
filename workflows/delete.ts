import { CancellationScope, continueAsNew, workflowInfo } from '@temporalio/workflow';
import { type Hints, listenForHints } from './hints.ts';
import type { AttemptOutcome, AttemptRef, OperationInput } from './messages.ts';
import { record } from './proxies.ts';
import { onSession, outcomeOfError, terminated, type Walk, walkGroups } from './walk.ts';

/**
 * Deletes an application: its objects wave by wave in reverse, waiting until each is gone, then its row. The
 * operation stays in history.
 */
export async function deleteApplication(input: OperationInput): Promise<void> {
  const { resume, ...operation } = input;
  const hints = listenForHints();
  const admitted = await record.admitOperation(operation);
  if (admitted.state === 'ended') return;
  const ref: AttemptRef = { ...operation, attempt: admitted.attempt };
  const scope = new CancellationScope();
  hints.onNudge(async () => {
    if ((await record.readTermination(ref)).terminating) scope.cancel();
  });

  let outcome: AttemptOutcome;
  try {
    outcome = admitted.terminating
      ? terminated
      : await scope.run(() => deleteObjects(ref, hints, resume?.group ?? 0));
  } catch (error) {
    outcome = outcomeOfError(error);
  }
  await record.finishDelete({ ...ref, outcome });
}

async function deleteObjects(ref: AttemptRef, hints: Hints, first: number): Promise<AttemptOutcome> {
  const plan = await onSession(ref, (session) => session.planDelete(ref));
  const walk: Walk = {
    attempt: ref,
    hints,
    beforeWait: async (group) => {
      if (!workflowInfo().continueAsNewSuggested) return;
      const { attempt, ...operation } = ref;
      await continueAsNew<typeof deleteApplication>({ ...operation, resume: { attempt, group } });
    },
  };
  const walked = await walkGroups(walk, plan.groups, first);
  return walked.failed
    ? { phase: 'Failed', message: walked.message, retryable: false }
    : { phase: 'Succeeded', message: 'application deleted', retryable: false };
}
