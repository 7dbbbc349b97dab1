import pg from 'pg';
import { parseJson } from '../../core/object/json/json.ts';

// Postgres keeps every digit of a number in JSON; the driver's own parser would round it.
for (const type of [pg.types.builtins.JSON, pg.types.builtins.JSONB]) pg.types.setTypeParser(type, parseJson);

/** How long the database may keep somebody waiting, in milliseconds. */
export type Deadlines = {
  /** One statement; then PostgreSQL ends it. */
  readonly statement: number;
  /** For a lock that another transaction holds. */
  readonly lock: number;
  /** Between two statements of a transaction, after which its locks are given to others. */
  readonly idleInTransaction: number;
};

export const deadlines: Deadlines = { statement: 60_000, lock: 10_000, idleInTransaction: 30_000 };

/** What PostgreSQL needs at most to say that a statement's time is over; who says nothing then is out of reach. */
const graceMilliseconds = 5_000;
const keepAliveMilliseconds = 10_000;

/** How a pool is opened. */
export type PoolOptions = {
  readonly connections?: number;
  readonly deadlines?: Partial<Deadlines>;
  /** Hears of each connection that breaks, lent or not. */
  readonly onError: (error: Error) => void;
};

/** A pool of connections with deadlines, none of which ends the process when it breaks. */
export function openPool(url: string, options: PoolOptions): pg.Pool {
  const limits = { ...deadlines, ...options.deadlines };
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 10,
    // Waiting for a free connection counts too: under load a queue is normal, an error is not.
    connectionTimeoutMillis: 30_000,
    // A network that swallows everything keeps PostgreSQL's own deadline from being told.
    query_timeout: limits.statement + graceMilliseconds,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMilliseconds,
    application_name: 'keelson',
    onConnect: (client) => prepare(client, limits),
  });
  pool.on('connect', (client) => client.on('error', options.onError));
  // Who listens to each connection has heard it; without a listener the pool's own event ends the process.
  pool.on('error', () => {});
  return pool;
}

/**
 * Sets deadlines, and makes Postgres plan a named statement once a connection, not with the values of each of its first
 * five runs: all of ours go by keys, whose plan is the same for every value. A third of what Postgres does for a crowd
 * was planning. Set by statement: poolers refuse the same as parameters of the start.
 */
async function prepare(client: pg.ClientBase, limits: Deadlines): Promise<void> {
  await client.query(
    `set plan_cache_mode = force_generic_plan;
     set statement_timeout = ${limits.statement};
     set lock_timeout = ${limits.lock};
     set idle_in_transaction_session_timeout = ${limits.idleInTransaction};
     set tcp_keepalives_idle = ${keepAliveMilliseconds / 1000};
     set tcp_keepalives_interval = ${keepAliveMilliseconds / 1000};
     set tcp_keepalives_count = 3`,
  );
}
