import { asc, eq } from 'drizzle-orm';
import { nameRevisions, requestedRevisions } from '../../../core/application/source/revisions.ts';
import { sourcesOf } from '../../../core/application/source/source.ts';
import { shownInitiator } from '../../../core/sync/operation/initiator.ts';
import { presumeWait } from '../../../core/sync/operation/presumed-wait.ts';
import type { PlanStep } from '../../../core/sync/plan/plan.ts';
import type { OperationView, StepView, WaitView } from '../../../core/wire/operation.ts';
import type { Database } from '../../client.ts';
import { waits } from '../../schema/operation.ts';
import { secondsSinceWorker } from '../cluster/worker.ts';
import { getOperation, listOperations, type OperationRow } from './operation.ts';
import { packedDetails } from './packed-operation.ts';
import { latestPlan, type PlanRow, type StepResultRow, stepResultsOf } from './plan.ts';
import type { WaitRow } from './wait.ts';

/** One operation with its newest plan, the results of that attempt, and every wait. */
export async function operationView(db: Database, id: string): Promise<OperationView | undefined> {
  const operation = await getOperation(db, id);
  if (operation === undefined) return undefined;
  const [packed, plan, waitRows] = await Promise.all([
    operation.finishedAt === null ? undefined : packedDetails(db, id),
    latestPlan(db, id),
    db.select().from(waits).where(eq(waits.operationId, id)).orderBy(asc(waits.openedAt)),
  ]);
  if (packed !== undefined) return { ...header(operation), ...packed };
  const results =
    plan === undefined ? [] : await stepResultsOf(db, { operationId: id, attempt: plan.attempt });
  const written = waitRows.map(waitView);
  const unwritten = await presumedWait(db, operation, plan, written);
  return {
    ...header(operation),
    ...planned(plan, results),
    waits: unwritten === undefined ? written : [...written, unwritten],
  };
}

/** What a live operation waits for that nobody can write down, because whoever would is what is missing. */
async function presumedWait(
  db: Database,
  operation: OperationRow,
  plan: PlanRow | undefined,
  waits: readonly WaitView[],
): Promise<WaitView | undefined> {
  if (operation.finishedAt !== null) return undefined;
  return presumeWait({
    phase: operation.phase,
    attempt: operation.attempt,
    requestedAt: operation.requestedAt,
    startedAt: operation.startedAt,
    now: new Date(),
    deadline: operation.deadline,
    sources: sourcesOf(operation.spec),
    revisions: requestedRevisions(operation.request),
    planned: plan?.attempt === operation.attempt,
    waits,
    secondsSinceWorker: await secondsSinceWorker(db),
  });
}

/** Operations of an application, newest first, without their steps and waits. */
export async function operationViews(
  db: Database,
  applicationId: string,
  limit: number,
): Promise<OperationView[]> {
  return (await listOperations(db, applicationId, limit)).map(headView);
}

/** An operation without its steps and waits. */
export function headView(row: OperationRow): OperationView {
  return { ...header(row), groups: [], failureGroups: [], steps: [], waits: [] };
}

function header(row: OperationRow) {
  return {
    id: row.id,
    application: row.applicationName,
    namespace: row.applicationNamespace,
    project: row.project,
    kind: row.kind,
    phase: row.phase,
    message: row.message,
    initiatedBy: shownInitiator(row.initiatedBy),
    request: row.request,
    ...nameRevisions(row.spec, row.revision),
    attempt: row.attempt,
    ...(row.historyId === null ? {} : { historyId: row.historyId }),
    requestedAt: row.requestedAt.toISOString(),
    ...(row.startedAt === null ? {} : { startedAt: row.startedAt.toISOString() }),
    ...(row.finishedAt === null ? {} : { finishedAt: row.finishedAt.toISOString() }),
    ...(row.orphans === null ? {} : { orphans: row.orphans }),
    ...(row.deadline === null ? {} : { deadline: row.deadline.toISOString() }),
    ...(row.supersededBy === null ? {} : { supersededBy: row.supersededBy }),
    timings: row.timings,
  };
}

function planned(plan: PlanRow | undefined, results: readonly StepResultRow[]) {
  if (plan === undefined) return { groups: [], failureGroups: [], steps: [] };
  const byStep = new Map(results.map((result) => [result.step, result]));
  return {
    planDigest: plan.digest,
    groups: plan.plan.groups,
    failureGroups: plan.plan.failureGroups,
    steps: plan.plan.steps.map((step) => stepView(plan.attempt, step, byStep.get(step.step))),
  };
}

function stepView(attempt: number, step: PlanStep, result: StepResultRow | undefined): StepView {
  return {
    attempt,
    step: step.step,
    phase: step.phase,
    wave: step.wave,
    action: step.action,
    key: step.key,
    apiVersion: step.apiVersion,
    ...(step.strategy === undefined ? {} : { strategy: step.strategy }),
    hook: step.action === 'create-hook',
    ...(result === undefined ? {} : resultView(result)),
  };
}

function resultView(result: StepResultRow) {
  return {
    status: result.status,
    hookPhase: result.hookPhase,
    message: result.message,
    ...(result.strategy === null ? {} : { strategy: result.strategy }),
    startedAt: result.startedAt.toISOString(),
    ...(result.finishedAt === null ? {} : { finishedAt: result.finishedAt.toISOString() }),
  };
}

function waitView(row: WaitRow): WaitView {
  return {
    kind: row.kind,
    attempt: row.attempt,
    ...(row.phase === '' ? {} : { phase: row.phase, wave: row.wave }),
    reason: row.reason,
    keys: row.keys,
    openedAt: row.openedAt.toISOString(),
    ...(row.deadline === null ? {} : { deadline: row.deadline.toISOString() }),
    ...(row.closedAt === null ? {} : { closedAt: row.closedAt.toISOString() }),
  };
}
