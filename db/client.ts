import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { tables } from './schema/tables.ts';

/** The database, or a transaction on it: queries take either. */
export type Database = NodePgDatabase<typeof tables>;

export type DatabaseConnection = {
  readonly db: Database;
  readonly pool: pg.Pool;
  close(): Promise<void>;
};

/**
 * Opens a pool of at most `connections` connections. A connection that breaks is dropped and replaced by the
 * pool; `onError` hears of it.
 */
export function connectDatabase(
  url: string,
  options: { connections?: number; onError: (error: Error) => void },
): DatabaseConnection {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 10,
    // Waiting for a free connection counts too: under load a queue is normal, an error is not.
    connectionTimeoutMillis: 30_000,
    application_name: 'keelson',
  });
  pool.on('error', options.onError);
  return { db: drizzle(pool, { schema: tables }), pool, close: () => pool.end() };
}
