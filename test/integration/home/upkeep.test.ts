import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applicationKind } from '../../../activities/home/application-kind.ts';
import type { HomeMirror } from '../../../activities/home/home-mirror.ts';
import { settingsKinds } from '../../../activities/home/settings/settings-kinds.ts';
import { startUpkeep, waking } from '../../../activities/home/upkeep.ts';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { createClusterClient } from '../../../cluster/request/client.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { findRepository } from '../../../db/queries/repository/repository.ts';
import { homeDeletions } from '../../../db/schema/home-deletion.ts';
import { pollUntil } from '../../../local/poll.ts';
import { noFaults } from '../../../platform/fault.ts';
import { startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let api: TestApi;
let counted: DatabaseConnection;
let mirror: HomeMirror;
/** Statements that were sent on behalf of the mirror. */
let sent: string[] = [];
const ending = new AbortController();

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  api = await startApi();
  const { connectionString } = api.connection.pool.options;
  counted = connectDatabase(connectionString ?? '', { connections: 2, onError: () => {} });
  counted.pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    Object.assign(client, {
      query: (statement: unknown, ...rest: unknown[]) => {
        sent.push(typeof statement === 'string' ? statement : String(Reflect.get(Object(statement), 'text')));
        return query(statement, ...rest);
      },
    });
  });
  const { engine, keyring, log, settings, config } = api.deps;
  mirror = {
    epoch: 1,
    client: createClusterClient(credentialsFromKubeconfig(await readFile(facts.kubeconfigPath, 'utf8'))),
    control: { db: counted.db, engine, keyring, log, settings, config },
    transaction: (write) => counted.db.transaction(write),
    faults: noFaults,
    signal: ending.signal,
  };
});

afterAll(async () => {
  ending.abort();
  await mirror?.client.close();
  await counted?.close();
  await api?.close();
  await facts?.drop();
});

beforeEach(() => {
  sent = [];
});

const limits = { withinMilliseconds: 60_000, gatherMilliseconds: 0, detachedMilliseconds: 600_000 };

function applicationObject(name: string, version: number, deletionTimestamp?: string): Manifest {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      ...{ name, namespace: 'argocd', uid: `uid-${name}`, resourceVersion: String(version) },
      creationTimestamp: '2026-11-30T00:00:00Z',
      finalizers: ['resources-finalizer.argocd.argoproj.io'],
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: {
      project: 'default',
      source: { repoURL: 'https://git.example.com/none', path: '.' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'upkeep' },
    },
  };
}

describe('the upkeep of the home cluster', () => {
  it('asks one thing every five seconds while nothing is under way, and is at work at once for a deletion', async () => {
    const kind = applicationKind(mirror);
    await kind.take(applicationObject('upkeep', 1), 'event');
    const upkeep = startUpkeep(mirror, limits);
    try {
      // It looks for what was left behind for a while after its start.
      await pollUntil('it has become idle', 20, async () => {
        sent = [];
        await sleep(1600);
        return sent.length <= 1;
      });
      sent = [];
      await sleep(5200);
      expect(sent.length).toBeLessThanOrEqual(2);
      const started = performance.now();
      const deleted = applicationObject('upkeep', 2, new Date().toISOString());
      await waking(kind, upkeep).take(deleted, 'event');
      await pollUntil('the deletion was let through', 4, async () => {
        const rows = await api.db.select().from(homeDeletions).where(eq(homeDeletions.uid, 'uid-upkeep'));
        return rows.some(({ state }) => state !== 'pending');
      });
      expect(performance.now() - started).toBeLessThan(2000);
    } finally {
      await upkeep.stop();
    }
  });
});

describe('Secrets of the home namespace', () => {
  const secret = (name: string, version: number, labels: Record<string, string> = {}): Manifest => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      ...{ name, namespace: 'argocd', uid: `uid-${name}`, resourceVersion: String(version), labels },
      creationTimestamp: '2026-11-30T00:00:00Z',
    },
    data: { url: Buffer.from(`https://git.example.com/${name}`).toString('base64') },
  });
  const registers = { 'argocd.argoproj.io/secret-type': 'repository' };
  const secrets = () => {
    const [, found] = settingsKinds(mirror);
    if (found === undefined) throw new Error('no kind of Secrets');
    return found;
  };
  const isRegistered = async (name: string) =>
    (await findRepository(api.db, `https://git.example.com/${name}`, '')) !== undefined;
  const resource = () => mirror.client.resourceFor('v1', 'Secret');

  it('cost the database nothing where they set nothing', async () => {
    const kind = secrets();
    for (const as of ['list', 'event'] as const)
      for (let at = 0; at < 50; at++) await kind.take(secret(`plain-${at}`, 10 + at), as);
    await kind.gone(keyOf(secret('plain-1', 11)), secret('plain-1', 11));
    expect(sent).toEqual([]);
  });

  it('are forgotten once their labels say nothing any more, also where nobody saw it happen', async () => {
    const kind = secrets();
    await kind.take(secret('seen', 100, registers), 'list');
    await kind.take(secret('unseen', 101, registers), 'list');
    expect([await isRegistered('seen'), await isRegistered('unseen')]).toEqual([true, true]);
    await kind.take(secret('seen', 102), 'event');
    expect(await isRegistered('seen')).toBe(false);
    sent = [];
    await kind.take(secret('seen', 103), 'event');
    expect(sent).toEqual([]);

    // Another session begins with a list.
    const next = secrets();
    await next.take(secret('unseen', 104), 'list');
    await next.listed([keyOf(secret('unseen', 104))], await resource());
    expect(await isRegistered('unseen')).toBe(false);
    await next.take(secret('unseen', 105, registers), 'event');
    expect(await isRegistered('unseen')).toBe(true);
    await next.gone(keyOf(secret('unseen', 105)), secret('unseen', 105));
    expect(await isRegistered('unseen')).toBe(false);
  });
});
