import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openChangeFeed } from '../../../api/stream/change-feed.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { recordModified } from '../../../db/queries/application/change.ts';
import { createLogger } from '../../../platform/logger.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createDatabase']>>;
let connection: DatabaseConnection;

beforeAll(async () => {
  facts = await testPlatform().createDatabase();
  connection = connectDatabase(facts.databaseUrl, { connections: 2, onError: () => {} });
});

afterAll(async () => {
  await connection?.close();
  await facts?.drop();
});

const log = createLogger({ name: 'test', level: 'silent' });

function listen() {
  const heard: (string | null)[] = [];
  const seen = { gaps: 0 };
  const { close } = connection.changes.listen({
    log,
    onChange: ({ applicationId }) => heard.push(applicationId),
    onGap: () => {
      seen.gaps += 1;
    },
  });
  return { heard, seen, close };
}

const patience = { timeout: 20_000, interval: 10 };

describe('db/listen', () => {
  it('serves more listeners than the pool has connections, and each of them hears every change', async () => {
    const listeners = Array.from({ length: 5 }, listen);
    for (const { seen } of listeners) await expect.poll(() => seen.gaps, patience).toBe(1);
    const late = listen();
    await expect.poll(() => late.seen.gaps, patience).toBe(1);

    const id = randomUUID();
    await recordModified(connection.db, id);
    for (const { heard } of [...listeners, late]) await expect.poll(() => heard, patience).toEqual([id]);
    expect(connection.pool.totalCount).toBe(2);

    await listeners[0]?.close();
    const next = randomUUID();
    await recordModified(connection.db, next);
    await expect.poll(() => late.heard, patience).toEqual([id, next]);
    expect(listeners[0]?.heard).toEqual([id]);
    for (const { close } of [...listeners, late]) await close();
    await expect.poll(() => connection.pool.totalCount, patience).toBe(1);
  });

  it('tells each listener of the gap after a lost connection, and goes on', async () => {
    const [one, two] = [listen(), listen()];
    await expect.poll(() => [one.seen.gaps, two.seen.gaps], patience).toEqual([1, 1]);
    await connection.db.execute(
      sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like 'listen %' and pid <> pg_backend_pid()`,
    );
    await expect.poll(() => [one.seen.gaps, two.seen.gaps], patience).toEqual([2, 2]);
    const id = randomUUID();
    await recordModified(connection.db, id);
    await expect.poll(() => [one.heard, two.heard], patience).toEqual([[id], [id]]);
    await Promise.all([one.close(), two.close()]);
  });

  it("carries the change log to a server's streams as well, over a lost connection too", async () => {
    const { db, changes } = connection;
    const beside = listen();
    // Nothing but announcements and gaps wakes it within the test.
    const feed = await openChangeFeed({ db, changes, log, pollMilliseconds: 600_000 });
    const heard: (string | null)[] = [];
    feed.subscribe({
      changes: (passed) => heard.push(...passed.map(({ applicationId }) => applicationId)),
      end: () => {},
    });
    const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
    await recordModified(db, first);
    await expect.poll(() => heard, patience).toEqual([first]);
    const listening = sql`from pg_stat_activity where datname = current_database() and query like 'listen %'`;
    const { rows } = await db.execute(sql`select count(*)::int as listening ${listening}`);
    expect(rows).toEqual([{ listening: 1 }]);
    await db.transaction(async (tx) => {
      await tx.execute(sql`select pg_terminate_backend(pid) ${listening} and pid <> pg_backend_pid()`);
      // Nobody hears of this one: it is announced while nobody listens.
      await recordModified(tx, second);
    });
    await expect.poll(() => heard, patience).toEqual([first, second]);
    await recordModified(db, third);
    await expect.poll(() => heard, patience).toEqual([first, second, third]);
    await Promise.all([feed.close(), beside.close()]);
  });
});
