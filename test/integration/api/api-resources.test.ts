import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { findApplication } from '../../../db/queries/application/application.ts';
import { storeManifests } from '../../../db/queries/application/manifest.ts';
import { storeRender } from '../../../db/queries/application/render.ts';
import { applicationStatus, resourceNodes } from '../../../db/schema/application.ts';
import { at, eventually, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { treeNode } from '../../support/keelson/api/tree-node.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

let server: TestApi;
let cluster: ClusterClient;

const namespace = `api-${randomUUID().slice(0, 8)}`;
const path = '/api/v1/applications/guestbook';

beforeAll(async () => {
  const kubeconfig = readFileSync(testPlatform().kubeconfigPath, 'utf8');
  cluster = createClusterClient(credentialsFromKubeconfig(kubeconfig));
  server = await startApi({ clusterFor: async () => cluster });
  await seed();
});
afterAll(async () => {
  await server.close();
  await cluster.delete('v1', { group: '', kind: 'Namespace', namespace: '', name: namespace });
  await cluster.close();
});

const secret = (password: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'login', namespace },
  data: {
    password: Buffer.from(password).toString('base64'),
    user: Buffer.from('canary-user').toString('base64'),
  },
});
const configMap = (name: string, color: string, annotations: Record<string, string> = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, annotations },
  data: { color },
});

/** Desired objects in all states that there are: equal, changed, missing, a hook; and one that waits to be pruned. */
async function seed(): Promise<void> {
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (const live of [secret('canary-live'), configMap('equal', 'blue'), configMap('changed', 'red')]) {
    await cluster.applyServerSide(live);
  }
  await cluster.applyServerSide(configMap('leftover', 'grey'));
  const desired = [
    secret('canary-desired'),
    configMap('equal', 'blue'),
    configMap('changed', 'green'),
    configMap('missing', 'white'),
    configMap('hook', 'black', { 'argocd.argoproj.io/hook': 'PreSync' }),
  ];
  const digests = await storeManifests(server.db, server.keyring, desired);
  const render = await storeRender(server.db, {
    renderKey: 'key',
    revision: 'abc',
    sourceTypes: ['Directory'],
    objects: desired.map((manifest, position) => ({
      key: keyOf(manifest),
      apiVersion: manifest.apiVersion,
      digest: digests[position] ?? '',
    })),
    warnings: [],
  });
  await server.call('POST', '/api/v1/applications', guestbook());
  const row = await findApplication(server.db, { namespace: 'argocd', name: 'guestbook' });
  const id = row?.id ?? '';
  await server.db
    .update(applicationStatus)
    .set({
      desiredRenderId: render.id,
      resources: [
        {
          group: '',
          version: 'v1',
          kind: 'ConfigMap',
          namespace,
          name: 'leftover',
          requiresPruning: true,
        },
        { group: '', version: 'v1', kind: 'ConfigMap', namespace, name: 'equal', status: 'Synced' },
      ],
    })
    .where(eq(applicationStatus.applicationId, id));
  const node = (kind: string, name: string, uid?: string) => ({
    applicationId: id,
    nodeId: `${kind}/${name}`,
    epoch: 1,
    node: treeNode({ kind, namespace, name, ...(uid === undefined ? {} : { uid }) }),
  });
  await server.db
    .insert(resourceNodes)
    .values([node('Secret', 'login', 'u1'), node('ConfigMap', 'missing'), node('Pod', 'web-1', 'u2')]);
}

async function managed(query = '') {
  const { status, body } = await server.call('GET', `${path}/managed-resources${query}`);
  expect(status).toBe(200);
  const items = at(body, 'items') as unknown[];
  const byName = new Map(items.map((item) => [String(at(item, 'name')), item]));
  const state = (name: string, field: string): unknown => JSON.parse(String(at(byName.get(name), field)));
  return { body, byName, state };
}

