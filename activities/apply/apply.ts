import { type Applied, applyObject, type WriteEffect } from '../../cluster/apply/apply-object.ts';
import { waitUntilEstablished } from '../../cluster/discovery/established.ts';
import { ObjectError } from '../../core/errors.ts';
import { isCustomResourceDefinition } from '../../core/object/manifest/definition.ts';
import type { PlanStep } from '../../core/sync/plan/plan.ts';
import { holderOf, kubectlName, type StepContext, type StepOutcome, stored } from './step.ts';

/** Writes one object the way the plan says. */
export async function applyStep(step: PlanStep, context: StepContext): Promise<StepOutcome> {
  const { client, dryRun, signal } = context;
  if (context.manifest === undefined) throw new ObjectError('internal', step.key, 'step has no manifest');
  const { manifest, resourceVersion } = step.respects
    ? await context.respecting(context.manifest)
    : { manifest: context.manifest, resourceVersion: undefined };
  let replaced: string | undefined;
  const applied = await applyObject(client, manifest, {
    strategy: step.strategy ?? 'server-side',
    validate: step.validate ?? true,
    force: step.force ?? false,
    migrate: step.migrate,
    formerManager: step.formerManager,
    takeOverFirst: step.takeOverFirst,
    uid: step.uid,
    whyNotRecreated: async (live) => {
      const { holding, note } = await holderOf(live, context);
      replaced = note;
      return holding.by === 'other' ? holding.reason : undefined;
    },
    resourceVersion,
    dryRun,
    signal,
  });
  await context.created();
  const late =
    !dryRun && isCustomResourceDefinition(manifest) && !(await waitUntilEstablished(client, manifest, signal))
      ? ['it is not established yet; objects of this kind may be refused for a moment']
      : [];
  const former = applied.effect === 'recreated' && replaced !== undefined && !dryRun ? [replaced] : [];
  return {
    status: 'Synced',
    message: appliedMessage(step, applied, [...former, ...applied.notes, ...late], dryRun),
    strategy: applied.strategy,
    ...(dryRun ? {} : stored(applied.object)),
  };
}

const verbs: Readonly<Record<WriteEffect, string>> = {
  applied: 'serverside-applied',
  configured: 'configured',
  created: 'created',
  recreated: 'deleted and created anew',
  replaced: 'replaced',
  unchanged: 'unchanged',
};

/** What happened to the object in the words that kubectl users know. */
function appliedMessage(step: PlanStep, applied: Applied, notes: readonly string[], dryRun: boolean): string {
  const took = applied.tookOver.length === 0 ? [] : [`fields taken over from ${applied.tookOver.join(', ')}`];
  const said = `${kubectlName(step.key)} ${verbs[applied.effect]}${dryRun ? ' (dry run)' : ''}`;
  return [said, ...took, ...notes].join('; ');
}
