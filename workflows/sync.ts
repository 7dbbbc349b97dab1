import { CancellationScope, continueAsNew, workflowInfo } from '@temporalio/workflow';
import { type Hints, listenForHints } from './hints.ts';
import type { AttemptOutcome, AttemptRef, OperationInput, PlanSummary } from './messages.ts';
import { apply, record, render } from './proxies.ts';
import { onSession, outcomeOfError, terminated, type Walk, walkGroups } from './walk.ts';

/**
 * One sync of one application, from its committed request to its recorded end: resolve and render, plan, then walk
 * the plan group by group; on failure run the SyncFail groups; retry as asked; end in history whatever happens.
 */
export async function syncApplication(input: OperationInput): Promise<void> {
  const { resume, ...operation } = input;
  const hints = listenForHints();
  const admitted = await record.admitOperation(operation);
  if (admitted.state === 'ended') return;

  let { attempt, terminating } = admitted;
  let first = resume?.attempt === attempt ? resume.group : 0;
  for (;;) {
    const ref: AttemptRef = { ...operation, attempt };
    const outcome = terminating ? terminated : await runAttempt(ref, hints, first);
    const after = await record.finishAttempt({ ...ref, outcome });
    if (after.next === 'end') return;
    await waitForRetry(ref, after.delaySeconds, hints);
    terminating = (await record.readTermination(ref)).terminating;
    attempt = after.attempt;
    first = 0;
  }
}

/** Runs one attempt inside a scope that a terminate request cancels, then ends its hooks. */
async function runAttempt(ref: AttemptRef, hints: Hints, first: number): Promise<AttemptOutcome> {
  const scope = new CancellationScope();
  hints.onNudge(async () => {
    if ((await record.readTermination(ref)).terminating) scope.cancel();
  });
  const made: { plan?: PlanSummary } = {};
  let outcome: AttemptOutcome;
  try {
    outcome = await scope.run(() => attemptOnce(ref, hints, first, made));
  } catch (error) {
    outcome = outcomeOfError(error);
  }
  if (outcome.phase === 'Superseded' || made.plan?.hasHooks !== true) return outcome;
  return endHooks(ref, outcome);
}

async function attemptOnce(
  ref: AttemptRef,
  hints: Hints,
  first: number,
  made: { plan?: PlanSummary },
): Promise<AttemptOutcome> {
  await render.renderOperation(ref);
  const plan = await onSession(ref, (session) => session.planSync(ref));
  made.plan = plan;
  if (plan.refused !== undefined) return { phase: 'Failed', message: plan.refused, retryable: true };

  const walk: Walk = { attempt: ref, hints, beforeWait: (group) => handOver(ref, group) };
  const walked = await walkGroups(walk, plan.groups, first);
  if (!walked.failed) {
    return { phase: 'Succeeded', message: 'successfully synced (all tasks run)', retryable: false };
  }
  const message = `one or more synchronization tasks completed unsuccessfully, reason: ${walked.message}`;
  const failed = await walkGroups({ ...walk, beforeWait: async () => {} }, plan.failureGroups);
  return {
    phase: 'Failed',
    message: failed.failed ? `${message}; one or more SyncFail hooks failed: ${failed.message}` : message,
    retryable: true,
  };
}

/** Hooks are ended whatever happened; a terminate request doesn't cancel it, since it is how terminating ends. */
async function endHooks(ref: AttemptRef, outcome: AttemptOutcome): Promise<AttemptOutcome> {
  try {
    await CancellationScope.nonCancellable(() => apply.endHooks({ ...ref, outcome: outcome.phase }));
    return outcome;
  } catch (error) {
    const failure = outcomeOfError(error);
    return { ...failure, message: `${outcome.message}; ending the hooks failed: ${failure.message}` };
  }
}

/** Weeks of waiting would fill a history: a fresh run goes on at the same group, the rows say what is done. */
async function handOver(ref: AttemptRef, group: number): Promise<void> {
  if (!workflowInfo().continueAsNewSuggested) return;
  const { attempt, ...operation } = ref;
  await continueAsNew<typeof syncApplication>({ ...operation, resume: { attempt, group } });
}

/** A durable timer; a terminate request ends it early. */
async function waitForRetry(ref: AttemptRef, delaySeconds: number, hints: Hints): Promise<void> {
  hints.onNudge(async () => {});
  await record.openRetryWait({ ...ref, delaySeconds });
  await hints.nudgedOrAfter(delaySeconds * 1000);
}
