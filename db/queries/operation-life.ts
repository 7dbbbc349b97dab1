import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { operations } from '../schema/operation.ts';
import { recordChange } from './change.ts';
import { requestComparison } from './dirty.ts';
import { closeFence, openFence } from './fence.ts';
import { endOperation, getOperation, type OperationEnd, type OperationRow } from './operation.ts';
import { closeWaits, nowhere, openWait } from './wait.ts';

/** Starts a requested operation and gives it the fence; undefined when it has ended or never was. */
export function admit(db: Database, operationId: string): Promise<OperationRow | undefined> {
  return db.transaction(async (tx) => {
    const [row] = await tx
      .update(operations)
      .set({
        startedAt: sql`coalesce(${operations.startedAt}, now())`,
        phase: sql`case when ${operations.phase} = 'Requested' then 'Running' else ${operations.phase} end`,
      })
      .where(and(eq(operations.id, operationId), isNull(operations.finishedAt)))
      .returning();
    if (row === undefined) return undefined;
    await openFence(tx, { applicationId: row.applicationId, operationId, attempt: row.attempt });
    await recordChange(tx, { type: 'MODIFIED', topic: 'application', applicationId: row.applicationId });
    return row;
  });
}

/** Moves a live operation to its next attempt, with the reason of the wait in between. */
export function startNextAttempt(
  db: Database,
  operation: Pick<OperationRow, 'id' | 'applicationId'>,
  next: { attempt: number; message: string },
): Promise<void> {
  return db.transaction(async (tx) => {
    await tx
      .update(operations)
      .set({ attempt: next.attempt, message: next.message })
      .where(and(eq(operations.id, operation.id), isNull(operations.finishedAt)));
    await closeWaits(tx, operation.id);
    await openFence(tx, {
      applicationId: operation.applicationId,
      operationId: operation.id,
      attempt: next.attempt,
    });
    await recordChange(tx, {
      type: 'MODIFIED',
      topic: 'application',
      applicationId: operation.applicationId,
    });
  });
}

/** Ends an operation: no attempt of it may write any more, nothing waits for it, and its session compares anew. */
export function end(
  db: Database,
  operation: Pick<OperationRow, 'id' | 'applicationId' | 'clusterId'>,
  outcome: OperationEnd,
): Promise<void> {
  return db.transaction(async (tx) => {
    const ended = await endOperation(tx, operation, outcome);
    if (!ended) return;
    await closeFence(tx, { applicationId: operation.applicationId, operationId: operation.id });
    await closeWaits(tx, operation.id);
    await requestComparison(tx, operation.applicationId);
    await recordChange(tx, {
      type: 'MODIFIED',
      topic: 'application',
      applicationId: operation.applicationId,
    });
    await recordChange(tx, {
      type: 'MODIFIED',
      topic: 'desired',
      applicationId: operation.applicationId,
      ...(operation.clusterId === null ? {} : { clusterId: operation.clusterId }),
    });
  });
}

/** Opens the wait before a retry. */
export async function openRetryWait(
  db: Database,
  of: { operationId: string; attempt: number; seconds: number },
): Promise<void> {
  const operation = await getOperation(db, of.operationId);
  if (operation === undefined || operation.finishedAt !== null) return;
  await openWait(db, {
    operationId: of.operationId,
    attempt: of.attempt + 1,
    clusterId: null,
    kind: 'retry',
    ...nowhere,
    steps: [],
    keys: [],
    reason: operation.message,
    deadline: new Date(Date.now() + of.seconds * 1000),
  });
  await recordChange(db, { type: 'MODIFIED', topic: 'application', applicationId: operation.applicationId });
}
