import { Client, Connection } from '@temporalio/client';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeelsonError } from '../../../core/errors.ts';
import { keyOf } from '../../../core/object/manifest/manifest.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { applications } from '../../../db/schema/application.ts';
import { clusterSessions, clusters } from '../../../db/schema/cluster.ts';
import { pollUntil } from '../../../local/poll.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import { clusterSessionWorkflowId } from '../../../workflows/ids.ts';
import { applicationOf, configMap, hookJob, wave, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { type Asked, openGate } from '../../support/servers/api-gate.ts';

const hangs = { annotations: { 'keelson.test/pod': 'hang' } };
const server = 'https://moving.test';
const namespace = 'moving';
/** Within this time after a change nothing is asked as before it any more. */
const soonMilliseconds = 3000;

let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let keelson: TestKeelson;
let database: DatabaseConnection;
let gate: Awaited<ReturnType<typeof openGate>>;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  [keelson, gate] = await Promise.all([startKeelsonOn(facts), openGate(facts.kubeconfigPath)]);
  database = connectDatabase(facts.databaseUrl, { connections: 1, onError: () => {} });
  await Promise.all(['first', 'second'].map(grantAll));
});

afterAll(async () => {
  await database?.close();
  await keelson?.stop();
  await gate?.close();
  await facts?.drop();
});

async function grantAll(user: string): Promise<void> {
  await keelson.cluster.applyServerSide({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `registration-${user}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  });
}

/** Registers the shared cluster behind the gate, to be asked as this user. */
const registerAs = (user: string) =>
  saveCluster(database.db, createKeyring(keelson.encryptionKey), {
    name: 'moving',
    server,
    credentials: { name: 'moving', server: gate.url, tls: {}, impersonate: { user } },
  });

const create = async (name: string, ...manifests: readonly object[]) => {
  const repository = await keelson.gitServer.createRepository(name, { 'a.yaml': yamlOf(...manifests) });
  await keelson.create(applicationOf({ name, repoURL: repository.url, namespace, server }));
};

/** Whether a request wrote this ConfigMap, and was no dry run. */
const writes = (name: string, { method, url }: Asked): boolean =>
  method !== 'GET' && !url.searchParams.has('dryRun') && url.pathname.endsWith(`/configmaps/${name}`);

const writersOf = (name: string): string[] =>
  gate.asked.filter((one) => writes(name, one)).map(({ user }) => user);

const lastOf = (user: string): number => gate.asked.findLast((one) => one.user === user)?.at ?? 0;

const epochOf = async (): Promise<number> =>
  (await database.db.select().from(clusterSessions)).reduce((sum, { epoch }) => sum + epoch, 0);

describe('a cluster that is registered differently while syncs run on it', () => {
  it('is asked as before for a moment only; what runs goes on as what holds now, and nothing is written twice', async () => {
    await registerAs('first');
    await create('waiting', hookJob('slow', 'PreSync', {}, hangs), configMap('waited', { a: '1' }));
    await create('writing', configMap('held', { a: '1' }, wave(0)), configMap('after', { a: '1' }, wave(1)));
    const waiting = await keelson.request('waiting');
    await pollUntil('the hook is waited for', 90, async () => {
      const { waits, finishedAt, message } = await keelson.client.operations.get('waiting', waiting);
      // It can't be waited for any more: what it ended with says why.
      if (finishedAt !== undefined) throw new KeelsonError('internal', `the sync ended before: ${message}`);
      return waits.some(({ kind, closedAt }) => kind === 'hook' && closedAt === undefined);
    });
    const release = gate.hold((one) => writes('held', one));
    const writing = await keelson.request('writing');
    await release.reached;
    const before = await epochOf();

    const changedAt = performance.now();
    await registerAs('second');
    await pollUntil('somebody else asks', 30, async () => lastOf('second') > 0);
    release.go();
    expect(await keelson.ended('writing', writing)).toMatchObject({ phase: 'Succeeded', attempt: 1 });
    expect(writersOf('held')).toEqual(['first']);
    expect(writersOf('after')).toEqual(['second']);

    await freeHook('slow');
    expect(await keelson.ended('waiting', waiting)).toMatchObject({ phase: 'Succeeded', attempt: 1 });
    expect(writersOf('waited')).toEqual(['second']);
    await Promise.all(['waiting', 'writing'].map((name) => keelson.healthy(name)));
    expect(await epochOf()).toBe(before + 1);
    await pollUntil('it was looked at for long enough', 10, async () => {
      return performance.now() - changedAt > soonMilliseconds;
    });
    expect(lastOf('first') - changedAt).toBeLessThan(soonMilliseconds);
  });

  it('has no session any more once it is removed, and is asked nothing', async () => {
    const [cluster] = await database.db.select().from(clusters).where(eq(clusters.server, server));
    const clusterId = cluster?.id ?? '';
    for (const name of ['waiting', 'writing'])
      await keelson.client.applications.delete(name, { cascade: true });
    await pollUntil('the applications are gone', 60, async () => {
      return (await database.db.select().from(applications)).length === 0;
    });
    const session = await describeSession(clusterId);
    expect(session.status).toBe('RUNNING');
    const removedAt = performance.now();
    await database.db.delete(clusters).where(eq(clusters.id, clusterId));
    await pollUntil(
      'the session has ended',
      30,
      async () => (await describeSession(clusterId)).status === 'COMPLETED',
    );
    // What the session of another cluster has done since: the sweeper had its time to start this one again.
    expect(lastOf('second') - removedAt).toBeLessThan(7000);
  });
});

/** Lets the pods of a hook that hangs end well. */
async function freeHook(name: string): Promise<void> {
  const pods = await keelson.cluster.list(await keelson.cluster.resourceFor('v1', 'Pod'), { namespace });
  const own = pods.items.filter(({ metadata }) => metadata.labels?.['job-name'] === name);
  expect(own).not.toEqual([]);
  for (const pod of own) {
    const patch = { metadata: { annotations: { 'keelson.test/pod': null } } };
    await keelson.cluster.patch('v1', keyOf(pod), patch, 'merge');
  }
}

async function describeSession(clusterId: string) {
  const connection = await Connection.connect({ address: facts.temporalAddress });
  try {
    const client = new Client({ connection, namespace: facts.temporalNamespace });
    const { status } = await client.workflow.getHandle(clusterSessionWorkflowId(clusterId)).describe();
    return { status: status.name };
  } finally {
    await connection.close();
  }
}
