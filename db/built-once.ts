import type { Database } from './client.ts';

/**
 * A query that is built once for a database and then only run, each time with the values of its placeholders: for a row
 * of 40 columns and some joins, building takes longer than running. On a transaction it is built each time.
 */
export function builtOnce<Query>(build: (db: Database) => Query): (db: Database) => Query {
  const built = new WeakMap<Database, Query>();
  return (db) => {
    const known = built.get(db);
    if (known !== undefined) return known;
    const query = build(db);
    built.set(db, query);
    return query;
  };
}
