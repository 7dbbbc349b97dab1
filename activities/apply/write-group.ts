import { Context } from '@temporalio/activity';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { joinCauses } from '../../core/sync/operation/message.ts';
import { prerequisitesOf } from '../../core/sync/plan/dry-run.ts';
import { groupAt, type PlanGroup, type PlanStep, stepsOfGroup } from '../../core/sync/plan/plan.ts';
import { gatesOf } from '../../core/sync/walk/gate.ts';
import { closeWaitsOfKind } from '../../db/queries/operation/wait.ts';
import type { GroupRef, GroupResult } from '../../workflows/messages.ts';
import type { ApplyDeps } from '../deps.ts';
import { gateFacts } from '../operation/gate-facts.ts';
import { type AttemptRun, recorded, takeAttempt } from './attempt-run.ts';
import { groundOf, once } from './ground.ts';
import { warrantOf } from './warrant.ts';
import { type GroupRun, runStep } from './write-step.ts';

/** Objects of one batch that are written side by side. */
const parallelWrites = 20;

export function groupActivities(deps: ApplyDeps) {
  return {
    /** Carries out the steps of a group, batch by batch, skipping what has a result already. */
    async applyGroup(ref: GroupRef): Promise<GroupResult> {
      // Of a run before this one, which can't close them any more.
      await closeWaitsOfKind(deps.db, ref.operationId, ['session', 'cluster']);
      const run = await takeAttempt(deps, ref, { signal: Context.current().cancellationSignal });
      return recorded(run, () => writeGroupAt(run, ref));
    },
  };
}

/** Carries out what is left of one phase and wave; without steps there is nothing to do. */
export async function writeGroupAt(
  run: AttemptRun,
  at: Pick<GroupRef, 'phase' | 'wave'>,
): Promise<GroupResult> {
  const group = groupAt(run.state.plan.plan, at);
  return group === undefined ? { kind: 'written' } : writeGroup(run, group);
}

/**
 * Carries out what is left of a group. A batch in which something failed is the last; the rest of the group is not
 * written. Whatever led here, nothing is written before a gate that is closed.
 */
export async function writeGroup(run: AttemptRun, group: PlanGroup): Promise<GroupResult> {
  const { operation, plan } = run.state;
  if (operation.terminateRequestedAt !== null) return { kind: 'terminating' };
  const steps = stepsOfGroup(plan.plan, group);
  const begun = steps.some(({ step }) => run.done.has(step));
  const facts = await gateFacts(run.deps, run.state, begun);
  if (gatesOf(operation, plan.plan, group, facts).length > 0) return { kind: 'held' };
  const groupRun = await prepare(run, group, steps);
  for (const batch of batchesOf(steps)) {
    const open = batch.filter((step) => !run.done.has(step.step));
    if (open.length > 0) {
      run.signal.throwIfAborted();
      const { terminating } = await run.log.proveFence();
      if (terminating) return { kind: 'terminating' };
      await runBatch(groupRun, open);
    }
    const failed = batch.flatMap((step) => {
      const result = run.done.get(step.step);
      return result?.status === 'SyncFailed' ? [result.message] : [];
    });
    if (failed.length > 0) return { kind: 'failed', message: failureMessage(failed) };
  }
  return { kind: 'written' };
}

/** What the steps of a group need besides: their manifests, and what deletions are judged by once the first is at hand. */
async function prepare(run: AttemptRun, group: PlanGroup, steps: readonly PlanStep[]): Promise<GroupRun> {
  const { deps, state, done } = run;
  const { operation, plan } = state;
  const { dryRun } = operation.request;
  const needed = dryRun ? plan.plan.steps : steps.filter((step) => !done.has(step.step));
  const [manifests, warrant] = await Promise.all([
    deps.content.manifests(needed.flatMap((step) => step.digest ?? [])),
    warrantOf(deps, state, run.ref.clusterId),
  ]);
  const manifestOf = ({ digest = '' }: PlanStep): Manifest | undefined => manifests.get(digest);
  return {
    ...run,
    ref: { ...run.ref, phase: group.phase, wave: group.wave },
    operation,
    manifests,
    warrant,
    settles: group.settle,
    prerequisites: dryRun ? prerequisitesOf(plan.plan.steps, manifestOf) : undefined,
    ground: once(() => groundOf(deps, operation)),
  };
}

function batchesOf(steps: readonly PlanStep[]): PlanStep[][] {
  const batches = new Map<number, PlanStep[]>();
  for (const step of steps) batches.set(step.batch, [...(batches.get(step.batch) ?? []), step]);
  return [...batches.entries()].sort(([a], [b]) => a - b).map(([, batch]) => batch);
}

async function runBatch(run: GroupRun, batch: readonly PlanStep[]): Promise<void> {
  const queue = [...batch];
  const lane = async (): Promise<void> => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      run.signal.throwIfAborted();
      run.done.set(step.step, await runStep(run, step));
    }
  };
  // All lanes have to end before this does: a write that goes on after the activity has ended can't be fenced.
  const lanes = await Promise.allSettled(
    Array.from({ length: Math.min(parallelWrites, queue.length) }, lane),
  );
  for (const one of lanes) if (one.status === 'rejected') throw one.reason;
  await run.deps.faults.reach('batch-applied');
}

/** The first few failures in full; the rest stand in their own results. */
function failureMessage(messages: readonly string[]): string {
  return `one or more objects failed to apply, reason: ${joinCauses(messages, 3)}`;
}
