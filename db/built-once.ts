import type { Database } from './client.ts';
import { madeFor } from './connection/session.ts';

/**
 * A query that is built once for a database and then only run, each time with the values of its placeholders: for a row
 * of 40 columns and some joins, building takes longer than running. In a transaction it is built at its first use.
 */
export function builtOnce<Query>(build: (db: Database) => Query): (db: Database) => Query {
  return (db) => madeFor(db, build);
}
