import { type Applied, applyObject } from '../cluster/server-side-apply.ts';
import { ObjectError } from '../core/errors.ts';
import type { PlanStep } from '../core/sync/plan.ts';
import type { StepContext, StepOutcome } from './step.ts';

/** Writes one object the way the plan says. */
export async function applyStep(step: PlanStep, context: StepContext): Promise<StepOutcome> {
  if (context.manifest === undefined) throw new ObjectError('internal', step.key, 'step has no manifest');
  const applied = await applyObject(context.client, context.manifest, {
    strategy: step.strategy ?? 'server-side',
    validate: step.validate ?? true,
    force: context.force,
    dryRun: context.dryRun,
    signal: context.signal,
  });
  await context.created();
  return {
    status: 'Synced',
    message: appliedMessage(step, applied, context.dryRun),
    ...(applied.object.metadata.uid === undefined ? {} : { uid: applied.object.metadata.uid }),
    ...(applied.object.metadata.resourceVersion === undefined
      ? {}
      : { objectVersion: applied.object.metadata.resourceVersion }),
  };
}

const verbs = { 'server-side': 'serverside-applied', replace: 'replaced', create: 'created' } as const;

/** What happened to the object in the words that kubectl users know. */
function appliedMessage({ key }: PlanStep, applied: Applied, dryRun: boolean): string {
  const kind = `${key.kind.toLowerCase()}${key.group === '' ? '' : `.${key.group}`}`;
  const took = applied.tookOver.length === 0 ? '' : `, fields taken over from ${applied.tookOver.join(', ')}`;
  const how = applied.recreated ? 'deleted and created anew' : verbs[applied.strategy];
  return `${kind}/${key.name} ${how}${took}${dryRun ? ' (dry run)' : ''}`;
}

/** Creates the destination namespace unless it is there by now; it is never tracked. */
export async function createNamespace(step: PlanStep, context: StepContext): Promise<StepOutcome> {
  const manifest = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: step.key.name },
  };
  try {
    const created = await context.client.create(manifest, context.dryRun ? { dryRun: true } : {});
    await context.created();
    return {
      status: 'Synced',
      message: `namespace/${step.key.name} created`,
      ...(created.metadata.uid === undefined ? {} : { uid: created.metadata.uid }),
      ...(created.metadata.resourceVersion === undefined
        ? {}
        : { objectVersion: created.metadata.resourceVersion }),
    };
  } catch (error) {
    if (error instanceof ObjectError && error.code === 'conflict') {
      return { status: 'Synced', message: `namespace/${step.key.name} exists` };
    }
    throw error;
  }
}
