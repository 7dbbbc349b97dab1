import type pg from 'pg';
import { openPool, type PoolOptions } from './connection/pool.ts';
import { buildOn } from './connection/session.ts';
import type { Database } from './database.ts';
import { type ChangeHub, createChangeHub } from './listen.ts';

export type { Database } from './database.ts';

/** A database that is open, with all that this process keeps for it. */
export type DatabaseConnection = {
  readonly db: Database;
  readonly pool: pg.Pool;
  /** What is announced, on one connection for all who listen. */
  readonly changes: ChangeHub;
  /** Holds the password. */
  readonly url: string;
  close(): Promise<void>;
};

/** Opens a pool of connections. One that breaks is dropped and replaced by the pool; `onError` hears of it. */
export function connectDatabase(url: string, options: PoolOptions): DatabaseConnection {
  const pool = openPool(url, options);
  return { db: buildOn(pool), pool, changes: createChangeHub(pool), url, close: () => pool.end() };
}
