import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { changes } from '../../schema/record.ts';
import type { Change } from './change.ts';

/** The newest rows of the change log, oldest first. */
export async function newestChanges(db: Database, limit: number): Promise<Change[]> {
  const rows = await db.select().from(changes).orderBy(desc(changes.id)).limit(limit);
  return rows.reverse();
}

/** Rows of the change log by position: ids are given out before commit, so a lower one can appear later. */
export async function changesById(db: Database, ids: readonly number[]): Promise<Change[]> {
  if (ids.length === 0) return [];
  return db
    .select()
    .from(changes)
    .where(inArray(changes.id, [...ids]))
    .orderBy(asc(changes.id));
}

/** Deletions of applications newer than a resource version, oldest first; a reader that was away catches up with them. */
export function deletionsAfter(db: Database, resourceVersion: number): Promise<Change[]> {
  return db
    .select()
    .from(changes)
    .where(
      and(
        eq(changes.topic, 'application'),
        eq(changes.type, 'DELETED'),
        sql`(${changes.final} ->> 'resourceVersion')::bigint > ${resourceVersion}`,
      ),
    )
    .orderBy(asc(changes.id))
    .limit(1000);
}
