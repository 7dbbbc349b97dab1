import type { ClusterClient } from '../../cluster/request/client.ts';
import { KeelsonError } from '../../core/errors.ts';
import { stepAnnotation } from '../../core/object/annotations.ts';
import type { AttemptOutcome } from '../../core/sync/operation/outcome.ts';
import type { HookDeletePolicy, PlanStep, SyncPhase } from '../../core/sync/plan/plan.ts';
import type { Owner } from '../../core/sync/tracking/tracking.ts';
import { judgeHookEnd } from '../../core/sync/walk/judge-delete.ts';
import { getOperation } from '../../db/queries/operation/operation.ts';
import {
  completeStep,
  findPlan,
  type StepResultRow,
  stepResultsOf,
} from '../../db/queries/operation/plan.ts';
import type { AttemptRef } from '../../workflows/messages.ts';
import { groundOf } from '../apply/ground.ts';
import { hookStamp, releaseHook, removeHook } from '../apply/hooks.ts';
import type { ApplyDeps } from '../deps.ts';
import { reportingCluster } from './cluster-wait.ts';

type Ending = AttemptRef & {
  readonly outcome: AttemptOutcome['phase'];
  /** Ends only the hooks of these phases; all when absent. */
  readonly phases?: readonly SyncPhase[];
};

export function endHookActivities(deps: ApplyDeps) {
  return {
    /**
     * Ends an attempt's hooks: deletes those whose policy says so, lets go of the others. Every result is recorded
     * before its finalizer goes, so whatever deletes a hook object, its outcome is not lost.
     */
    endHooks: (ending: Ending): Promise<void> =>
      reportingCluster(deps, ending, 'ending the hooks', () => endHooksOf(deps, ending)),
  };
}

async function endHooksOf(deps: ApplyDeps, ending: Ending): Promise<void> {
  const [operation, plan, results] = await Promise.all([
    getOperation(deps.db, ending.operationId),
    findPlan(deps.db, ending),
    stepResultsOf(deps.db, ending),
  ]);
  const byStep = new Map(results.map((result) => [result.step, result]));
  const hooks = (plan?.plan.steps ?? []).filter(
    (step) => step.action === 'create-hook' && ending.phases?.includes(step.phase) !== false,
  );
  if (operation === undefined || hooks.length === 0) return;
  // Before the cluster is asked for anything: an operation that ends without it still has its results.
  await Promise.all(
    hooks.map((step) => (isRunning(byStep.get(step.step)) ? failHook(deps, ending, step) : undefined)),
  );
  const [client, { owner }] = await Promise.all([
    deps.clusterFor(ending.clusterId),
    groundOf(deps, operation),
  ]);
  const ends = hooks.map((step) => endHook(client, { ...ending, owner }, step, byStep.get(step.step)));
  // Each hook is tried, also when another one can't be deleted.
  for (const end of await Promise.allSettled(ends)) if (end.status === 'rejected') throw end.reason;
}

function isRunning(result: StepResultRow | undefined): boolean {
  return result !== undefined && result.finishedAt === null;
}

/** Whether the operation's end found the hook running, this time or in an earlier run of the activity. */
function wasRunning(ending: Ending, result: StepResultRow | undefined): boolean {
  return result === undefined || isRunning(result) || result.message === endMessage(ending);
}

async function failHook(deps: ApplyDeps, ending: Ending, { step }: PlanStep): Promise<void> {
  await completeStep(
    deps.db,
    { operationId: ending.operationId, attempt: ending.attempt, step },
    { hookPhase: 'Failed', message: endMessage(ending), finishedAt: new Date() },
  );
}

/** Deletes a hook object where the end of its operation and its own word say so; otherwise only lets go of it. */
async function endHook(
  client: ClusterClient,
  ending: Ending & { readonly owner: Owner },
  step: PlanStep,
  result: StepResultRow | undefined,
): Promise<void> {
  const stamp = hookStamp(ending, step.step);
  const policy = policyOf(ending.outcome);
  const running = wasRunning(ending, result);
  try {
    if (running || step.deletePolicies?.includes(policy)) {
      const { owner } = ending;
      const deletion = await removeHook(client, step, (live) =>
        judgeHookEnd(live, { stamp, owner, policy: running ? undefined : policy }),
      );
      if (deletion.state !== 'kept') return;
    }
    const live = await client.get(step.apiVersion, step.key);
    if (live?.metadata.annotations?.[stepAnnotation] === stamp) await releaseHook(client, step, live);
  } catch (error) {
    // Somebody else deleted or replaced the object between the look and the write: there is nothing left to end.
    if (!(error instanceof KeelsonError) || error.code !== 'not-found') throw error;
  }
}

function endMessage(ending: Ending): string {
  return ending.outcome === 'Terminated' ? 'Terminated' : 'the operation ended before the hook did';
}

/** A sync that gave way to a newer one did so behind hooks that had succeeded. */
function policyOf(outcome: AttemptOutcome['phase']): HookDeletePolicy {
  return outcome === 'Succeeded' || outcome === 'Superseded' ? 'HookSucceeded' : 'HookFailed';
}
