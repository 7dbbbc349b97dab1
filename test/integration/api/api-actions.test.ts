import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import { findApplication } from '../../../db/queries/application/application.ts';
import { openActions } from '../../../db/queries/installation/action.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { resourceNodes } from '../../../db/schema/application.ts';
import { guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { treeNode } from '../../support/keelson/api/tree-node.ts';
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
