import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { SyncPhase } from '../../../core/sync/plan/plan.ts';
import type { Database } from '../../client.ts';
import { operations, waits } from '../../schema/operation.ts';
import { changeRows } from '../../statement.ts';

export type WaitRow = typeof waits.$inferSelect;
export type NewWait = Omit<WaitRow, 'id' | 'openedAt' | 'closedAt'>;

/** The place of waits that belong to no phase. */
export const nowhere = { phase: '', wave: 0 } as const;

/** Opens a wait, or renews reason and keys of the one that is open for the same place of the operation. */
export async function openWait(db: Database, wait: NewWait): Promise<void> {
  await opening(db, wait);
}

function opening(db: Database, wait: NewWait) {
  return db
    .insert(waits)
    .values(wait)
    .onConflictDoUpdate({
      target: [waits.operationId, waits.attempt, waits.kind, waits.phase, waits.wave],
      targetWhere: sql`closed_at is null`,
      set: { reason: wait.reason, keys: wait.keys, steps: wait.steps, deadline: wait.deadline },
    });
}

/** Opens a wait of an attempt, or renews it, and announces it to whoever follows the application. */
export async function announceWait(
  db: Database,
  ref: { readonly applicationId: string; readonly operationId: string; readonly attempt: number },
  wait: Omit<NewWait, 'operationId' | 'attempt'>,
): Promise<void> {
  const { applicationId, operationId, attempt } = ref;
  await changeRows(db, {
    parts: { opened: opening(db, { operationId, attempt, ...wait }) },
    announces: [{ type: 'MODIFIED', topic: 'application', applicationId }],
  });
}

/** Closes the open waits of an operation that are of these kinds, wherever they stand. */
export async function closeWaitsOfKind(
  db: Database,
  operationId: string,
  kinds: readonly WaitRow['kind'][],
): Promise<void> {
  await db
    .update(waits)
    .set({ closedAt: sql`clock_timestamp()` })
    .where(and(eq(waits.operationId, operationId), isNull(waits.closedAt), inArray(waits.kind, [...kinds])));
}

/** Closes the open waits of an operation, all of them or those of one phase and wave. */
export async function closeWaits(
  db: Database,
  operationId: string,
  place?: { attempt: number; phase: SyncPhase; wave: number },
): Promise<void> {
  const where = [eq(waits.operationId, operationId), isNull(waits.closedAt)];
  if (place !== undefined) {
    where.push(eq(waits.attempt, place.attempt), eq(waits.phase, place.phase), eq(waits.wave, place.wave));
  }
  await db
    .update(waits)
    .set({ closedAt: sql`clock_timestamp()` })
    .where(and(...where));
}

/** Open waits of one kind-of-thing a cluster session can see: settled objects, ended hooks, finished deletions. */
export function openWaitsOfCluster(
  db: Database,
  clusterId: string,
): Promise<(WaitRow & { applicationId: string; operationKind: 'sync' | 'delete' })[]> {
  return db
    .select({
      ...waitColumns,
      applicationId: operations.applicationId,
      operationKind: operations.kind,
    })
    .from(waits)
    .innerJoin(operations, eq(operations.id, waits.operationId))
    .where(and(eq(waits.clusterId, clusterId), isNull(waits.closedAt), isNull(operations.finishedAt)));
}

const waitColumns = {
  id: waits.id,
  operationId: waits.operationId,
  attempt: waits.attempt,
  clusterId: waits.clusterId,
  kind: waits.kind,
  phase: waits.phase,
  wave: waits.wave,
  steps: waits.steps,
  keys: waits.keys,
  reason: waits.reason,
  deadline: waits.deadline,
  openedAt: waits.openedAt,
  closedAt: waits.closedAt,
};
