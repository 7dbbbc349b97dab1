import { Context } from '@temporalio/activity';
import { mapBounded } from '../../core/bounded.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { PlanStep } from '../../core/sync/plan/plan.ts';
import { mostOrphans, type Orphan, type OrphanReport } from '../../core/sync/walk/deletion.ts';
import { anySignal } from '../../core/waiting/any-signal.ts';
import { getApplication } from '../../db/queries/application/application.ts';
import { getCluster } from '../../db/queries/cluster/cluster.ts';
import { findPlan, type StepResultRow, stepResultsOf } from '../../db/queries/operation/plan.ts';
import { lastKnown, recordOrphans } from '../../db/queries/operation/removal.ts';
import type { AttemptRef } from '../../workflows/messages.ts';
import type { ApplyDeps } from '../deps.ts';

/** A cluster that hasn't answered within this is reported on from what is known. */
const patienceMilliseconds = 20_000;
const parallelLooks = 20;

/** An object of the deletion's plan, as it was when the plan was made or the hook was created. */
type Subject = { readonly step: PlanStep; readonly uid: string; readonly gone: boolean };

export function orphanActivities(deps: ApplyDeps) {
  return {
    /**
     * Stores which objects a deletion that ends early leaves behind: asked of the cluster, or, where that does not
     * answer, what was last known. Always comes to an end, so that the deletion can.
     */
    async reportOrphans(ref: AttemptRef): Promise<void> {
      const [application, cluster, plan, results] = await Promise.all([
        getApplication(deps.db, ref.applicationId),
        getCluster(deps.db, ref.clusterId),
        findPlan(deps.db, ref),
        stepResultsOf(deps.db, ref),
      ]);
      if (application === undefined) return;
      const known = lastKnown(application);
      const named = { ...known, cluster: cluster?.name ?? known.cluster };
      const subjects = plan === undefined ? undefined : subjectsOf(plan.plan.steps, results);
      const report = subjects === undefined ? named : await reportOn(deps, ref, named, subjects);
      await recordOrphans(deps.db, ref.operationId, report);
    },
  };
}

function subjectsOf(steps: readonly PlanStep[], results: readonly StepResultRow[]): Subject[] {
  const byStep = new Map(results.map((result) => [result.step, result]));
  return steps.flatMap((step): Subject[] => {
    const result = byStep.get(step.step);
    // The object of a hook is the one that was created; before that there is none.
    const uid = step.action === 'create-hook' ? result?.uid : step.uid;
    const gone = step.action === 'prune' && result?.status === 'Pruned' && result.finishedAt !== null;
    return uid == null ? [] : [{ step, uid, gone }];
  });
}

async function reportOn(
  deps: ApplyDeps,
  ref: AttemptRef,
  known: OrphanReport,
  subjects: readonly Subject[],
): Promise<OrphanReport> {
  const left = subjects.filter(({ gone }) => !gone);
  try {
    const found = await look(deps, ref, left);
    return { ...known, source: 'cluster', ...listed(found) };
  } catch (error) {
    if (!(error instanceof KeelsonError) && !isTimeout(error)) throw error;
    // The cluster can't be asked, which may be why the deletion ends: the plan says what should be there still.
    deps.log.warn({ operationId: ref.operationId, error: String(error) }, 'orphans are reported unseen');
    return { ...known, ...listed(left.map(({ step }) => ({ key: step.key, finalizers: [] }))) };
  }
}

async function look(deps: ApplyDeps, ref: AttemptRef, subjects: readonly Subject[]): Promise<Orphan[]> {
  const signal = anySignal([Context.current().cancellationSignal, AbortSignal.timeout(patienceMilliseconds)]);
  const client = await deps.clusterFor(ref.clusterId);
  const found = await mapBounded(subjects, parallelLooks, async ({ step, uid }): Promise<Orphan[]> => {
    const live = await client.get(step.apiVersion, step.key, { signal });
    if (live === undefined || live.metadata.uid !== uid) return [];
    const { finalizers = [], deletionTimestamp } = live.metadata;
    return [{ key: step.key, finalizers, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) }];
  });
  // Those that something holds are why somebody reads this.
  return found.flat().sort((a, b) => Number(isHeld(b)) - Number(isHeld(a)));
}

function isHeld(orphan: Orphan): boolean {
  return orphan.deletionTimestamp !== undefined;
}

function listed(orphans: readonly Orphan[]): Pick<OrphanReport, 'objects' | 'more'> {
  return { objects: orphans.slice(0, mostOrphans), more: Math.max(0, orphans.length - mostOrphans) };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}
