import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { removeCluster, saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { pollUntil } from '../../../local/poll.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';

const server = 'https://comes-and-goes.test';
const namespace = 'comes-and-goes';
const key = { group: '', kind: 'ConfigMap', namespace, name: 'kept' };
let keelson: TestKeelson & { readonly databaseUrl: string };
let database: DatabaseConnection;

beforeAll(async () => {
  keelson = await startKeelson();
  database = connectDatabase(keelson.databaseUrl, { connections: 1, onError: () => {} });
});

afterAll(async () => {
  await database?.close();
  await keelson?.stop();
});

const register = () =>
  saveCluster(database.db, createKeyring(keelson.encryptionKey), {
    name: 'comes-and-goes',
    server,
    credentials: credentialsFromKubeconfig(readFileSync(keelson.kubeconfigPath, 'utf8')),
  });

describe('an application whose cluster is removed', () => {
  it('says so, keeps its objects, and is in step again once the cluster is back', async () => {
    const { id } = await register();
    const repository = await keelson.gitServer.createRepository('kept', {
      'a.yaml': yamlOf(configMap('kept', { a: '1' })),
    });
    const syncPolicy = { automated: { prune: true, selfHeal: true } };
    await keelson.create(
      applicationOf({ name: 'kept', repoURL: repository.url, namespace, server, syncPolicy }),
    );
    await keelson.healthy('kept', 90);
    const before = await keelson.cluster.get('v1', key);
    expect(before?.metadata.uid).toBeDefined();

    expect(await removeCluster(database.db, id)).toBe(true);
    await pollUntil('the application says that it has no cluster', 60, async () => {
      const { status } = await keelson.client.applications.get('kept');
      const says = status?.conditions?.some(({ message }) =>
        message.includes(`destination ${server} is no registered cluster`),
      );
      return status?.sync?.status === 'Unknown' && says === true;
    });
    await expect(keelson.request('kept')).rejects.toThrow(/has a destination that is no known cluster/);

    expect((await register()).id).not.toBe(id);
    await keelson.healthy('kept', 90);
    const { conditions = [] } = (await keelson.client.applications.get('kept')).status ?? {};
    expect(conditions).toEqual([]);
    expect((await keelson.cluster.get('v1', key))?.metadata).toMatchObject({
      uid: before?.metadata.uid,
      resourceVersion: before?.metadata.resourceVersion,
    });
  });
});
