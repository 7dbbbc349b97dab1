import type { AttemptOutcome } from '../core/sync/operation/outcome.ts';
import type { OperationInput } from './messages.ts';
import { onSession } from './operation/cluster.ts';
import { type Attempt, passageOf, runOperation } from './operation/operation.ts';
import { outcomeOfError } from './operation/outcome.ts';
import { type Walked, walkGroups } from './operation/walk.ts';
import { beside, ending, render } from './proxies.ts';

/**
 * One sync of one application. A small one that was planned with its request is over with its admission; any other
 * resolves and renders, plans, then walks the plan group by group; on failure it runs the SyncFail groups.
 */
export function syncApplication(input: OperationInput): Promise<void> {
  return runOperation(input, { admit: beside.trySmallSync, carryOut: syncOnce, cleanUp: endHooks });
}

async function syncOnce(attempt: Attempt): Promise<AttemptOutcome> {
  const { ref, start, stop } = attempt;
  const { begun, failure } = start;
  if (failure === undefined && !begun.inHook) stop.boundary();
  if (!start.rendered) await stop.untilRequested(() => render.renderOperation(ref));
  const passage = passageOf(attempt, { outlastsCluster: false, stop });
  const plan =
    start.plan ??
    (await stop.untilRequested(() => onSession(passage, 0, (session) => session.planSync(ref))));
  attempt.progress.plan = plan;
  if (plan.refused !== undefined) return { phase: 'Failed', message: plan.refused, retryable: true };

  const walked: Walked =
    failure === undefined
      ? await walkGroups(passage, plan.groups, start.first)
      : { kind: 'failed', message: failure };
  if (walked.kind === 'done') return { phase: 'Succeeded' };

  // Nothing newer takes over from what runs after a failure.
  const after = passageOf(attempt, { outlastsCluster: false, failure: walked.message });
  const first = failure === undefined ? 0 : start.first;
  const failed = await walkGroups(after, plan.failureGroups, first);
  const message = `one or more synchronization tasks completed unsuccessfully, reason: ${walked.message}`;
  const more = failed.kind === 'failed' ? `; one or more SyncFail hooks failed: ${failed.message}` : '';
  return { phase: 'Failed', message: `${message}${more}`, retryable: true };
}

/**
 * Hooks are ended whatever happened: a terminate request doesn't cut this short, since it is how terminating ends. A
 * cluster that can't be reached holds it up for a minute, then the operation ends without it.
 */
async function endHooks({ ref, progress }: Attempt, outcome: AttemptOutcome): Promise<AttemptOutcome> {
  // Also where this run has made no plan: there may be hooks of the run before it.
  if (progress.plan?.hasHooks !== true) return outcome;
  try {
    await ending.endHooks({ ...ref, outcome: outcome.phase });
    return outcome;
  } catch (error) {
    const failure = outcomeOfError(error);
    const message = 'message' in failure ? failure.message : 'the workflow was cancelled';
    return { phase: 'Error', message, retryable: outcome.phase !== 'Terminated', after: outcome };
  }
}
