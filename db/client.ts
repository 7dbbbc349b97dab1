import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { openPool, type PoolOptions } from './connection/pool.ts';
import { buildOn } from './connection/session.ts';
import type { tables } from './schema/tables.ts';

/** The database, or a transaction on it: queries take either. */
export type Database = NodePgDatabase<typeof tables>;

export type DatabaseConnection = {
  readonly db: Database;
  readonly pool: pg.Pool;
  /** Holds the password. */
  readonly url: string;
  close(): Promise<void>;
};

/** Opens a pool of connections. One that breaks is dropped and replaced by the pool; `onError` hears of it. */
export function connectDatabase(url: string, options: PoolOptions): DatabaseConnection {
  const pool = openPool(url, options);
  return { db: withRepeats(buildOn(pool)), pool, url, close: () => pool.end() };
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
