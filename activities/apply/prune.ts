import { deleteJudged } from '../../cluster/apply/delete-object.ts';
import type { PlanStep } from '../../core/sync/plan/plan.ts';
import { isFormerlyTracked } from '../../core/sync/tracking/tracking-align.ts';
import { judgeDelete } from '../../core/sync/walk/judge-delete.ts';
import { releaseHook } from './hooks.ts';
import type { StepContext, StepOutcome } from './step.ts';

/**
 * Deletes the object that the plan saw if it is still the application's, still unwanted and still allowed to go by what
 * it says at this moment; otherwise it stays, with the reason. One that is being deleted already is left to whoever
 * does that: another request would change how its dependents go.
 */
export async function pruneObject(step: PlanStep, context: StepContext): Promise<StepOutcome> {
  const { client, dryRun, signal } = context;
  const { owner, options, wanted } = await context.ground();
  const outcome = await deleteJudged(client, {
    apiVersion: step.apiVersion,
    key: step.key,
    propagationPolicy: step.propagationPolicy ?? 'foreground',
    dryRun,
    signal,
    judge: async (live) =>
      judgeDelete(live, {
        owner,
        options,
        uid: step.uid,
        cause: step.phase === 'Delete' ? 'removal' : 'prune',
        approved: step.needsApproval === true,
        formerlyTracked: isFormerlyTracked(live, owner),
        wanted: await wanted(step.key),
      }),
    // A hook that an interrupted sync left is still held for a result that nobody waits for any more.
    release: step.release === true ? (live) => releaseHook(client, step, live) : undefined,
  });
  if (outcome.state === 'kept') return { status: 'PruneSkipped', message: outcome.reason };
  const uid = step.uid === undefined ? {} : { uid: step.uid };
  if (outcome.state === 'going') {
    return { status: 'Pruned', message: 'pruned (it was being deleted already)', ...uid };
  }
  if (dryRun) return { status: 'Pruned', message: 'pruned (dry run)' };
  await context.created();
  return { status: 'Pruned', message: 'pruned', ...uid };
}

/** Leaves an object that should go, with the plan's reason. */
export async function skipPrune(step: PlanStep): Promise<StepOutcome> {
  return { status: 'PruneSkipped', message: step.note ?? 'ignored (no prune)' };
}
