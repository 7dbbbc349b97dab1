import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { requestRefreshOf } from '../../../db/queries/application/refresh-request.ts';
import { makeDue } from '../../../db/queries/repository/due.ts';
import { ensureRepository, findRepository } from '../../../db/queries/repository/repository.ts';
import { pollUntil } from '../../../local/poll.ts';
import { type Child, startChild } from '../../../local/process/child.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import { createDataConverter } from '../../../platform/temporal/data-converter.ts';
import { syncQueue } from '../../../workflows/ids.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { ownEnvironment } from '../../support/process/own-environment.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';

const listingSeconds = 9;
/** Long enough that nothing comes due by itself. */
const intervalSeconds = 3000;

let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let keelson: TestKeelson;
let second: Child;
let database: DatabaseConnection;
let connection: Connection;
let temporal: Client;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  const env = {
    KEELSON_RECONCILE_SECONDS: String(intervalSeconds),
    KEELSON_LISTING_SECONDS: String(listingSeconds),
  };
  keelson = await startKeelsonOn(facts, { env });
  const readyFile = join(keelson.stateDir, 'second.ready');
  second = await startChild({
    name: 'second worker',
    command: process.execPath,
    arguments: [join(import.meta.dirname, '../../../bin/worker.ts')],
    env: {
      ...ownEnvironment(),
      KEELSON_DATABASE_URL: facts.databaseUrl,
      KEELSON_TEMPORAL_ADDRESS: facts.temporalAddress,
      KEELSON_TEMPORAL_NAMESPACE: facts.temporalNamespace,
      KEELSON_ENCRYPTION_KEY: keelson.encryptionKey,
      KEELSON_CACHE_DIR: join(tmpdir(), 'keelson-test-cache'),
      KEELSON_READY_FILE: readyFile,
      ...env,
    },
    logFile: join(keelson.stateDir, 'second.log'),
    pidFile: join(keelson.stateDir, 'second.pid'),
    ready: async () => existsSync(readyFile),
  });
  database = connectDatabase(facts.databaseUrl, { connections: 2, onError: () => {} });
  connection = await Connection.connect({ address: facts.temporalAddress });
  temporal = new Client({
    connection,
    namespace: facts.temporalNamespace,
    dataConverter: createDataConverter(createKeyring(keelson.encryptionKey)),
  });
});

afterAll(async () => {
  await connection?.close();
  await database?.close();
  await second?.stop();
  await keelson?.stop();
  await facts?.drop();
});

/** A repository under a host name of its own; all of them are this machine. */
async function repositoryAt(host: string, name: string, content: string) {
  const repository = await keelson.gitServer.createRepository(`${name}.git`, fileOf(name, content));
  return { ...repository, url: repository.url.replace('127.0.0.1', `${host}.localhost`) };
}

const fileOf = (name: string, content: string) => ({ 'a.yaml': yamlOf(configMap(name, { content })) });

function create(name: string, repoURL: string): Promise<void> {
  return keelson.create(applicationOf({ name, repoURL, namespace: 'scheduled-refresh' }));
}

async function revisionOf(name: string): Promise<string | undefined> {
  return (await keelson.client.applications.get(name)).status?.sync?.revision;
}

function follows(name: string, revision: string): Promise<void> {
  return pollUntil(`${name} at ${revision}`, 30, async () => (await revisionOf(name)) === revision);
}

/** Listings that a repository was asked for since a position of the server's log. */
function listings(name: string, since: number): number {
  const paths = [`/${name}/info/refs`, `/${name}.git/info/refs`];
  return keelson.gitServer.requests.slice(since).filter(({ path }) => paths.includes(path)).length;
}

/** Makes these due and no others, and runs the scheduled check; answers with how it goes on. */
async function check(urls: readonly string[], runs = 1) {
  await database.pool.query(
    `update repositories set next_due_at = now() + case when url = any($1) then '0' else '1 day' end::interval`,
    [urls],
  );
  const started = Array.from({ length: runs }, () =>
    temporal.workflow.start('refreshRepositories', {
      taskQueue: syncQueue,
      workflowId: `test-check/${randomUUID()}`,
      args: [],
    }),
  );
  const handles = await Promise.all(started);
  return { handles, ended: Promise.all(handles.map((handle) => handle.result())) };
}

/** How a repository stands, with the pause until its next check in intervals. */
async function standingOf(url: string) {
  const row = await findRepository(database.db, url);
  if (row === undefined) throw new Error(`no repository ${url}`);
  const { connectionStatus: status, connectionMessage: message, failures, nextDueAt } = row;
  return { status, message, failures, pause: (nextDueAt.getTime() - Date.now()) / 1000 / intervalSeconds };
}

