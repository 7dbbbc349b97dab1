import { ObjectError } from '../core/errors.ts';
import type { PlanStep } from '../core/sync/plan.ts';
import { releaseHook } from './hooks.ts';
import type { StepContext, StepOutcome } from './step.ts';

/** Deletes the object that the plan saw, and no other that took its name since. */
export async function pruneObject(step: PlanStep, context: StepContext): Promise<StepOutcome> {
  if (context.dryRun) return { status: 'Pruned', message: 'pruned (dry run)' };
  try {
    await context.client.delete(step.apiVersion, step.key, {
      ...(step.uid === undefined ? {} : { uid: step.uid }),
      propagationPolicy: step.propagationPolicy ?? 'foreground',
    });
  } catch (error) {
    if (error instanceof ObjectError && error.code === 'conflict') {
      return {
        status: 'PruneSkipped',
        message: 'another object has taken this name since the plan was made',
      };
    }
    throw error;
  }
  if (step.release === true) await releasePruned(step, context);
  await context.created();
  return { status: 'Pruned', message: 'pruned', ...(step.uid === undefined ? {} : { uid: step.uid }) };
}

/** A hook that an interrupted sync left is still held for a result that nobody waits for any more. */
async function releasePruned(step: PlanStep, { client }: StepContext): Promise<void> {
  const live = await client.get(step.apiVersion, step.key);
  if (live !== undefined && live.metadata.uid === step.uid) await releaseHook(client, step, live);
}

/** Leaves an object that should go, with the plan's reason. */
export async function skipPrune(step: PlanStep): Promise<StepOutcome> {
  return { status: 'PruneSkipped', message: step.note ?? 'ignored (no prune)' };
}