describe('api/routes/resources', () => {
  test('managed resources tell desired, live and predicted state of every object but hooks', async () => {
    const { byName, state } = await managed();
    expect([...byName.keys()].sort()).toEqual(['changed', 'equal', 'leftover', 'login', 'missing']);
    const modified = Object.fromEntries([...byName].map(([name, item]) => [name, at(item, 'modified')]));
    expect(modified).toEqual({ changed: true, equal: false, leftover: false, login: true, missing: true });
    expect(at(state('changed', 'liveState'), 'data.color')).toBe('red');
    expect(at(state('changed', 'targetState'), 'data.color')).toBe('green');
    expect(at(state('changed', 'predictedLiveState'), 'data.color')).toBe('green');
    expect(at(state('changed', 'normalizedLiveState'), 'metadata.managedFields')).toBeUndefined();
    expect(state('missing', 'liveState')).toBeNull();
    expect(at(state('missing', 'targetState'), 'data.color')).toBe('white');
    expect(state('leftover', 'targetState')).toBeNull();
    expect(at(byName.get('equal'), 'resourceVersion')).toMatch(/^\d+$/);
    // Looking at the difference must not make it go away.
    const live = await cluster.get('v1', {
      group: '',
      kind: 'ConfigMap',
      namespace,
      name: 'changed',
    });
    expect(live?.['data']).toEqual({ color: 'red' });
  });

  test('values of Secrets are masked, and still show which of them differ', async () => {
    const { body, state } = await managed();
    const text = JSON.stringify(body);
    for (const value of ['canary-live', 'canary-desired', 'canary-user']) {
      expect(text).not.toContain(value);
      expect(text).not.toContain(Buffer.from(value).toString('base64'));
    }
    const live = at(state('login', 'liveState'), 'data');
    const target = at(state('login', 'targetState'), 'data');
    expect(at(live, 'user')).toBe(at(target, 'user'));
    expect(at(live, 'password')).not.toBe(at(target, 'password'));
    expect(at(state('login', 'predictedLiveState'), 'data')).toEqual(target);
  });

  test('managed resources can be narrowed and cut', async () => {
    expect([...(await managed('?kind=Secret')).byName.keys()]).toEqual(['login']);
    const { body } = await managed('?name=equal&fields=items.name,items.modified');
    expect(body).toEqual({ items: [{ name: 'equal', modified: false }] });
  });

  test('a live manifest is shown masked, and only for objects of the application', async () => {
    const query = (kind: string, name: string) =>
      `${path}/resource?kind=${kind}&resourceName=${name}&namespace=${namespace}&version=v1`;
    const { status, body } = await server.call('GET', query('Secret', 'login'));
    expect(status).toBe(200);
    const manifest: unknown = JSON.parse(String(at(body, 'manifest')));
    expect(manifest).toMatchObject({ kind: 'Secret', data: { user: '++++++++' } });
    expect(at(body, 'manifest')).not.toContain(Buffer.from('canary-live').toString('base64'));
    for (const [kind, name] of [
      ['ConfigMap', 'missing'],
      ['ConfigMap', 'changed'],
      ['Secret', 'other'],
    ] as const) {
      const refused = await server.call('GET', query(kind, name));
      expect(refused.status).toBe(400);
      expect(at(refused.body, 'message')).toContain(
        `${kind} ${namespace}/${name} not found as part of application guestbook`,
      );
    }
  });

  test('an unreachable cluster is told as such', async () => {
    const other = await startApi();
    try {
      await other.call('POST', '/api/v1/applications', guestbook());
      const row = await findApplication(other.db, { namespace: 'argocd', name: 'guestbook' });
      await other.db.update(applicationStatus).set({
        resources: [{ kind: 'ConfigMap', namespace, name: 'x', requiresPruning: true }],
      });
      expect(row).toBeDefined();
      const reply = await other.call('GET', `${path}/managed-resources`);
      expect(reply).toMatchObject({ status: 503, body: { code: 14 } });
    } finally {
      await other.close();
    }
  });
});

describe('api/routes/logs', () => {
  const logs = `${path}/pods/web-1/logs?namespace=${namespace}`;

  test('lines come with their time and end with an empty last entry', async () => {
    await cluster.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-1', namespace },
      spec: { containers: [{ name: 'web', image: 'registry.example.com/web:1' }] },
    });
    const key = { group: '', kind: 'Pod', namespace, name: 'web-1' };
    await eventually(
      'the pod runs',
      async () => (at(await cluster.get('v1', key), 'status.phase') === 'Running' ? true : undefined),
      60,
    );
    const reply = await server.call('GET', logs, undefined, { accept: 'text/event-stream' });
    expect(reply.status).toBe(200);
    const entries = String(reply.body)
      .split('\n\n')
      .filter((frame) => frame.startsWith('data: '))
      .map((frame) => at(JSON.parse(frame.slice('data: '.length)), 'result'));
    expect(entries.length).toBeGreaterThan(1);
    expect(entries[0]).toMatchObject({ content: expect.stringMatching(/./), podName: 'web-1', last: false });
    expect(entries.at(-1)).toEqual({ content: '', timeStampStr: '', podName: 'web-1', last: true });
  });

  test('a pod that is not of the application has no logs here', async () => {
    const reply = await server.call('GET', `${path}/pods/foreign/logs?namespace=${namespace}`);
    expect(reply.status).toBe(400);
    expect(at(reply.body, 'message')).toContain(
      `Pod ${namespace}/foreign not found as part of application guestbook`,
    );
  });
});
