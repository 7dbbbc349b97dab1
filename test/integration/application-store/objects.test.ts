import { afterAll, beforeAll, describe } from 'vitest';
import type { ClusterClient } from '../../../cluster/request/client.ts';
import { createObjectStore } from '../../../control/application/store/object-store.ts';
import type { HomeControl } from '../../../control/home/context.ts';
import type { LocalCluster } from '../../../local/kubernetes/cluster.ts';
import { installHomeKinds } from '../../support/home/home-kinds.ts';
import { openPlatformCluster } from '../../support/home/platform-cluster.ts';
import { startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { testApplicationStore } from './contract.ts';

let local: LocalCluster;
let client: ClusterClient;
let api: TestApi;

beforeAll(async () => {
  // A cluster of its own: the contract's applications are in a namespace that others have, too.
  [local, api] = await Promise.all([testPlatform().startCluster({ controllers: false }), startApi()]);
  client = await openPlatformCluster(local);
  await installHomeKinds(client);
  await client.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } });
});

afterAll(async () => {
  await client?.close();
  await Promise.all([api?.close(), local?.stop()]);
});

describe('applications as objects of the home cluster', () => {
  testApplicationStore(() => {
    const control: HomeControl = api.deps;
    return { store: createObjectStore(control, async () => client), db: api.db };
  });
});
