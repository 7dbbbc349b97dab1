import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { openPool, type PoolOptions } from '../../../db/connection/pool.ts';
import { createChangeHub } from '../../../db/listen.ts';
import { migrateDatabase } from '../../../db/migrate.ts';
import { createLogger } from '../../../platform/logger.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { startTcpRelay, type TcpRelay } from '../../support/servers/tcp-relay.ts';

let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createDatabase']>>;
let relay: TcpRelay;
let open: DatabaseConnection[];

beforeAll(async () => {
  facts = await testPlatform().createDatabase();
  const direct = connectTo(facts.databaseUrl, { connections: 1 });
  await direct.db.execute(sql`create table numbers (one int primary key)`);
  await direct.close();
});
beforeEach(async () => {
  open = [];
  relay = await startTcpRelay(Number(new URL(facts.databaseUrl).port));
});
afterEach(async () => {
  // Connections that hang are cut first: their pools wait for them.
  await relay.stop();
  await Promise.all(open.map((connection) => connection.close()));
});
afterAll(() => facts?.drop());

const heard: Error[] = [];

function connectTo(url: string, options: Omit<PoolOptions, 'onError'>): DatabaseConnection {
  return connectDatabase(url, { ...options, onError: (error) => heard.push(error) });
}

/** Through the network that fails. */
function connectRelayed(options: Omit<PoolOptions, 'onError'> = {}): DatabaseConnection {
  const url = new URL(facts.databaseUrl);
  url.port = String(relay.port);
  const connection = connectTo(url.href, { connections: 3, ...options });
  open.push(connection);
  return connection;
}

function connectDirect(options: Omit<PoolOptions, 'onError'> = {}): DatabaseConnection {
  const connection = connectTo(facts.databaseUrl, { connections: 3, ...options });
  open.push(connection);
  return connection;
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );

describe('db/connection', () => {
  it('loses no connection by a BEGIN that fails', async () => {
    const { db, pool } = connectRelayed();
    for (let round = 0; round < 4; round++) {
      // Connections that are there, so that the next thing each of them does is BEGIN.
      const lent = await Promise.all([1, 2, 3].map(() => pool.connect()));
      for (const client of lent) client.release();
      relay.swallow();
      const before = relay.sent('begin');
      const begun = [1, 2, 3].map(() => codeOf(db.transaction(async () => 'begun')));
      await expect.poll(() => relay.sent('begin') - before, { interval: 5 }).toBe(3);
      relay.reset();
      expect(await Promise.all(begun)).not.toContain('no error');
    }
    const done = await Promise.all([1, 2, 3].map(() => db.transaction(async () => 'done')));
    expect(done).toEqual(['done', 'done', 'done']);
    expect(pool.waitingCount).toBe(0);
    expect(pool.idleCount).toBe(pool.totalCount);
  });

  it('survives that a connection breaks inside a transaction, and tells of it', async () => {
    const { db, pool } = connectDirect();
    const other = connectDirect();
    heard.length = 0;
    const ended = db.transaction(async (tx) => {
      const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      await other.db.execute(sql`select pg_terminate_backend(${rows[0]?.pid})`);
      // Idle when it breaks: no statement is there that could hear of it.
      await expect.poll(() => heard.length, { timeout: 10_000 }).toBeGreaterThan(0);
      await tx.execute(sql`select 1`);
    });
    await expect(ended).rejects.toThrow();
    await db.execute(sql`select 1`);
    expect(pool.idleCount).toBe(pool.totalCount);
  });

  it('does not answer for a transaction that PostgreSQL gave up', async () => {
    const { db } = connectDirect();
    const swallowing = db.transaction(async (tx) => {
      await tx.execute(sql`insert into numbers values (1)`);
      await tx.execute(sql`insert into numbers values (1)`).catch(() => {});
    });
    expect(await codeOf(swallowing)).toBe('25P02');
  });

  it('takes back what a failed transaction did and uses its connection again', async () => {
    const { db, pool } = connectDirect({ connections: 1 });
    const pidOf = async () =>
      (await db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)).rows[0]?.pid;
    const before = await pidOf();
    const failing = db.transaction(async (tx) => {
      await tx.execute(sql`insert into numbers values (2)`);
      await expect(
        tx.transaction(async (nested) => nested.execute(sql`insert into numbers values (2)`)),
      ).rejects.toMatchObject({ code: '23505', constraint: 'numbers_pkey', table: 'numbers' });
      await tx.execute(sql`insert into numbers values (3)`);
      throw new Error('of the work');
    });
    await expect(failing).rejects.toThrow('of the work');
    expect((await db.execute(sql`select * from numbers where one in (2, 3)`)).rows).toEqual([]);
    expect(await pidOf()).toBe(before);
    expect(pool.totalCount).toBe(1);
  });

  it('never shows what was in a statement that failed', async () => {
    const { db } = connectDirect();
    await db.execute(sql`insert into numbers values (${424242})`);
    for (const statement of [
      sql`insert into numbers values (${424242})`,
      sql`select ${'hunter-424242'}::uuid`,
      sql`select ${'424242\0'}::text`,
    ]) {
      const error: Error = await db.execute(statement).then(
        () => expect.unreachable(),
        (cause: Error) => cause,
      );
      expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('424242');
    }
  });
});

