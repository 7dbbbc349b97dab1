import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { parseJson } from '../core/object/json.ts';
import { nameStatements } from './prepared.ts';
import { tables } from './schema/tables.ts';

// Postgres keeps every digit of a number in JSON; the driver's own parser would round it.
for (const type of [pg.types.builtins.JSON, pg.types.builtins.JSONB]) pg.types.setTypeParser(type, parseJson);

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
    onConnect: planOnce,
  });
  pool.on('error', options.onError);
  nameStatements(pool);
  return { db: withRepeats(drizzle(pool, { schema: tables })), pool, close: () => pool.end() };
}

/**
 * Makes Postgres plan a named statement once a connection, not with the values of each of its first five runs: all of
 * ours go by keys, whose plan is the same for every value. A third of what Postgres does for a crowd was planning.
 */
async function planOnce(client: pg.ClientBase): Promise<void> {
  await client.query('set plan_cache_mode = force_generic_plan');
}

/** Postgres: deadlock_detected. */
const deadlockDetected = '40P01';
const mostTries = 5;

/**
 * Repeats a transaction, or a statement by itself, that Postgres chose to end a deadlock with: two transactions that
 * touch the same rows in different orders, such as a deletion and a comparison, are both right. Nothing of the ended one
 * is stored, and transactions do nothing outside the database.
 */
function withRepeats(db: Database): Database {
  const begin = db.transaction.bind(db);
  db.transaction = (work, config) => repeated(() => begin(work, config));
  const execute = db.execute.bind(db);
  // What runs by itself is awaited by all callers, so a promise serves where the builder would.
  db.execute = ((query) => repeated(async () => await execute(query))) as typeof execute;
  return db;
}

async function repeated<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === mostTries || !isDeadlock(error)) throw error;
    }
  }
}

function isDeadlock(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && cause.code === deadlockDetected) return true;
  }
  return false;
}
