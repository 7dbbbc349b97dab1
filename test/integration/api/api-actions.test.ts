import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import type { SyncPlan } from '../../../core/sync/plan/plan.ts';
import { findApplication } from '../../../db/queries/application/application.ts';
import { openActions } from '../../../db/queries/installation/action.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { storePlan } from '../../../db/queries/operation/plan.ts';
import { resourceNodes } from '../../../db/schema/application.ts';
import { guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { treeNode } from '../../support/keelson/api/tree-node.ts';
import { recordAsRun } from '../../support/keelson/database.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { mapIn, splitSettings } from '../../support/keelson/split-action.ts';

const namespace = 'answered-late';
const name = 'whole';
let cluster: ClusterClient;
let server: TestApi;

beforeAll(async () => {
  cluster = createClusterClient(
    credentialsFromKubeconfig(readFileSync(testPlatform().kubeconfigPath, 'utf8')),
  );
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const data = { state: 'whole' };
  await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });
  server = await startApi({ clusterFor: async () => cluster });
  const settings = { configMaps: splitSettings };
  expect((await server.call('PUT', '/api/v1/keelson/settings', settings)).status).toBe(200);
  const destination = { server: 'https://kubernetes.default.svc', namespace };
  await server.call('POST', '/api/v1/applications', guestbook('acted-on', { destination }));
  const applicationId =
    (await findApplication(server.db, { namespace: 'argocd', name: 'acted-on' }))?.id ?? '';
  const node = treeNode({ kind: 'ConfigMap', namespace, name, uid: 'uid' });
  await server.db.insert(resourceNodes).values({ applicationId, nodeId: 'ConfigMap/whole', epoch: 1, node });
});

afterAll(async () => {
  await server?.close();
  await cluster?.delete('v1', { group: '', kind: 'Namespace', namespace: '', name: namespace });
  await cluster?.close();
});

it('an action that takes longer than somebody waits is answered with 504, on record, and goes on', async () => {
  const { group, kind, version } = mapIn(namespace, name);
  const object = { namespace, resourceName: name, group, kind, version };
  // There is no worker here, as where all of them are busy.
  const reply = await server.call('POST', '/api/v1/applications/acted-on/resource/actions/v2', {
    ...object,
    action: 'split',
    resourceActionParameters: [],
  });
  expect(reply).toMatchObject({
    status: 504,
    body: {
      message: 'action split: its 3 changes have not all been made within 60 s, and go on to be made',
    },
  });
  const rows = await listAudit(server.db, 5);
  const start = rows.find(({ action }) => action === 'resource.action.start');
  expect(start).toMatchObject({ actor: 'admin', object: 'default/acted-on' });
  // Nothing is lost: a worker that looks finds it.
  expect(await openActions(server.db, 0)).toEqual([String(start?.id)]);
  const live = await cluster.get('v1', { group: '', kind: 'ConfigMap', namespace, name });
  expect(live?.['data']).toEqual({ state: 'whole' });
});

describe('an object that a sync has just written', () => {
  const keyOf = (of: string) => ({ group: '', kind: 'ConfigMap', namespace, name: of });
  const actionsOf = (of: string) =>
    server.call(
      'GET',
      `/api/v1/applications/synced/resource/actions?kind=ConfigMap&namespace=${namespace}&resourceName=${of}`,
    );

  beforeAll(async () => {
    for (const of of ['written', 'was-missing', 'tried', 'others']) {
      await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: of, namespace } });
    }
    const destination = { server: 'https://kubernetes.default.svc', namespace };
    await server.call('POST', '/api/v1/applications', guestbook('synced', { destination }));
    const { id: applicationId = '' } =
      (await findApplication(server.db, { namespace: 'argocd', name: 'synced' })) ?? {};
    // The tree is of before the sync.
    const node = treeNode({ kind: 'ConfigMap', namespace, name: 'was-missing' });
    await server.db.insert(resourceNodes).values({ applicationId, nodeId: 'ConfigMap/1', epoch: 1, node });
    const reply = await server.call('POST', '/api/v1/applications/synced/sync', {});
    const of = { operationId: reply.headers.get('keelson-operation-id') ?? '', attempt: 1 };
    const names = ['written', 'was-missing', 'tried', 'pruned'];
    const steps = names.map((one, step) => ({
      ...{
        step,
        phase: 'Sync' as const,
        wave: 0,
        batch: 0,
        apiVersion: 'v1',
        key: keyOf(one),
        changed: true,
      },
      action: one === 'pruned' ? ('prune' as const) : ('apply' as const),
    }));
    const plan: SyncPlan = { schemaVersion: 1, steps, groups: [], failureGroups: [] };
    await storePlan(server.db, { ...of, digest: 'plan', plan, warnings: [] });
    const at = new Date();
    for (const { step } of steps) {
      await recordAsRun(server.db, applicationId, {
        ...{ ...of, step, hookPhase: 'Succeeded', startedAt: at, appliedAt: at, finishedAt: at },
        ...(names[step] === 'tried' ? { status: 'SyncFailed', uid: null } : { status: 'Synced', uid: 'u' }),
        ...{ message: '', objectVersion: '1' },
      });
    }
  });

  it.each(['written', 'was-missing'])(
    'is part of its application before the tree says so: %s',
    async (of) => {
      expect(await actionsOf(of)).toMatchObject({ status: 200 });
      const query = `kind=ConfigMap&namespace=${namespace}&resourceName=${of}&version=v1`;
      expect(await server.call('GET', `/api/v1/applications/synced/resource?${query}`)).toMatchObject({
        status: 200,
      });
    },
  );

  it.each(['tried', 'pruned', 'others'])('is not where the sync has not written it: %s', async (of) => {
    const message = `ConfigMap ${namespace}/${of} not found as part of application synced; refresh the application`;
    expect(await actionsOf(of)).toMatchObject({ status: 400, body: { message } });
  });
});