describe('deadlines of the database', () => {
  it('are set for every connection', async () => {
    const { db } = connectDirect();
    const { rows } = await db.execute(sql`
      select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
        current_setting('idle_in_transaction_session_timeout') as idle,
        current_setting('tcp_keepalives_idle') as alive`);
    expect(rows).toEqual([{ statement: '1min', lock: '10s', idle: '30s', alive: '10' }]);
  });

  it('end a statement, the wait for a lock, and a transaction that does nothing', async () => {
    const short = connectDirect({ deadlines: { statement: 1000, lock: 200, idleInTransaction: 200 } });
    const other = connectDirect();
    expect(await codeOf(short.db.execute(sql`select pg_sleep(20)`))).toBe('57014');
    await other.db.transaction(async (tx) => {
      await tx.execute(sql`lock table numbers in access exclusive mode`);
      expect(await codeOf(short.db.execute(sql`insert into numbers values (9)`))).toBe('55P03');
    });
    heard.length = 0;
    const idle = short.db.transaction(async (tx) => {
      await tx.execute(sql`insert into numbers values (10)`);
      await expect.poll(() => heard.length, { timeout: 10_000 }).toBeGreaterThan(0);
      await tx.execute(sql`select 1`);
    });
    expect(await codeOf(idle)).not.toBe('no error');
    await other.db.execute(sql`insert into numbers values (10)`);
  });

  it('hold for a network that swallows everything, and the connection is replaced', async () => {
    const { db } = connectRelayed({ connections: 1, deadlines: { statement: 100 } });
    await db.execute(sql`select 1`);
    relay.swallow();
    const startedAt = performance.now();
    expect(await codeOf(db.execute(sql`select 1`))).toBe('Query read timeout');
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    await db.transaction((tx) => tx.execute(sql`select 1`));
  });

  it('do not end a migration that waits or works for longer', async () => {
    const { db } = connectDirect();
    const short = connectDirect({ deadlines: { statement: 100, lock: 100 } });
    const migrated = await db.transaction(async (tx) => {
      await tx.execute(sql`lock table keelson_migrating in access exclusive mode`);
      const started = migrateDatabase(short).then(
        () => 'migrated',
        (error: unknown) => error,
      );
      const waits = sql`select 1 from pg_stat_activity where wait_event_type = 'Lock'
        and datname = current_database() and query_start < now() - interval '300 milliseconds'`;
      // Three times as long as its statements and locks would be given.
      await expect
        .poll(async () => (await db.execute(waits)).rows.length, { timeout: 20_000 })
        .toBeGreaterThan(0);
      return { started };
    });
    expect(await migrated.started).toBe('migrated');
  });
});

describe('db/migrate', () => {
  it('lets several roles start on a new database at once', async () => {
    const { db, url } = connectDirect();
    for (let round = 0; round < 15; round += 1) {
      // All that two roles can meet in: who comes later finds the schema up to date.
      await db.execute(sql`drop table if exists keelson_migrating`);
      await Promise.all(Array.from({ length: 6 }, () => migrateDatabase({ url })));
    }
  });
});

describe('db/listen', () => {
  it('notices within 30 s that it is deaf, and tells of the gap', async () => {
    const { pool } = connectRelayed();
    let gaps = 0;
    const listener = createChangeHub(pool).listen({
      log: createLogger({ name: 'test', level: 'silent' }),
      onChange: () => {},
      onGap: () => {
        gaps += 1;
      },
    });
    await expect.poll(() => gaps, { timeout: 10_000 }).toBe(1);
    // A ping that is heard is no loss.
    await expect.poll(() => relay.sent('keelson_ping'), { timeout: 40_000 }).toBeGreaterThanOrEqual(3);
    expect(gaps).toBe(1);
    relay.swallow();
    await expect.poll(() => gaps, { timeout: 30_000 }).toBe(2);
    await listener.close();
  });

  it('gives its connection back when it can not listen', async () => {
    const pool = openPool(facts.databaseUrl, { connections: 1, onError: () => {} });
    let refusals = 0;
    // A pooler in between, or a standby, refuses to listen.
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      Object.assign(client, {
        query: (text: unknown, ...rest: unknown[]) => {
          if (!String(text).startsWith('listen')) return query(text, ...rest);
          refusals += 1;
          return query('select 1 / 0');
        },
      });
    });
    const listener = createChangeHub(pool).listen({
      log: createLogger({ name: 'test', level: 'silent' }),
      onChange: () => {},
      onGap: () => {},
    });
    await expect.poll(() => refusals, { timeout: 20_000 }).toBeGreaterThan(1);
    await listener.close();
    await pool.query('select 1');
    await pool.end();
  });
});
