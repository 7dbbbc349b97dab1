import { and, desc, eq, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { loadRows } from '../load-together.ts';
import { applications, dirty } from '../schema/application.ts';
import { operations, successors } from '../schema/operation.ts';
import type { ApplicationRow } from './application.ts';
import { recordChange } from './change.ts';
import { type DirtyRow, markRendered } from './dirty.ts';
import type { OperationRow } from './operation.ts';
import type { RenderRow } from './render.ts';

export type DesiredState =
  | { readonly render: Pick<RenderRow, 'id' | 'revision' | 'sourceTypes'>; readonly error?: never }
  | { readonly error: string; readonly render?: never };

/**
 * Records an application's desired state, or why there is none, as of a refresh request, and wakes the cluster's
 * session to compare. After an error the last good desired state stays; an error that took longer to come than the
 * desired state of somebody else, such as a sync that started meanwhile, is no news any more.
 */
export function saveDesired(
  db: Database,
  application: Pick<ApplicationRow, 'clusterId' | 'desiredRenderId' | 'generation' | 'id'>,
  desired: DesiredState,
  generation?: number,
): Promise<void> {
  return db.transaction(async (tx) => {
    // A request that was answered meanwhile, with a newer one: what was found for it may be older.
    if (generation !== undefined && !(await markRendered(tx, application.id, generation))) return;
    await tx
      .update(applications)
      .set(
        desired.render === undefined
          ? { renderError: desired.error }
          : {
              renderError: null,
              desiredRenderId: desired.render.id,
              desiredRevision: desired.render.revision,
              desiredGeneration: application.generation,
              sourceTypes: desired.render.sourceTypes,
            },
      )
      .where(
        and(
          eq(applications.id, application.id),
          desired.render === undefined
            ? sql`${applications.desiredRenderId} is not distinct from ${application.desiredRenderId}::uuid`
            : undefined,
        ),
      );
    await recordChange(tx, {
      type: 'MODIFIED',
      topic: 'desired',
      applicationId: application.id,
      ...(application.clusterId === null ? {} : { clusterId: application.clusterId }),
    });
  });
}

/** Applications whose destination is a cluster, with what their tracking name is made of. */
export function applicationsOfCluster(
  db: Database,
  clusterId: string,
): Promise<{ id: string; name: string; namespace: string }[]> {
  return db
    .select({ id: applications.id, name: applications.name, namespace: applications.namespace })
    .from(applications)
    .where(eq(applications.clusterId, clusterId));
}

/** What rendered an application's sources last; undefined when nothing has, or there is no such application. */
export async function sourceTypesOf(
  db: Database,
  { name, namespace }: Pick<ApplicationRow, 'name' | 'namespace'>,
): Promise<readonly string[] | undefined> {
  const [row] = await db
    .select({ sourceTypes: applications.sourceTypes })
    .from(applications)
    .where(and(eq(applications.name, name), eq(applications.namespace, namespace)));
  return row?.sourceTypes ?? undefined;
}

/** All that a comparison of one application needs of it. */
export type ComparisonSubject = {
  readonly application: ApplicationRow;
  readonly dirty: DirtyRow | null;
  /** The newest operation, live or not. */
  readonly latest: OperationRow | null;
  /** Whether something is queued behind the live operation. */
  readonly queued: boolean;
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
    return db
      .select()
      .from(applications)
      .leftJoin(dirty, eq(dirty.applicationId, applications.id))
      .leftJoin(successors, eq(successors.applicationId, applications.id))
      .leftJoinLateral(latest, sql`true`)
      .where(sql`${applications.id} = any(${sql.placeholder('ids')}::uuid[])`)
      .prepare('comparison_subjects');
  },
  ({ applications: { id } }) => id,
);

export async function comparisonSubject(db: Database, id: string): Promise<ComparisonSubject | undefined> {
  const row = await subjectRow(db, id);
  if (row === undefined) return undefined;
  const { applications: application, dirty: asked, latest, successors: successor } = row;
  return { application, dirty: asked, latest, queued: successor !== null };
}
