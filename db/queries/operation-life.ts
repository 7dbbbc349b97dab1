import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { operations } from '../schema/operation.ts';
import { recordChange } from './change.ts';
import { requestComparison } from './dirty.ts';
import { closeFence, openFence } from './fence.ts';
import { endOperation, type OperationEnd, type OperationRow } from './operation.ts';
import { startSuccessor } from './succession.ts';
import { closeWaits, nowhere, openWait } from './wait.ts';

/**
 * Starts a requested operation and gives it the fence; undefined when it has ended or never was. A timeout counts from
 * the first start, over all retries.
 */
export function admit(
  db: Database,
  operationId: string,
  timeoutSeconds = 0,
): Promise<OperationRow | undefined> {
  const deadline =
    timeoutSeconds > 0
      ? sql`coalesce(${operations.deadline}, coalesce(${operations.startedAt}, now()) + make_interval(secs => ${timeoutSeconds}))`
      : sql`${operations.deadline}`;
  return db.transaction(async (tx) => {
    const [row] = await tx
      .update(operations)
      .set({
        startedAt: sql`coalesce(${operations.startedAt}, now())`,
        deadline,
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

/** Moves a live operation to its next attempt; the pause before it stands as a wait with its end. */
export function startNextAttempt(
  db: Database,
  operation: Pick<OperationRow, 'id' | 'applicationId'>,
  next: { attempt: number; message: string; at: Date },
): Promise<void> {
  return db.transaction(async (tx) => {
    const moved = await tx
      .update(operations)
      .set({ attempt: next.attempt, message: next.message })
      .where(and(eq(operations.id, operation.id), isNull(operations.finishedAt)))
      .returning({ id: operations.id });
    if (moved.length === 0) return;
    await closeWaits(tx, operation.id);
    await openWait(tx, {
      operationId: operation.id,
      attempt: next.attempt,
      clusterId: null,
      kind: 'retry',
      ...nowhere,
      steps: [],
      keys: [],
      reason: next.message,
      deadline: next.at,
    });
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

/**
 * Ends an operation: no attempt of it may write any more, nothing waits for it, and its session compares anew. What was
 * queued behind it starts in the same transaction; the answer is its row, whose workflow the caller starts.
 */
export function end(
  db: Database,
  operation: Pick<OperationRow, 'id' | 'applicationId' | 'clusterId'>,
  outcome: OperationEnd,
): Promise<OperationRow | undefined> {
  return db.transaction(async (tx) => {
    const ended = await endOperation(tx, operation, outcome);
    if (!ended) return undefined;
    await closeFence(tx, { applicationId: operation.applicationId, operationId: operation.id });
    await closeWaits(tx, operation.id);
    const successor = await startSuccessor(tx, operation);
    if (successor !== undefined && outcome.phase === 'Superseded') {
      await tx.update(operations).set({ supersededBy: successor.id }).where(eq(operations.id, operation.id));
    }
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
    return successor;
  });
}
