import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import { formatJson } from '../../../core/object/json/json.ts';
import { homeInitiator } from '../../../core/sync/operation/initiator.ts';
import type { DeletionRequest, RequestedDeletion } from '../../../core/sync/walk/deletion.ts';
import type { Database } from '../../client.ts';
import { applications } from '../../schema/application.ts';
import { operations } from '../../schema/operation.ts';
import type { ApplicationRow } from '../application/application.ts';
import { recordModified } from '../application/change.ts';
import type { OperationRow } from '../operation/operation.ts';

/** What is known of an object's deletion when it is first seen. */
export type SeenDeletion = {
  readonly uid: string;
  readonly deletedAt: Date;
  readonly request: DeletionRequest;
};

/**
 * Records on a locked application that its object is being deleted. That keeps it from being synced; nothing is carried
 * out before the guard has judged, unless somebody has asked for the deletion already.
 */
export async function markObjectDeleted(
  tx: Database,
  row: ApplicationRow,
  { uid, deletedAt, request }: SeenDeletion,
): Promise<void> {
  const { finalizers } = row;
  const fresh = { ...request, username: homeInitiator.username, finalizers, stopped: true } as const;
  const asked = row.deletionRequestedAt === null ? null : row.deletion;
  const deletion: RequestedDeletion = { ...(asked ?? fresh), object: uid };
  await tx
    .update(applications)
    .set({
      deletion,
      deletionRequestedAt: sql`coalesce(${applications.deletionRequestedAt}, ${deletedAt.toISOString()}::timestamptz)`,
    })
    .where(eq(applications.id, row.id));
  await recordModified(tx, row.id);
}

/** Keeps a locked application's deletion from going on before somebody asks for it again. */
export async function stopObjectDeletion(tx: Database, row: ApplicationRow): Promise<void> {
  if (row.deletion === null) return;
  await tx
    .update(applications)
    .set({ deletion: { ...row.deletion, stopped: true } })
    .where(eq(applications.id, row.id));
}

/** Syncs that nobody has told to end, of applications with one of these conditions. */
export function liveSyncsUnder(
  db: Database,
  types: readonly string[],
): Promise<Pick<OperationRow, 'applicationId' | 'id' | 'kind'>[]> {
  const hasOne = sql`exists (select 1 from jsonb_array_elements(${applications.homeConditions}) as condition
    where condition ->> 'type' = any(${sql.param([...types])}::text[]))`;
  return db
    .select({ id: operations.id, applicationId: operations.applicationId, kind: operations.kind })
    .from(operations)
    .innerJoin(applications, eq(applications.id, operations.applicationId))
    .where(
      and(
        eq(operations.kind, 'sync'),
        isNull(operations.finishedAt),
        isNull(operations.terminateRequestedAt),
        sql`${applications.homeConditions} <> '[]'::jsonb`,
        hasOne,
      ),
    );
}

/** Applications that have an object, as far as its absence is judged by it. */
export type MirroredApplication = Pick<
  ApplicationRow,
  'homeConditions' | 'homeUid' | 'id' | 'name' | 'namespace'
>;

const mirroredColumns = {
  id: applications.id,
  namespace: applications.namespace,
  name: applications.name,
  homeUid: applications.homeUid,
  homeConditions: applications.homeConditions,
};

/** All applications that have an object, or the one of this object. */
export function mirroredApplications(db: Database, uid?: string): Promise<MirroredApplication[]> {
  const isIt = uid === undefined ? isNotNull(applications.homeUid) : eq(applications.homeUid, uid);
  return db.select(mirroredColumns).from(applications).where(isIt);
}

/** Those of them that have a condition of this type. */
export function applicationsUnder(db: Database, type: string): Promise<MirroredApplication[]> {
  const pattern = sql`${formatJson([{ type }])}::jsonb`;
  return db
    .select(mirroredColumns)
    .from(applications)
    .where(and(isNotNull(applications.homeUid), sql`${applications.homeConditions} @> ${pattern}`));
}
