import { Context } from '@temporalio/activity';
import { KeelsonError } from '../../core/errors.ts';
import { canonicalJson } from '../../core/object/json/canonical.ts';
import { rulesOf } from '../../core/sync/operation/initiator.ts';
import type { SyncPlan } from '../../core/sync/plan/plan.ts';
import { withStretches } from '../../core/sync/walk/stretch.ts';
import { type ApplicationRow, getApplication } from '../../db/queries/application/application.ts';
import { recordModified } from '../../db/queries/application/change.ts';
import type { RenderRow } from '../../db/queries/application/render.ts';
import { addTiming, getOperation, type OperationRow } from '../../db/queries/operation/operation.ts';
import { findPlan, type PlanRow, recordRefusals, storePlan } from '../../db/queries/operation/plan.ts';
import { closeWaitsOfKind } from '../../db/queries/operation/wait.ts';
import type { AttemptRef, PlanSummary } from '../../workflows/messages.ts';
import type { SessionDeps } from '../deps.ts';
import { tellingOfCluster } from '../operation/cluster-wait.ts';
import type { LiveCluster } from '../session/live-clusters.ts';
import { decidePlan } from '../session/reconcile/decide-plan.ts';

export function planActivities(deps: SessionDeps) {
  return {
    /** Decides the sync of one attempt and stores the decision; the stored one stays, however often this runs. */
    async planSync(ref: AttemptRef): Promise<PlanSummary> {
      const live = deps.liveClusters.get(ref.clusterId);
      return tellingOfCluster(deps, ref, 'planning', () => planAttempt(deps, live, ref));
    },
  };
}

async function planAttempt(deps: SessionDeps, live: LiveCluster, ref: AttemptRef): Promise<PlanSummary> {
  const startedAt = performance.now();
  await closeWaitsOfKind(deps.db, ref.operationId, ['session', 'retry']);
  const stored = await findPlan(deps.db, ref);
  if (stored !== undefined) return summaryOf(stored);
  const { operation, application, render } = await readSubject(deps, ref);
  const { plan, warnings } = await decidePlan(deps, live, {
    ref,
    request: operation.request,
    // What a person has chosen stays theirs; what a self-heal has is what differed a while ago.
    chooses:
      ref.attempt > 1 &&
      rulesOf(operation.initiatedBy).followsApplication &&
      operation.request.resources.length > 0,
    spec: operation.spec,
    startedAt: operation.startedAt ?? operation.requestedAt,
    application,
    render,
    signal: Context.current().cancellationSignal,
  });
  return storeNewPlan(deps, ref, plan, warnings, startedAt);
}

async function readSubject(
  deps: SessionDeps,
  ref: AttemptRef,
): Promise<{ operation: OperationRow; application: ApplicationRow; render: RenderRow }> {
  const [operation, application] = await Promise.all([
    getOperation(deps.db, ref.operationId),
    getApplication(deps.db, ref.applicationId),
  ]);
  if (operation === undefined || application === undefined) throw goneError(ref);
  const render = operation.renderId === null ? undefined : await deps.content.render(operation.renderId);
  if (render === undefined) {
    throw new KeelsonError('internal', `operation ${ref.operationId} was planned before it was rendered`);
  }
  // A render stays while commits that change none of its files go by.
  return { operation, application, render: { ...render, revision: operation.revision ?? render.revision } };
}

/** The failure of planning for an application that was removed. */
export function goneError(ref: AttemptRef): KeelsonError {
  return new KeelsonError('not-found', `application of operation ${ref.operationId} is gone`);
}

/** Stores a plan with what it cost, and answers with what the workflow needs of it. */
export function storeNewPlan(
  deps: SessionDeps,
  ref: AttemptRef,
  plan: SyncPlan,
  warnings: readonly string[],
  startedAt: number,
): Promise<PlanSummary> {
  return deps.db.transaction(async (tx) => {
    const made = new Date();
    const row = await storePlan(tx, {
      operationId: ref.operationId,
      attempt: ref.attempt,
      digest: deps.keyring.digest(canonicalJson(plan)),
      plan,
      warnings: [...warnings],
    });
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
    groups: withStretches(row.plan.groups),
    failureGroups: withStretches(row.plan.failureGroups),
    ...(row.plan.refused === undefined ? {} : { refused: row.plan.refused }),
    hasHooks: row.plan.refused === undefined && row.plan.steps.some((step) => step.action === 'create-hook'),
  };
}
