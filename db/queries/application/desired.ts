import { and, desc, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { formatJson } from '../../../core/object/json/json.ts';
import type { Database } from '../../client.ts';
import { loadRows } from '../../load-together.ts';
import { applicationStatus, applications, dirty } from '../../schema/application.ts';
import { heldSyncs, operations, successors } from '../../schema/operation.ts';
import { changeRows } from '../../statement.ts';
import type { HeldSyncRow } from '../operation/held-sync.ts';
import type { OperationRow } from '../operation/operation.ts';
import type { ApplicationRow } from './application.ts';
import { applicationColumns, goesTo, isStatusOf } from './destination.ts';
import { type DirtyRow, markRendered } from './refresh-request.ts';
import type { RenderRow } from './render.ts';

export type DesiredState =
  | { readonly render: Pick<RenderRow, 'id' | 'revision' | 'sourceTypes'>; readonly error?: never }
  | { readonly error: string; readonly render?: never };

/**
 * Records an application's desired state, or why there is none, as of a refresh request, and wakes the cluster's
 * session to compare. After an error the last good desired state stays; an error that took longer to come than the
 * desired state of somebody else, such as a sync that started meanwhile, is no news any more. A request that was
 * answered meanwhile, with a newer one, changes nothing: what was found for it may be older.
 */
export async function saveDesired(
  db: Database,
  {
    id,
    clusterId,
    ...application
  }: Pick<ApplicationRow, 'clusterId' | 'desiredRenderId' | 'generation' | 'id'>,
  { render, error }: DesiredState,
  generation?: number,
): Promise<void> {
  const isOpen = generation === undefined ? sql`true` : sql`exists (select 1 from marked)`;
  const values =
    render === undefined
      ? sql`render_error = ${error}`
      : sql`render_error = null, desired_render_id = ${render.id}::uuid, desired_revision = ${render.revision},
          desired_generation = ${application.generation}, source_types = ${formatJson(render.sourceTypes)}::jsonb`;
  const isNews =
    render === undefined
      ? sql`desired_render_id is not distinct from ${application.desiredRenderId}::uuid`
      : sql`true`;
  const change = { type: 'MODIFIED', topic: 'desired', applicationId: id } as const;
  await changeRows(db, {
    parts: {
      ...(generation === undefined ? {} : { marked: markRendered(id, generation) }),
      saved: sql`update ${applicationStatus} set ${values} where application_id = ${id} and ${isOpen} and ${isNews}`,
    },
    ...(generation === undefined ? {} : { when: 'marked' }),
    announces: [clusterId === null ? change : { ...change, clusterId }],
  });
}

/** Applications whose destination is a cluster, with what their tracking name is made of. */
export function applicationsOfCluster(
  db: Database,
  clusterId: string,
  project?: string,
): Promise<{ id: string; name: string; namespace: string }[]> {
  return db
    .select({ id: applications.id, name: applications.name, namespace: applications.namespace })
    .from(applications)
    .where(and(goesTo(clusterId), project === undefined ? undefined : eq(applications.project, project)));
}

/** Applications of these names, in whatever namespaces. */
export function applicationsNamed(
  db: Database,
  names: readonly string[],
): Promise<{ name: string; namespace: string }[]> {
  return db
    .select({ name: applications.name, namespace: applications.namespace })
    .from(applications)
    .where(inArray(applications.name, [...names]));
}

/** What rendered an application's sources last; undefined when nothing has, or there is no such application. */
export async function sourceTypesOf(
  db: Database,
  { name, namespace }: Pick<ApplicationRow, 'name' | 'namespace'>,
): Promise<readonly string[] | undefined> {
  const [row] = await db
    .select({ sourceTypes: applicationStatus.sourceTypes })
    .from(applications)
    .innerJoin(applicationStatus, isStatusOf)
    .where(and(eq(applications.name, name), eq(applications.namespace, namespace)));
  return row?.sourceTypes ?? undefined;
}

/** All that a comparison of one application needs of it. */
export type ComparisonSubject = {
  readonly application: ApplicationRow;
  readonly dirty: DirtyRow | null;
  /** The newest operation, live or not. */
  readonly latest: OperationRow | null;
  /** The newest operation that was to bring all of a desired state, or to heal it; no dry run, and no person's choice of objects. */
  readonly attempt: OperationRow | null;
  /** Whether something is queued behind the live operation. */
  readonly queued: boolean;
  /** The automated sync that waits for sync windows, where one does. */
  readonly held: HeldSyncRow | undefined;
};

const subjectRow = loadRows(
  (db) => {
    const latest = db
      .select()
      .from(operations)
      .where(eq(operations.applicationId, applications.id))
      .orderBy(desc(operations.requestedAt))
      .limit(1)
      .as('latest');
    const tried = alias(operations, 'tried');
    const attempt = db
      .select()
      .from(tried)
      .where(
        and(
          eq(tried.applicationId, applications.id),
          sql`not (${tried.request} ->> 'dryRun')::boolean`,
          sql`(jsonb_array_length(${tried.request} -> 'resources') = 0 or (${tried.initiatedBy} ->> 'automated')::boolean)`,
        ),
      )
      .orderBy(desc(tried.requestedAt))
      .limit(1)
      .as('attempt');
    return db
      .select({
        applications: applicationColumns,
        dirty: getTableColumns(dirty),
        successors: getTableColumns(successors),
        held: getTableColumns(heldSyncs),
        latest: latest._.selectedFields,
        attempt: attempt._.selectedFields,
      })
      .from(applications)
      .innerJoin(applicationStatus, isStatusOf)
      .leftJoin(dirty, eq(dirty.applicationId, applications.id))
      .leftJoin(successors, eq(successors.applicationId, applications.id))
      .leftJoin(heldSyncs, eq(heldSyncs.applicationId, applications.id))
      .leftJoinLateral(latest, sql`true`)
      .leftJoinLateral(attempt, sql`true`)
      .where(sql`${applications.id} = any(${sql.placeholder('ids')}::uuid[])`)
      .prepare('comparison_subjects');
  },
  ({ applications: { id } }) => id,
);

/** An application whose desired state is asked for, and which request is the newest. */
export const refreshSubject = loadRows(
  (db) =>
    db
      .select({ application: applicationColumns, dirty })
      .from(applications)
      .innerJoin(applicationStatus, isStatusOf)
      .innerJoin(dirty, eq(dirty.applicationId, applications.id))
      .where(sql`${applications.id} = any(${sql.placeholder('ids')}::uuid[])`)
      .prepare('refresh_subjects'),
  ({ application: { id } }) => id,
);

export async function comparisonSubject(db: Database, id: string): Promise<ComparisonSubject | undefined> {
  const row = await subjectRow(db, id);
  if (row === undefined) return undefined;
  const { applications: application, dirty: asked, latest, attempt, successors: successor, held } = row;
  return {
    application,
    dirty: asked,
    latest,
    attempt,
    queued: successor !== null,
    held: held ?? undefined,
  };
}
