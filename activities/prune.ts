import { ObjectError } from '../core/errors.ts';
import type { Manifest } from '../core/object/manifest.ts';
import type { PlanStep } from '../core/sync/plan.ts';
import { releaseHook } from './hooks.ts';
import type { StepContext, StepOutcome } from './step.ts';

/**
 * Deletes the object that the plan saw, and no other that took its name since. One that is being deleted already is
 * left to whoever does that: another request would change how its dependents go.
 */
export async function pruneObject(step: PlanStep, context: StepContext): Promise<StepOutcome> {
  const { client, dryRun, signal } = context;
  const uid = step.uid === undefined ? {} : { uid: step.uid };
  try {
    const live = await client.get(step.apiVersion, step.key, { signal });
    if (live?.metadata.deletionTimestamp !== undefined && isPlanned(step, live)) {
      if (step.release === true && !dryRun) await releaseHook(client, step, live);
      return { status: 'Pruned', message: 'pruned (it was being deleted already)', ...uid };
    }
    await client.delete(step.apiVersion, step.key, {
      ...uid,
      propagationPolicy: step.propagationPolicy ?? 'foreground',
      dryRun,
      signal,
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
  if (dryRun) return { status: 'Pruned', message: 'pruned (dry run)' };
  if (step.release === true) await releasePruned(step, context);
  await context.created();
  return { status: 'Pruned', message: 'pruned', ...uid };
}

function isPlanned(step: PlanStep, live: Manifest): boolean {
  return step.uid === undefined || step.uid === live.metadata.uid;
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
