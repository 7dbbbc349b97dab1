import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialsFromKubeconfig } from '../../cluster/kubeconfig.ts';
import { connectDatabase, type DatabaseConnection } from '../../db/client.ts';
import { saveCluster } from '../../db/queries/cluster.ts';
import { freePort } from '../../local/ports.ts';
import { createKeyring } from '../../platform/encryption.ts';
import { applicationOf, configMap, yamlOf } from '../support/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../support/keelson.ts';
import { testPlatform } from '../support/platform.ts';

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
});
