import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm';
import type pg from 'pg';
import type { Database } from '../client.ts';
import { changes } from '../schema/record.ts';
import { type Change, changeChannel } from './change.ts';

/**
 * Listens for announced changes on a connection of its own until `stop` is called; `onLost` says that the
 * connection broke, after which nothing is heard any more. Announcements are hints: the table is the truth.
 */
export async function openChangeListener(
  pool: pg.Pool,
  on: { readonly change: () => void; readonly lost: (error: Error) => void },
): Promise<{ stop(): void }> {
  const client = await pool.connect();
  let open = true;
  const release = (broken: Error | true): void => {
    if (!open) return;
    open = false;
    client.removeAllListeners('notification');
    // Destroyed, not returned: a connection that listens must not serve other queries.
    client.release(broken);
  };
  client.on('notification', on.change);
  client.on('error', (error) => {
    release(error);
    on.lost(error);
  });
  await client.query(`listen ${changeChannel}`);
  return { stop: () => release(true) };
}

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
