import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import type { WaitView } from '../../../core/wire/operation.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { findCluster, saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import { at } from '../../support/keelson/api/api.ts';
import { applicationOf, configMap, hookJob, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

const hangs = { annotations: { 'keelson.test/pod': 'hang' } };

let keelson: TestKeelson;
let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let database: DatabaseConnection;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  keelson = await startKeelsonOn(facts);
  database = connectDatabase(facts.databaseUrl, { connections: 1, onError: () => {} });
});

afterAll(async () => {
  await database?.close();
  await keelson?.stop();
  await facts?.drop();
});

/** Registers the shared cluster once more, differently; sessions for it start by themselves. */
async function register(name: string, change: object): Promise<string> {
  const credentials = credentialsFromKubeconfig(readFileSync(facts.kubeconfigPath, 'utf8'));
  const server = `https://${name}.test`;
  await saveCluster(database.db, createKeyring(keelson.encryptionKey), {
    name,
    server,
    credentials: { ...credentials, name, ...change },
  });
  return server;
}

describe('trouble with a cluster ends the operation with a message that names the object and the remedy', () => {
  it('an unreachable cluster', async () => {
    const server = await register('far-away', { server: `https://127.0.0.1:${await freePort()}` });
    const repository = await keelson.gitServer.createRepository('far', {
      'a.yaml': yamlOf(configMap('a', { a: '1' })),
    });
    await keelson.create(applicationOf({ name: 'far', repoURL: repository.url, namespace: 'far', server }));
    const ended = await keelson.sync('far');
    expect(ended.phase).toBe('Error');
    expect(ended.message).toMatch(/cluster far-away .*127\.0\.0\.1.*check that the address is right/);
  });

  it('an object that the identity may not write', async () => {
    const server = await register('read-only', { impersonate: { user: 'reader', groups: ['readers'] } });
    const role = (kind: string, extra: object) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind,
      metadata: { name: 'test-readers' },
      ...extra,
    });
    await keelson.cluster.applyServerSide(
      role('ClusterRole', {
        rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }],
      }),
    );
    await keelson.cluster.applyServerSide(
      role('ClusterRoleBinding', {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'test-readers' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'readers' }],
      }),
    );
    const repository = await keelson.gitServer.createRepository('denied', {
      'a.yaml': yamlOf(configMap('denied', { a: '1' })),
    });
    await keelson.create(
      applicationOf({
        name: 'denied',
        repoURL: repository.url,
        namespace: 'default',
        server,
        syncPolicy: { syncOptions: [] },
      }),
    );
    const ended = await keelson.sync('denied');
    expect(ended.phase).toBe('Failed');
    expect(ended.message).toContain('ConfigMap default/denied');
    expect(ended.message).toMatch(/forbidden.*reader/is);
    expect(ended.message).toMatch(/grant/i);
  });

  it('a full quota: the rest is applied, and a retry goes on once there is room', async () => {
    const quota = (services: string) =>
      keelson.cluster.applyServerSide({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'few', namespace: 'quota' },
        spec: { hard: { services } },
      });
    const inForce = async (services: string) => {
      const key = { group: '', kind: 'ResourceQuota', namespace: 'quota', name: 'few' };
      return at(await keelson.cluster.get('v1', key), 'status.hard.services') === services;
    };
    await keelson.cluster.applyServerSide({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'quota' },
    });
    await quota('0');
    await pollUntil('quota in force', 30, () => inForce('0'));
    const repository = await keelson.gitServer.createRepository('quota', {
      'a.yaml': yamlOf(configMap('a', { a: '1' }), {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { ports: [{ port: 80 }] },
      }),
    });
    await keelson.create(applicationOf({ name: 'quota', repoURL: repository.url, namespace: 'quota' }));
    const ended = await keelson.sync('quota');
    expect(ended.phase).toBe('Failed');
    expect(ended.message).toMatch(/Service quota\/web: .*exceeded quota: few,.*; raise the quota/);
    const applied = { group: '', kind: 'ConfigMap', namespace: 'quota', name: 'a' };
    expect((await keelson.cluster.get('v1', applied))?.['data']).toEqual({ a: '1' });

    const backoff = { duration: '1s', factor: 1, maxDuration: '1s' };
    const retried = await keelson.request('quota', { retryStrategy: { limit: 60, backoff } });
    await pollUntil('a second attempt', 30, async () => {
      const { attempt } = await keelson.client.operations.get('quota', retried);
      return attempt > 1;
    });
    await quota('5');
    expect(await keelson.ended('quota', retried, 90)).toMatchObject({ phase: 'Succeeded' });
  });

  it('a cluster that is away for a while: waits say so, what can go on does, and a terminate ends the rest', async () => {
    const way = await openWay(facts.kubeconfigPath);
    try {
      const server = await register('cut-off', { server: way.url });
      const repository = await keelson.gitServer.createRepository('cut-off', {
        'a.yaml': yamlOf(hookJob('forever', 'PreSync', {}, hangs), configMap('a', { a: '1' })),
      });
      await keelson.create(
        applicationOf({ name: 'cut-off', repoURL: repository.url, namespace: 'cut-off', server }),
      );
      const told = (id: string, kind: WaitView['kind'], reason: RegExp) =>
        pollUntil(`${kind} wait: ${reason}`, 60, async () => {
          const { waits } = await keelson.client.operations.get('cut-off', id);
          return waits.some(
            (wait) => wait.closedAt === undefined && wait.kind === kind && reason.test(wait.reason),
          );
        });
      const status = async () => (await findCluster(database.db, { server }))?.connectionStatus;

      const first = await keelson.request('cut-off');
      await told(first, 'hook', /forever$/);
      await way.cut();
      await told(first, 'hook', /forever; nothing has been heard of them since .*ECONNREFUSED/);
      expect(await status()).toBe('Failed');
      await way.open();
      await told(first, 'hook', /forever$/);
      expect(await status()).toBe('Successful');

      await way.cut();
      await keelson.client.operations.terminate('cut-off');
      await told(
        first,
        'cluster',
        /^ending the hooks failed and is tried again: cluster cut-off .*ECONNREFUSED/,
      );
      expect(await keelson.ended('cut-off', first, 90)).toMatchObject({
        phase: 'Error',
        message: expect.stringMatching(/^Operation termination had errors: cluster cut-off .*ECONNREFUSED/),
      });

      const second = await keelson.request('cut-off');
      await told(
        second,
        'cluster',
        /^writing batch.Job cut-off.forever failed and is tried again: cluster cut-off/,
      );
      await way.open();
      await told(second, 'hook', /forever$/);
      const { waits } = await keelson.client.operations.get('cut-off', second);
      expect(waits.filter(({ closedAt }) => closedAt === undefined)).toHaveLength(1);
      await keelson.client.operations.terminate('cut-off');
      expect(await keelson.ended('cut-off', second, 60)).toMatchObject({
        phase: 'Failed',
        message: 'Operation terminated',
      });
    } finally {
      await way.cut();
    }
  }, 240_000);
});

/** A way to the API server that can be cut and opened again. */
async function openWay(kubeconfigPath: string) {
  const { port: target } = new URL(credentialsFromKubeconfig(readFileSync(kubeconfigPath, 'utf8')).server);
  const sockets = new Set<Socket>();
  const listener = createServer((near) => {
    const far = connect(Number(target), '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => [near, far].map((one) => one.destroy()));
    }
    near.pipe(far).pipe(near);
  });
  const port = await freePort();
  const open = () => new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  await open();
  return {
    url: `https://127.0.0.1:${port}`,
    open,
    cut: () =>
      new Promise<void>((resolve) => {
        listener.close(() => resolve());
        for (const socket of sockets) socket.destroy();
        sockets.clear();
      }),
  };
}
