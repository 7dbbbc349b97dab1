import { type SQL, sql } from 'drizzle-orm';
import type { Database } from './database.ts';

/** The moment so many seconds ago, by the database's clock: what is compared with it was written by that clock. */
export function before(seconds: number): SQL {
  return sql`now() - make_interval(secs => ${seconds}::double precision)`;
}

/** The time of a transaction, by the clock that also dates operations. */
export async function timeOf(tx: Database): Promise<Date> {
  const { rows } = await tx.execute<{ at: string }>(sql`select extract(epoch from now()) * 1000 as at`);
  return new Date(Number(rows[0]?.at));
}
