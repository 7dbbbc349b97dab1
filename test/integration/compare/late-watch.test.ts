import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { undesiredObjects } from '../../../activities/session/compare/live-side.ts';
import { createUnwatchedMemory } from '../../../activities/session/compare/unwatched.ts';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import { trackingIdAnnotation } from '../../../core/object/annotations.ts';
import { keyOf } from '../../../core/object/manifest/manifest.ts';
import { defaultSettings } from '../../../core/settings/settings.ts';
import { formatTrackingId } from '../../../core/sync/tracking/tracking.ts';
import { configMap } from '../../support/keelson/applications.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

let client: ClusterClient;
const namespace = 'late-watch';
const own = tracked('written', 'late');
const foreign = tracked('foreign', 'another');

function tracked(name: string, instance: string) {
  const key = { group: '', kind: 'ConfigMap', namespace, name };
  const object = configMap(name, { v: '1' }, { [trackingIdAnnotation]: formatTrackingId({ instance, key }) });
  return { ...object, metadata: { ...object.metadata, namespace } };
}

beforeAll(async () => {
  const { kubeconfigPath } = testPlatform();
  client = createClusterClient(credentialsFromKubeconfig(readFileSync(kubeconfigPath, 'utf8')));
  await client.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (const object of [own, foreign]) await client.applyServerSide(object);
});

afterAll(async () => {
  await client?.close();
});

it('a deletion finds what was written before the watch of its kind tells of it', async () => {
  // A watch of the kind, which has told nothing yet.
  const view = {
    address: { server: client.server, name: client.name },
    settings: defaultSettings,
    direct: client,
    watches: () => true,
    get: () => undefined,
    tracked: () => [],
  };
  const cluster = { view, unwatched: createUnwatchedMemory() };
  const gone = { ...keyOf(own), name: 'gone' };
  const of = { instance: 'late', wanted: [], listed: [], supposed: [keyOf(own), keyOf(foreign), gone] };
  const found = await undesiredObjects(cluster, { ...of, surely: true });
  expect(found.map(({ object }) => object.metadata.name)).toEqual(['written']);
  // A comparison goes by what the watch tells, and is made again when it does.
  expect(await undesiredObjects(cluster, of)).toEqual([]);
});
