import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putSettings } from '../../../control/change-settings.ts';
import type { SettingsPart } from '../../../core/settings/parts.ts';
import { systemInitiator } from '../../../core/sync/operation/initiator.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { clusterSessions } from '../../../db/schema/cluster.ts';
import { pollUntil } from '../../../local/poll.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { openGate } from '../../support/servers/api-gate.ts';

let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let keelson: TestKeelson;
let database: DatabaseConnection;
let gate: Awaited<ReturnType<typeof openGate>>;
let clusterId: string;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  [keelson, gate] = await Promise.all([startKeelsonOn(facts), openGate(facts.kubeconfigPath)]);
  database = connectDatabase(facts.databaseUrl, { connections: 1, onError: () => {} });
  const cluster = await saveCluster(database.db, createKeyring(keelson.encryptionKey), {
    name: 'gated',
    server: 'https://gated.test',
    credentials: {
      name: 'gated',
      server: gate.url,
      tls: {},
      impersonate: { user: 'gated', groups: ['system:masters'] },
    },
  });
  clusterId = cluster.id;
  await pollUntil('the cluster is held', 60, async () => (await session())?.syncedAt instanceof Date);
});

afterAll(async () => {
  await database?.close();
  await keelson?.stop();
  await gate?.close();
  await facts?.drop();
});

const session = async () => {
  const [row] = await database.db
    .select()
    .from(clusterSessions)
    .where(eq(clusterSessions.clusterId, clusterId));
  return row;
};

/** How often all ConfigMaps of the cluster were listed: once by each session that begins. */
const lists = (): number =>
  gate.asked.filter(
    ({ method, url }) =>
      method === 'GET' && url.pathname === '/api/v1/configmaps' && !url.searchParams.has('watch'),
  ).length;

const put = (cm: Record<string, string>) =>
  putSettings(
    { db: database.db, keyring: createKeyring(keelson.encryptionKey) },
    { 'argocd-cm': cm },
    { by: systemInitiator('test'), address: '' },
    { partial: false },
  );

/** Waits until the process that holds the cluster has said that it has read these parts anew. */
const readBySession = (parts: readonly SettingsPart[]) =>
  pollUntil(`the session role reads ${parts.join()}`, 30, async () =>
    readFileSync(join(keelson.stateDir, 'roles', 'session.log'), 'utf8').includes(
      `"parts":${JSON.stringify(parts)}`,
    ),
  );

describe('a change of the settings', () => {
  it('that only the API reads leaves sessions as they are and lists nothing', async () => {
    const before = await session();
    const listed = lists();
    expect(listed).toBeGreaterThan(0);
    await put({ 'ui.bannercontent': 'maintenance at night', 'users.session.duration': '2h' });
    await readBySession(['api']);
    await put({
      'ui.bannercontent': 'back',
      'users.session.duration': '2h',
      'webhook.maxPayloadSizeMB': '2',
    });
    // One that did begin anew would have to be held again, and found by its successor.
    await put({ 'ui.bannercontent': 'back', 'keelson.retention': 'audit: 1000h' });
    await readBySession(['operations', 'api']);
    expect(await session()).toEqual(before);
    expect(lists()).toBe(listed);
  });

  it('that changes what sessions see has the cluster listed anew, by one that takes over', async () => {
    const before = await session();
    const listed = lists();
    await put({ 'resource.exclusions': '- apiGroups: [coordination.k8s.io]\n  kinds: [Lease]\n' });
    await pollUntil('another session has the cluster', 60, async () => {
      const now = await session();
      return now?.syncedAt instanceof Date && now.epoch > (before?.epoch ?? 0);
    });
    expect((await session())?.epoch).toBe((before?.epoch ?? 0) + 1);
    expect(lists()).toBeGreaterThan(listed);
  });
});
