import {
  createTableRelationsHelpers,
  type ExtractTablesWithRelations,
  extractTablesRelationalConfig,
  type Query,
  sql,
} from 'drizzle-orm';
import { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { NodePgSession, NodePgTransaction } from 'drizzle-orm/node-postgres/session';
import {
  PgDialect,
  type PgPreparedQuery,
  type PgTransactionConfig,
  type PreparedQueryConfig,
} from 'drizzle-orm/pg-core';
import type pg from 'pg';
import { KeelsonError } from '../../core/errors.ts';
import type { Database } from '../database.ts';
import { tables } from '../schema/tables.ts';
import { repeated } from './deadlock.ts';
import { createStatementNames } from './prepared.ts';
import { StoreError, storeErrorOf } from './store-error.ts';

type Tables = typeof tables;
type Relations = ExtractTablesWithRelations<Tables>;
type Prepared = Parameters<NodePgSession<Tables, Relations>['prepareQuery']>;
type Transaction = NodePgTransaction<Tables, Relations>;

const dialect = new PgDialect();
const relations = extractTablesRelationalConfig<Relations>(tables, createTableRelationsHelpers);
const schema = {
  fullSchema: tables,
  schema: relations.tables,
  tableNamesMap: relations.tableNamesMap,
};

/** A transaction that can't be taken back within this time gives its connection up instead. */
const rollbackMilliseconds = 5_000;

/** What all connections of one pool share. */
type Shared = { readonly pool: pg.Pool; readonly nameOf: (text: string) => string | undefined };

/** The query builder on a pool, or on one connection of it. */
class StoreSession extends NodePgSession<Tables, Relations> {
  readonly #shared: Shared;
  /** Of a pool each statement is a transaction of its own, and may be repeated as a whole. */
  readonly #standsAlone: boolean;
  /** What queries have made for this session; it goes with it. */
  readonly made = new Map<(db: Database) => unknown, unknown>();

  constructor(shared: Shared, client?: pg.PoolClient) {
    super(client ?? shared.pool, dialect, schema);
    this.#shared = shared;
    this.#standsAlone = client === undefined;
  }

  override prepareQuery<T extends PreparedQueryConfig>(
    query: Query,
    fields: Prepared[1],
    name: string | undefined,
    isArray: boolean,
    mapRows?: (rows: unknown[][]) => T['execute'],
    metadata?: Prepared[5],
    cache?: Prepared[6],
  ): PgPreparedQuery<T> {
    const named = name ?? this.#shared.nameOf(query.sql);
    const prepared = super.prepareQuery<T>(query, fields, named, isArray, mapRows, metadata, cache);
    const execute = prepared.execute.bind(prepared);
    const run = async (values: Record<string, unknown> | undefined) => {
      try {
        return await execute(values);
      } catch (error) {
        throw storeErrorOf(error);
      }
    };
    prepared.execute = this.#standsAlone ? (values) => repeated(() => run(values)) : run;
    return prepared;
  }

  override transaction<T>(work: (tx: Transaction) => Promise<T>, config?: PgTransactionConfig): Promise<T> {
    return repeated(() => this.#transactOnce(work, config));
  }

  /** The builder's own loses the connection for good when BEGIN fails, and hides the error when ROLLBACK does. */
  async #transactOnce<T>(work: (tx: Transaction) => Promise<T>, config?: PgTransactionConfig): Promise<T> {
    const client = await this.#shared.pool.connect().catch((error: unknown) => {
      throw storeErrorOf(error);
    });
    let fault: Error | undefined;
    try {
      const session = new StoreSession(this.#shared, client);
      const tx = new NodePgTransaction<Tables, Relations>(dialect, session, schema);
      await tx.execute(sql`begin`);
      if (config !== undefined) await tx.setTransaction(config);
      const result = await work(tx);
      // After a failed statement that the work went on from, PostgreSQL answers COMMIT with what it did instead.
      const { command } = await tx.execute(sql`commit`);
      if (command === 'ROLLBACK')
        throw new StoreError('transaction failed before its end', { code: '25P02' });
      return result;
    } catch (error) {
      fault = await rollBack(client);
      throw error;
    } finally {
      // With a fault the pool ends the connection and makes another one.
      client.release(fault);
    }
  }
}

/** Why a connection can't be used any more, if so. */
async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  const statement = { text: 'rollback', query_timeout: rollbackMilliseconds };
  return client.query(statement).then(
    () => undefined,
    (cause: unknown) => (cause instanceof Error ? cause : new StoreError('transaction could not be ended')),
  );
}

/** The query builder on a pool. */
export function buildOn(pool: pg.Pool): NodePgDatabase<Tables> {
  return new NodePgDatabase(dialect, new StoreSession({ pool, nameOf: createStatementNames() }), schema);
}

/**
 * What `make` makes for a database, or for one transaction on it: made at the first use, kept by its session, and gone
 * with it.
 */
export function madeFor<Made>(db: Database, make: (db: Database) => Made): Made {
  const { session } = db._;
  if (!(session instanceof StoreSession))
    throw new KeelsonError('internal', 'database was not opened by connectDatabase, so it keeps no queries');
  const { made } = session;
  if (!made.has(make)) made.set(make, make(db));
  // What is kept by a function is what it has made.
  return made.get(make) as Made;
}
