import { and, desc, eq, inArray, isNotNull, sql } from 'drizzle-orm';
import type { PlanStep } from '../../core/sync/plan.ts';
import { builtOnce } from '../built-once.ts';
import type { Database } from '../client.ts';
import { applications } from '../schema/application.ts';
import { operations, plans, stepResults } from '../schema/operation.ts';
import type { ApplicationRow } from './application.ts';
import type { OperationRow } from './operation.ts';
import type { StepResultRow } from './plan.ts';

/** One written object of a sync: what was planned and what came of it. */
export type WrittenStep = { readonly step: PlanStep; readonly result: StepResultRow };

/** An application with everything its JSON form shows. */
export type ApplicationRecord = {
  readonly row: ApplicationRow;
  /** The newest sync, running or not. */
  readonly sync?: OperationRow;
  /** Results of the newest sync's current attempt, in plan order. */
  readonly written: readonly WrittenStep[];
  /** Deployments, oldest first, at most as many as the spec keeps. */
  readonly history: readonly OperationRow[];
};

/** Parts that are left out when nobody asked for them. */
export type RecordParts = { readonly written: boolean; readonly history: boolean };

const allParts: RecordParts = { written: true, history: true };

/** Completes application rows, in their order, with a fixed number of queries however many they are. */
export async function completeApplications(
  db: Database,
  rows: readonly ApplicationRow[],
  parts: RecordParts = allParts,
): Promise<ApplicationRecord[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const syncs = await newestSyncs(db, ids);
  const [written, history] = await Promise.all([
    parts.written ? writtenSteps(db, syncs) : new Map<string, WrittenStep[]>(),
    parts.history ? deployments(db, ids) : new Map<string, OperationRow[]>(),
  ]);
  return rows.map((row) => {
    const sync = syncs.get(row.id);
    return {
      row,
      ...(sync === undefined ? {} : { sync }),
      written: (sync && written.get(sync.id)) ?? [],
      history: history.get(row.id) ?? [],
    };
  });
}

const newestSyncOfEach = builtOnce((db) => {
  const newest = db
    .select()
    .from(operations)
    .where(and(eq(operations.applicationId, applications.id), eq(operations.kind, 'sync')))
    .orderBy(desc(operations.requestedAt))
    .limit(1)
    .as('newest');
  return db
    .select({ operation: newest._.selectedFields })
    .from(applications)
    .innerJoinLateral(newest, sql`true`)
    .where(sql`${applications.id} = any(${sql.placeholder('ids')}::uuid[])`)
    .prepare('newest_sync_of_each');
});

async function newestSyncs(db: Database, ids: readonly string[]): Promise<Map<string, OperationRow>> {
  const rows = await newestSyncOfEach(db).execute({ ids });
  return new Map(rows.map(({ operation }) => [operation.applicationId, operation]));
}

async function writtenSteps(
  db: Database,
  syncs: ReadonlyMap<string, OperationRow>,
): Promise<Map<string, WrittenStep[]>> {
  const found = new Map<string, WrittenStep[]>();
  if (syncs.size === 0) return found;
  const rows = await db
    .select({
      result: stepResults,
      step: sql<PlanStep | null>`${plans.plan} -> 'steps' -> ${stepResults.step}`,
    })
    .from(stepResults)
    .innerJoin(
      operations,
      and(eq(operations.id, stepResults.operationId), eq(operations.attempt, stepResults.attempt)),
    )
    .innerJoin(
      plans,
      and(eq(plans.operationId, stepResults.operationId), eq(plans.attempt, stepResults.attempt)),
    )
    .where(
      inArray(
        stepResults.operationId,
        [...syncs.values()].map((sync) => sync.id),
      ),
    )
    .orderBy(stepResults.step);
  for (const { result, step } of rows) {
    if (step === null) continue;
    const list = found.get(result.operationId) ?? [];
    list.push({ step, result });
    found.set(result.operationId, list);
  }
  return found;
}

/** Deployments that an application keeps when its spec doesn't say how many. */
const defaultHistoryLimit = 10;

const deploymentsOfEach = builtOnce((db) => {
  const kept = db
    .select()
    .from(operations)
    .where(and(eq(operations.applicationId, applications.id), isNotNull(operations.historyId)))
    .orderBy(desc(operations.historyId))
    .limit(
      sql`coalesce((${applications.spec} ->> 'revisionHistoryLimit')::int, ${defaultHistoryLimit})` as never,
    )
    .as('kept');
  return db
    .select({ operation: kept._.selectedFields })
    .from(applications)
    .innerJoinLateral(kept, sql`true`)
    .where(sql`${applications.id} = any(${sql.placeholder('ids')}::uuid[])`)
    .prepare('deployments_of_each');
});

async function deployments(db: Database, ids: readonly string[]): Promise<Map<string, OperationRow[]>> {
  const rows = await deploymentsOfEach(db).execute({ ids });
  const found = new Map<string, OperationRow[]>();
  for (const { operation } of rows) {
    const list = found.get(operation.applicationId) ?? [];
    list.push(operation);
    found.set(operation.applicationId, list);
  }
  for (const list of found.values()) list.sort((a, b) => (a.historyId ?? 0) - (b.historyId ?? 0));
  return found;
}
