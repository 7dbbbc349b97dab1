import { eq, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { applications } from '../schema/application.ts';
import { operations } from '../schema/operation.ts';
import { recordChange } from './change.ts';
import { closeFence } from './fence.ts';
import type { OperationRow } from './operation.ts';
import { closeWaits } from './wait.ts';

/** Ends a deletion and removes its application in one transaction; operations and their results stay. */
export function removeApplication(db: Database, operation: OperationRow, message: string): Promise<void> {
  return db.transaction(async (tx) => {
    await tx
      .update(operations)
      .set({ phase: 'Succeeded', message, finishedAt: sql`clock_timestamp()` })
      .where(eq(operations.id, operation.id));
    await closeFence(tx, { applicationId: operation.applicationId, operationId: operation.id });
    await closeWaits(tx, operation.id);
    const [final] = await tx
      .delete(applications)
      .where(eq(applications.id, operation.applicationId))
      .returning();
    await recordChange(tx, {
      type: 'DELETED',
      topic: 'application',
      applicationId: operation.applicationId,
      ...(operation.clusterId === null ? {} : { clusterId: operation.clusterId }),
      final,
    });
  });
}
