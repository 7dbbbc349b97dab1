import { sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../client.ts';
import { audit, changes } from '../schema/record.ts';
import { uploads, webhookDeliveries } from '../schema/repository.ts';
import { before } from '../times.ts';

/** Rows of one statement: few enough that it holds no lock for long, and the rest is the next run's. */
const rowsAtOnce = 5000;

/** Changes that no stream can still be behind on, deliveries that no provider repeats, uploads whose server died. */
const records = {
  audit: { table: audit, at: audit.at },
  changes: { table: changes, at: changes.at },
  deliveries: { table: webhookDeliveries, at: webhookDeliveries.receivedAt },
  uploads: { table: uploads, at: uploads.createdAt },
} as const satisfies Record<string, { readonly table: PgTable; readonly at: PgColumn }>;

/** Drops rows of a table of records that are older than so many seconds; answers whether there may be more. */
export async function forgetRecords(
  db: Database,
  name: keyof typeof records,
  olderThanSeconds: number,
): Promise<boolean> {
  const { table, at } = records[name];
  const { rowCount } = await db.execute(sql`delete from ${table} where ctid in (
    select ctid from ${table} where ${at} < ${before(olderThanSeconds)} limit ${rowsAtOnce})`);
  return rowCount === rowsAtOnce;
}
