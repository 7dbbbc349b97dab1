import { and, desc, eq, gt, sql } from 'drizzle-orm';
import type {
  ApplicationRecord,
  ShownDeployment,
  ShownSync,
  WrittenStep,
} from '../../../core/application/record.ts';
import type { PlanStep } from '../../../core/sync/plan/plan.ts';
import { builtOnce } from '../../built-once.ts';
import type { Database } from '../../client.ts';
import { applications } from '../../schema/application.ts';
import { operations, plans, stepResults } from '../../schema/operation.ts';
import type { StepResultRow } from '../operation/plan.ts';
import type { ShownColumn, ShownRow } from './application-list.ts';

const deploymentColumns = {
  id: operations.id,
  applicationId: operations.applicationId,
  initiatedBy: operations.initiatedBy,
  spec: operations.spec,
  revision: operations.revision,
  historyId: operations.historyId,
  requestedAt: operations.requestedAt,
  startedAt: operations.startedAt,
  finishedAt: operations.finishedAt,
};
const syncColumns = {
  ...deploymentColumns,
  phase: operations.phase,
  message: operations.message,
  request: operations.request,
  attempt: operations.attempt,
};

/** What of a record is read; the rest stays empty. */
export type RecordParts = {
  readonly columns: readonly ShownColumn[];
  readonly sync: boolean;
  readonly written: boolean;
  readonly history: boolean;
};

/** Completes application rows, in their order, with a fixed number of queries however many they are. */
export async function completeApplications(
  db: Database,
  rows: readonly ShownRow[],
  parts: Omit<RecordParts, 'columns'>,
): Promise<ApplicationRecord[]> {
  const ids = rows.map((row) => row.id);
  const nothing = new Map<string, never>();
  const isAny = ids.length > 0;
  const [{ syncs, written }, history] = await Promise.all([
    isAny && parts.sync ? newestSyncs(db, ids, parts.written) : { syncs: nothing, written: nothing },
    isAny && parts.history ? deployments(db, ids) : nothing,
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
    .select(syncColumns)
    .from(operations)
    .where(and(eq(operations.applicationId, applications.id), eq(operations.kind, 'sync')))
    .orderBy(desc(operations.requestedAt))
    .limit(1)
    .as('newest');
  return db
    .select(newest._.selectedFields)
    .from(applications)
    .innerJoinLateral(newest, sql`true`)
    .where(sql`${applications.id} = any(${sql.placeholder('ids')}::uuid[])`)
    .prepare('newest_sync_of_each');
});

async function newestSyncs(db: Database, ids: readonly string[], withWritten: boolean) {
  const rows: ShownSync[] = await newestSyncOfEach(db).execute({ ids });
  const syncs = new Map(rows.map((sync) => [sync.applicationId, sync]));
  return { syncs, written: withWritten ? await writtenSteps(db, rows) : new Map<string, WrittenStep[]>() };
}

/** A result as its plan's position, status, phase of its hook, and message. */
type ResultTuple = readonly [number, StepResultRow['status'], StepResultRow['hookPhase'], string];

/** One row for each sync, so that Postgres opens its plan once and not for each of its steps. */
const writtenOfEach = builtOnce((db) => {
  const tuple = sql`json_build_array(${stepResults.step}, ${stepResults.status}, ${stepResults.hookPhase}, ${stepResults.message})`;
  const results = sql<readonly ResultTuple[] | null>`(select json_agg(${tuple} order by ${stepResults.step})
    from ${stepResults}
    where ${eq(stepResults.operationId, operations.id)} and ${eq(stepResults.attempt, operations.attempt)})`;
  return db
    .select({ id: operations.id, steps: sql<readonly PlanStep[]>`${plans.plan} -> 'steps'`, results })
    .from(operations)
    .innerJoin(plans, and(eq(plans.operationId, operations.id), eq(plans.attempt, operations.attempt)))
    .where(sql`${operations.id} = any(${sql.placeholder('ids')}::uuid[])`)
    .prepare('written_of_each');
});

async function writtenSteps(
  db: Database,
  syncs: readonly Pick<ShownSync, 'id'>[],
): Promise<Map<string, WrittenStep[]>> {
  if (syncs.length === 0) return new Map();
  const rows = await writtenOfEach(db).execute({ ids: syncs.map(({ id }) => id) });
  return new Map(
    rows.map(({ id, steps, results }) => [
      id,
      (results ?? []).flatMap(([position, status, hookPhase, message]) => {
        const step = steps[position];
        return step === undefined ? [] : [{ step, result: { status, hookPhase, message } }];
      }),
    ]),
  );
}

/** Deployments that an application keeps when its spec doesn't say how many. */
export const defaultHistoryLimit = 10;

const deploymentsOfEach = builtOnce((db) => {
  // The newest that is not kept any more: the index finds it, and those behind it are the kept ones.
  const limit = sql`coalesce((${applications.spec} ->> 'revisionHistoryLimit')::int, ${defaultHistoryLimit})`;
  const left = sql`(select past.history_id from ${operations} past
    where past.application_id = ${applications.id} and past.history_id is not null
    order by past.history_id desc offset ${limit} limit 1)`;
  const kept = db
    .select(deploymentColumns)
    .from(operations)
    .where(
      and(
        eq(operations.applicationId, applications.id),
        gt(operations.historyId, sql`coalesce(${left}, -1)`),
      ),
    )
    .orderBy(desc(operations.historyId))
    .as('kept');
  return db
    .select(kept._.selectedFields)
    .from(applications)
    .innerJoinLateral(kept, sql`true`)
    .where(sql`${applications.id} = any(${sql.placeholder('ids')}::uuid[])`)
    .prepare('deployments_of_each');
});

async function deployments(db: Database, ids: readonly string[]): Promise<Map<string, ShownDeployment[]>> {
  const rows: ShownDeployment[] = await deploymentsOfEach(db).execute({ ids });
  const found = new Map<string, ShownDeployment[]>();
  for (const deployment of rows) {
    const list = found.get(deployment.applicationId) ?? [];
    list.push(deployment);
    found.set(deployment.applicationId, list);
  }
  for (const list of found.values()) list.sort((a, b) => (a.historyId ?? 0) - (b.historyId ?? 0));
  return found;
}
