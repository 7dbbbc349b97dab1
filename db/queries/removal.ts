import { eq, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { applications } from '../schema/application.ts';
import { removeApplication } from './application.ts';
import type { OperationRow } from './operation.ts';
import { end } from './operation-life.ts';

/** Ends a deletion and removes its application in one transaction; operations and their results stay. */
export function endDeletion(db: Database, operation: OperationRow, message: string): Promise<void> {
  return db.transaction(async (tx) => {
    await end(tx, operation, { phase: 'Succeeded', message, inHistory: false });
    await removeApplication(tx, operation.applicationId);
  });
}

/** Ends a deletion that did not come through: the application is as before and can be deleted again. */
export function endFailedDeletion(
  db: Database,
  operation: OperationRow,
  outcome: { phase: 'Failed' | 'Error' | 'Superseded'; message: string },
): Promise<void> {
  return db.transaction(async (tx) => {
    await tx
      .update(applications)
      .set({ deletionRequestedAt: sql`null` })
      .where(eq(applications.id, operation.applicationId));
    await end(tx, operation, { ...outcome, inHistory: false });
  });
}
