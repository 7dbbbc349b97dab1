import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import { automation } from '../../../core/sync/operation/initiator.ts';
import type { SyncRequest } from '../../../core/sync/operation/operation.ts';
import { mayStart } from '../../../core/sync/operation/supersede.ts';
import type { Database } from '../../client.ts';
import { applicationStatus, applications } from '../../schema/application.ts';
import { operations, successors } from '../../schema/operation.ts';
import { before } from '../../times.ts';
import type { ApplicationRow } from '../application/application.ts';
import { recordModified } from '../application/change.ts';
import { applicationColumns, isStatusOf } from '../application/destination.ts';
import type { OperationRow } from './operation.ts';
import { requestOperation } from './operation-request.ts';

export type SuccessorRow = typeof successors.$inferSelect;

/** The newest state that is to follow a live operation; without a request there is nothing left to do for it. */
export type NewestState = {
  readonly application: Pick<ApplicationRow, 'id' | 'spec'> & { readonly clusterId: string };
  readonly revision: string;
  readonly request: SyncRequest | null;
};

/**
 * Queues what follows a live operation, in place of what was queued before. Answers whether the operation was still
 * live and has to be told; one that has ended needs no successor, its end has asked for a comparison.
 */
export function queueSuccessor(
  db: Database,
  live: Pick<OperationRow, 'id'>,
  { application, revision, request }: NewestState,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    // The lock holds off the operation's end until the successor is there for it to take.
    const [held] = await tx
      .select({ id: operations.id })
      .from(operations)
      .where(and(eq(operations.id, live.id), isNull(operations.finishedAt)))
      .for('update');
    if (held === undefined) return false;
    const { clusterId, spec } = application;
    const set = { revision, request, spec, clusterId, queuedAt: sql`now()` };
    await tx
      .insert(successors)
      .values({ applicationId: application.id, ...set })
      .onConflictDoUpdate({ target: successors.applicationId, set });
    await recordModified(tx, application.id);
    return true;
  });
}

/** Forgets what was queued: the live operation brings the newest state itself. */
export async function dropSuccessor(db: Database, applicationId: string): Promise<void> {
  await db.delete(successors).where(eq(successors.applicationId, applicationId));
}

/** Live operations behind which something newer is queued, at most for `forSeconds`, or for however long. */
export async function waitingSuccessions(db: Database, forSeconds?: number): Promise<OperationRow[]> {
  const recent = forSeconds === undefined ? undefined : gt(successors.queuedAt, before(forSeconds));
  const rows = await db
    .select({ operation: operations })
    .from(successors)
    .innerJoin(operations, eq(operations.applicationId, successors.applicationId))
    .where(and(isNull(operations.finishedAt), recent))
    .limit(500);
  return rows.map(({ operation }) => operation);
}

/**
 * Takes what was queued behind an operation that this transaction ends, and commits its row where it may still start.
 */
export async function startSuccessor(
  tx: Database,
  ended: Pick<OperationRow, 'applicationId'>,
): Promise<OperationRow | undefined> {
  const [queued] = await tx
    .delete(successors)
    .where(eq(successors.applicationId, ended.applicationId))
    .returning();
  if (queued === undefined || queued.request === null) return undefined;
  const [application] = await tx
    .select(applicationColumns)
    .from(applications)
    .innerJoin(applicationStatus, isStatusOf)
    .where(eq(applications.id, ended.applicationId));
  if (application === undefined || !mayStart(queued, application)) return undefined;
  return await requestOperation(tx, {
    application: { ...application, clusterId: queued.clusterId, spec: queued.spec },
    kind: 'sync',
    initiatedBy: automation,
    request: queued.request,
  });
}
