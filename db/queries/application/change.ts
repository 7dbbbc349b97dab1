import { asc, gt } from 'drizzle-orm';
import type { Database } from '../../database.ts';
import { changes } from '../../schema/record.ts';
import { changeRows, type NewChange } from '../../statement.ts';

/** A row of the change log. */
export type Change = typeof changes.$inferSelect;

/**
 * Records what plain statements of the surrounding transaction have changed: in the change log, by a new
 * resourceVersion when an application was modified, and by a notification when the transaction commits.
 */
export async function recordChange(db: Database, change: NewChange): Promise<void> {
  await changeRows(db, { announces: [change] });
}

/** Records that something of an application has changed. */
export function recordModified(db: Database, applicationId: string): Promise<void> {
  return recordChange(db, { type: 'MODIFIED', topic: 'application', applicationId });
}

/** Changes after a position of the log, oldest first, at most `limit`. */
export function changesAfter(db: Database, id: number, limit = 1000): Promise<Change[]> {
  return db.select().from(changes).where(gt(changes.id, id)).orderBy(asc(changes.id)).limit(limit);
}
