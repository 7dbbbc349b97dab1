import { type SQL, sql } from 'drizzle-orm';

/** The moment so many seconds ago, by the database's clock: what is compared with it was written by that clock. */
export function before(seconds: number): SQL {
  return sql`now() - make_interval(secs => ${seconds}::double precision)`;
}
