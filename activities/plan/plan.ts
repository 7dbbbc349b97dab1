import { Context } from '@temporalio/activity';
import { instanceName } from '../../core/application/source/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import { objectRefusal } from '../../core/project/rules/refusal.ts';
import { rulesOf } from '../../core/sync/operation/initiator.ts';
import { walkedGroups } from '../../core/sync/walk/small.ts';
import { recordModified } from '../../db/queries/application/change.ts';
import type { RenderRow } from '../../db/queries/application/render.ts';
import { addTiming, type OperationRow } from '../../db/queries/operation/operation.ts';
import { findPlan, type PlanRow, recordRefusals, storePlan } from '../../db/queries/operation/plan.ts';
import { closeWaitsOfKind } from '../../db/queries/operation/wait.ts';
import { findEffectiveProject } from '../../db/queries/project/effective-project.ts';
import type { AttemptRef, PlanSummary } from '../../workflows/messages.ts';
import type { SessionDeps } from '../deps.ts';
import { reportingCluster } from '../operation/cluster-wait.ts';
import { readOperation } from '../operation/subject.ts';
import type { ClusterSession } from '../session/cluster-session.ts';
import { takePicture } from '../session/compare/picture.ts';
import { decidePlan } from '../session/reconcile/decide-plan.ts';
import { type DecidedPlan, sealPlan } from './seal-plan.ts';

export function planActivities(deps: SessionDeps) {
  return {
    /** Decides the sync of one attempt and stores the decision; the stored one stays, however often this runs. */
    async planSync(ref: AttemptRef): Promise<PlanSummary> {
      const session = deps.liveClusters.get(ref.clusterId);
      return reportingCluster(deps, ref, 'planning', () => planAttempt(deps, session, ref));
    },
  };
}

async function planAttempt(
  deps: SessionDeps,
  session: ClusterSession,
  ref: AttemptRef,
): Promise<PlanSummary> {
  const startedAt = performance.now();
  await closeWaitsOfKind(deps.db, ref.operationId, ['session', 'retry']);
  const stored = await findPlan(deps.db, ref);
  if (stored !== undefined) return summaryOf(stored);
  const { operation, application } = await readOperation(deps.db, ref);
  const { spec } = operation;
  const [render, project] = await Promise.all([
    pinnedRender(deps, operation),
    findEffectiveProject(deps, spec.project),
  ]);
  const refusalOf = objectRefusal({ project, cluster: session.view.address });
  const instance = instanceName({ metadata: application }, deps.homeNamespace);
  const picture = await takePicture(deps, session, { application, spec, instance, render, refusalOf });
  const decided = await decidePlan(deps, session, {
    ref,
    request: operation.request,
    // What a person has chosen stays theirs; what a self-heal has is what differed a while ago.
    chooses:
      ref.attempt > 1 &&
      rulesOf(operation.initiatedBy).followsApplication &&
      operation.request.resources.length > 0,
    spec,
    startedAt: operation.startedAt ?? operation.requestedAt,
    application,
    project,
    render,
    picture,
    signal: Context.current().cancellationSignal,
  });
  return storeNewPlan(deps, ref, decided, startedAt);
}

/** The render that an operation brings, as that of the revision which it was rendered for. */
async function pinnedRender(
  { content }: Pick<SessionDeps, 'content'>,
  operation: OperationRow,
): Promise<RenderRow> {
  const render = operation.renderId === null ? undefined : await content.render(operation.renderId);
  if (render === undefined) {
    throw new KeelsonError('internal', `operation ${operation.id} was planned before it was rendered`);
  }
  // A render stays while commits that change none of its files go by.
  return { ...render, revision: operation.revision ?? render.revision };
}

/** Stores a plan with what it cost, and answers with what the workflow needs of it. */
export async function storeNewPlan(
  deps: SessionDeps,
  ref: AttemptRef,
  decided: DecidedPlan,
  startedAt: number,
): Promise<PlanSummary> {
  const made = new Date();
  const { digest, plan, warnings } = sealPlan(deps.keyring, decided);
  return deps.db.transaction(async (tx) => {
    const { operationId, attempt } = ref;
    const row = await storePlan(tx, { operationId, attempt, digest, plan, warnings: [...warnings] });
    await recordRefusals(tx, row, made);
    await addTiming(tx, ref.operationId, 'plan', performance.now() - startedAt);
    await recordModified(tx, ref.applicationId);
    return summaryOf(row);
  });
}

/** What the workflow needs of a stored plan. */
export function summaryOf(row: PlanRow): PlanSummary {
  return {
    digest: row.digest,
    groups: walkedGroups(row.plan.groups),
    failureGroups: walkedGroups(row.plan.failureGroups),
    ...(row.plan.refused === undefined ? {} : { refused: row.plan.refused }),
    hasHooks: row.plan.refused === undefined && row.plan.steps.some((step) => step.action === 'create-hook'),
  };
}
