import { inArray } from 'drizzle-orm';
import type { ApplicationRecord } from '../../../core/application/record.ts';
import type { Database } from '../../client.ts';
import { dirty } from '../../schema/application.ts';
import { type ApplicationRow, getApplication } from '../application/application.ts';
import { completeApplications } from '../application/application-record.ts';

/** All that the status of an application's object is made of. */
export type StatusSource = {
  readonly row: ApplicationRow;
  readonly record: ApplicationRecord;
  /** When somebody or something last asked for a comparison. */
  readonly refreshedAt: Date | undefined;
};

/** Reads it for some applications; those that are gone, or have no object, are left out. */
export async function statusSources(db: Database, ids: readonly string[]): Promise<StatusSource[]> {
  const found = await Promise.all(ids.map((id) => getApplication(db, id)));
  const rows = found.flatMap((row) => (row === undefined || row.homeUid === null ? [] : [row]));
  if (rows.length === 0) return [];
  const [records, refreshed] = await Promise.all([
    completeApplications(db, rows, { sync: true, written: true, history: true }),
    db
      .select({ id: dirty.applicationId, at: dirty.requestedAt })
      .from(dirty)
      .where(inArray(dirty.applicationId, [...ids])),
  ]);
  const times = new Map(refreshed.map(({ id, at }) => [id, at]));
  return rows.flatMap((row, position) => {
    const record = records[position];
    return record === undefined ? [] : [{ row, record, refreshedAt: times.get(row.id) }];
  });
}