/** A pause of so many intervals: a moment has passed since, and a third may be added. */
function isPause(intervals: number, pause: number): boolean {
  return pause > intervals * 0.98 && pause < intervals * 1.34;
}

describe('activities/repositories', () => {
  it('lists a repository once in an interval, with two workers and many applications and spellings', async () => {
    const names = ['once-0', 'once-1', 'once-2', 'once-3'];
    const repositories = await Promise.all(names.map((name) => repositoryAt('once', name, '1')));
    const urls = repositories.flatMap(({ url }) => [url, url.replace(/\.git$/, '')]);
    const applications = urls.flatMap((url, index) =>
      [0, 1].map((copy) => ({ name: `scheduled-once-${index}-${copy}`, url })),
    );
    await Promise.all(applications.map(({ name, url }) => create(name, url)));
    // Those that a check has raised before their first render are rendered once more.
    await refreshesDone(applications.map(({ name }) => name));

    const workers = new Set<string>();
    // Who takes a run is left to chance, so it is tried until both have had one.
    for (let round = 0; round < 10 && workers.size < 2; round++) {
      const since = keelson.gitServer.requests.length;
      const { handles, ended } = await check(urls, 6);
      await ended;
      expect(names.map((name) => listings(name, since))).toEqual([1, 1, 1, 1]);
      for (const handle of handles) {
        const { events } = await handle.fetchHistory();
        for (const event of events ?? []) {
          const identity = event.activityTaskStartedEventAttributes?.identity;
          if (identity) workers.add(identity);
        }
      }
    }
    expect(workers.size).toBe(2);
    expect(
      await Promise.all(urls.map(async (url) => isPause(1, (await standingOf(url)).pause))),
    ).not.toContain(false);
  });

  async function known(host: string, name: string): Promise<string> {
    const { url } = await repositoryAt(host, name, '1');
    await ensureRepository(database.db, { url, type: 'git' });
    return url;
  }

  it('asks a host at most four times at once, and others meanwhile', async () => {
    const slow = Array.from({ length: 9 }, (_, index) => `limit-slow-${index}`);
    const quick = ['limit-quick-0', 'limit-quick-1'];
    const urls = await Promise.all([
      ...slow.map((name) => known('limit-slow', name)),
      ...quick.map((name) => known('limit-quick', name)),
    ]);
    const held = keelson.gitServer.hold('limit-slow.localhost');
    const since = keelson.gitServer.requests.length;
    const { ended } = await check(urls);
    await pollUntil('the limit is reached', 3, () => held.waiting() === 4);
    await pollUntil('the other host is asked', 3, () => quick.every((name) => listings(name, since) === 1));
    await expect(pollUntil('a fifth', 1, () => held.waiting() > 4)).rejects.toThrow('not ready');
    expect(held.waiting()).toBe(4);
    held.release();
    await ended;
    expect(slow.map((name) => listings(name, since))).toEqual(slow.map(() => 1));
    expect(held.most()).toBe(4);
    for (const url of urls)
      expect(await standingOf(url)).toMatchObject({ status: 'Successful', failures: 0 });
  });

  it('asks five at once of those that failed before, so that many hosts that hang leave room', async () => {
    const hosts = Array.from({ length: 7 }, (_, index) => `failed-${index}`);
    const urls = await Promise.all(
      hosts.flatMap((host) => [0, 1, 2].map((index) => known(host, `${host}-${index}`))),
    );
    await database.pool.query('update repositories set failures = 1 where url = any($1)', [urls]);
    const quick = await known('failed-quick', 'failed-quick');
    const held = hosts.map((host) => keelson.gitServer.hold(`${host}.localhost`));
    const waiting = () => held.reduce((sum, one) => sum + one.waiting(), 0);
    const since = keelson.gitServer.requests.length;
    const { ended } = await check([...urls, quick]);
    await pollUntil('the limit is reached', 3, () => waiting() === 5);
    await pollUntil('the well one is asked', 3, () => listings('failed-quick', since) === 1);
    await expect(pollUntil('a sixth', 1, () => waiting() > 5)).rejects.toThrow('not ready');
    for (const one of held) one.release();
    await ended;
    expect((await Promise.all(urls.map(standingOf))).map(({ failures }) => failures)).toEqual(
      urls.map(() => 0),
    );
  });

  it('lists again what a push has made due while it was being listed', async () => {
    const url = await known('pushed', 'pushed-meanwhile');
    const held = keelson.gitServer.hold('pushed.localhost');
    const since = keelson.gitServer.requests.length;
    const { ended } = await check([url]);
    await pollUntil('it is asked', 5, () => held.waiting() > 0);
    await makeDue(database.db, [url]);
    held.release();
    await ended;
    await pollUntil('it is listed again', 30, () => listings('pushed-meanwhile', since) === 2);
    await pollUntil('it is due no more', 5, async () => isPause(1, (await standingOf(url)).pause));
  });

  describe('with a host that takes connections and answers nothing', () => {
    let hangs: TestRepository;
    let well: TestRepository;
    const hanging = Array.from({ length: 6 }, (_, index) => `scheduled-hangs-${index}`);
    const healthy = ['scheduled-well-0', 'scheduled-well-1', 'scheduled-well-2'];

    beforeAll(async () => {
      [hangs, well] = await Promise.all([
        repositoryAt('hangs', 'hangs', '1'),
        repositoryAt('well', 'well', '1'),
      ]);
      await Promise.all([
        ...hanging.map((name) => create(name, hangs.url)),
        ...healthy.map((name) => create(name, well.url)),
      ]);
      await Promise.all(
        [...hanging, ...healthy].map((name) =>
          pollUntil(`${name} rendered`, 60, async () => (await revisionOf(name)) !== undefined),
        ),
      );
    });

    /** What an application says beside that all of them bring the same object. */
    const conditionsOf = async (name: string): Promise<string[]> => {
      const { status } = await keelson.client.applications.get(name);
      const told = (status?.conditions ?? []).filter(({ type }) => type !== 'SharedResourceWarning');
      return told.map(({ message }) => message);
    };

    it('gives it up after the deadline, says so, asks less often and goes on when it answers', async () => {
      const [first] = hanging as [string];
      const held = keelson.gitServer.hold('hangs.localhost');
      const before = await revisionOf(first);
      const [pushed, seen] = await Promise.all([
        hangs.commit(fileOf('hangs', '2')),
        well.commit(fileOf('well', '2')),
      ]);
      const one = await check([hangs.url, well.url]);
      await Promise.all(healthy.map((name) => follows(name, seen)));
      expect(held.waiting()).toBe(1);
      await one.ended;
      const told = `repository ${hangs.url}: it did not answer within ${listingSeconds} s; check the server and the network to it`;
      const failed = await standingOf(hangs.url);
      expect(failed).toMatchObject({ status: 'Failed', failures: 1 });
      expect(failed.message).toContain(told);
      expect(isPause(2, failed.pause)).toBe(true);
      // One failure may be a hiccup.
      expect(await conditionsOf(first)).toEqual([]);

      await (await check([hangs.url])).ended;
      const again = await standingOf(hangs.url);
      expect([again.failures, isPause(4, again.pause)]).toEqual([2, true]);
      await pollUntil('the applications say so', 10, async () => {
        const { status } = await keelson.client.applications.get(first);
        const [message] = await conditionsOf(first);
        return status?.sync?.status === 'Unknown' && message?.includes(told) === true;
      });
      expect(await revisionOf(first)).toBe(before);

      const asked = held.asked();
      await askForRefresh(hanging, { manual: false });
      await refreshesDone(hanging);
      expect(held.asked()).toBe(asked);

      held.release();
      await (await check([hangs.url])).ended;
      await Promise.all(hanging.map((name) => follows(name, pushed)));
      expect(await conditionsOf(first)).toEqual([]);
      const back = await standingOf(hangs.url);
      expect([back.status, back.failures, isPause(1, back.pause)]).toEqual(['Successful', 0, true]);
    });

    it('renders the applications of other hosts again and again while a refresh waits for it', async () => {
      const held = keelson.gitServer.hold('hangs.localhost');
      // Asked for together, so that those of one share are one chunk.
      await askForRefresh([...hanging, ...healthy], { manual: true });
      await pollUntil('the others are rendered', 20, async () => (await openRefreshes(healthy)) === 0);
      const seen = await well.commit(fileOf('well', '3'));
      await (await check([well.url])).ended;
      await Promise.all(healthy.map((name) => follows(name, seen)));
      expect(held.waiting()).toBeGreaterThan(0);
      expect(await openRefreshes(hanging)).toBe(hanging.length);
      held.release();
      await refreshesDone(hanging);
    });
  });
});

/** Asks for refreshes in one moment. */
async function askForRefresh(names: readonly string[], options: { manual: boolean }): Promise<void> {
  const { rows } = await database.pool.query<{ id: string }>(
    'select id from applications where name = any($1)',
    [names],
  );
  await database.db.transaction(async (tx) => {
    for (const { id } of rows) await requestRefreshOf(tx, id, options);
  });
}

function refreshesDone(names: readonly string[]): Promise<void> {
  return pollUntil('refreshes are done', 30, async () => (await openRefreshes(names)) === 0);
}

/** How many of these applications have a refresh that isn't done. */
async function openRefreshes(names: readonly string[]): Promise<number> {
  const open = await database.pool.query(
    `select 1 from dirty join applications on id = application_id
    where name = any($1) and rendered_generation < dirty.generation`,
    [names],
  );
  return open.rowCount ?? 0;
}
