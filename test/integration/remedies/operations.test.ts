import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { planSchemaVersion } from '../../../core/sync/plan/plan.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { openUpload, storeUpload } from '../../../db/queries/application/upload.ts';
import { saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { findPlan } from '../../../db/queries/operation/plan.ts';
import { plans } from '../../../db/schema/operation.ts';
import { createEngine } from '../../../engine/temporal.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import { createDataConverter } from '../../../platform/temporal/data-converter.ts';
import { applicationOf, configMap, hookJob, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { failureOf } from '../../support/process/failure.ts';

let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let keelson: TestKeelson;
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

async function created(name: string, ...manifests: readonly object[]) {
  const repository = await keelson.gitServer.createRepository(name, { 'a.yaml': yamlOf(...manifests) });
  const syncPolicy = { syncOptions: ['CreateNamespace=true'], retry: { limit: 0 } };
  await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name, syncPolicy }));
  return repository;
}

/** A hook that runs until somebody resumes it. */
function heldHook(name: string) {
  const hook = hookJob(name, 'PreSync');
  return { ...hook, spec: { ...(hook['spec'] as object), suspend: true } };
}

async function untilHeld(name: string, id: string): Promise<void> {
  await pollUntil(`${name} waits for its hook`, 40, async () => {
    const { waits } = await keelson.client.operations.get(name, id);
    return waits.some(({ kind, closedAt }) => kind === 'hook' && closedAt === undefined);
  });
}

async function resume(namespace: string, name: string): Promise<void> {
  const key = { group: 'batch', kind: 'Job', namespace, name };
  await keelson.cluster.patch('batch/v1', key, { spec: { suspend: false } }, 'merge');
}

describe('what a message about an operation advises helps', () => {
  it('against another operation in progress: waiting for it, or terminating it', async () => {
    const name = 'one-at-a-time';
    await created(name, heldHook('gate'), configMap('a', { a: '1' }));
    const first = await keelson.request(name);
    await untilHeld(name, first);
    const says = 'another operation is already in progress; wait for it or terminate it first';
    expect((await failureOf(keelson.request(name))).message).toContain(says);
    await resume(name, 'gate');
    expect(await keelson.ended(name, first)).toMatchObject({ phase: 'Succeeded' });
    const second = await keelson.request(name);
    await untilHeld(name, second);
    expect((await failureOf(keelson.request(name))).message).toContain(says);
    await keelson.client.operations.terminate(name);
    await keelson.ended(name, second);
    const third = await keelson.request(name);
    await untilHeld(name, third);
    await keelson.client.operations.terminate(name);
    expect(await keelson.ended(name, third)).toMatchObject({ message: 'Operation terminated' });
  });

  it('against a deletion from a cluster that nobody registered: adding it, or giving the objects up', async () => {
    const repository = await keelson.gitServer.createRepository('elsewhere', {
      'a.yaml': yamlOf(configMap('a', {})),
    });
    const names = ['elsewhere', 'given-up'];
    const servers = ['https://elsewhere.test', 'https://given-up.test'];
    for (const [at, name] of names.entries()) {
      const server = servers[at] ?? '';
      await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name, server }));
      const { message } = await failureOf(keelson.client.applications.delete(name, {}));
      expect(message).toContain(
        `destination ${server} is not a registered cluster, so nothing can be deleted there; add the cluster and delete it again, or give its objects up: keelson app delete ${name} --orphan`,
      );
    }
    const there = async (): Promise<string[]> =>
      (await keelson.client.applications.list()).map(({ metadata }) => metadata.name ?? '');
    await keelson.client.applications.delete('given-up', { cascade: false });
    expect(await there()).not.toContain('given-up');
    const credentials = credentialsFromKubeconfig(readFileSync(facts.kubeconfigPath, 'utf8'));
    await saveCluster(database.db, createKeyring(keelson.encryptionKey), {
      ...{ name: 'elsewhere', server: servers[0] ?? '' },
      credentials: { ...credentials, name: 'elsewhere' },
    });
    await keelson.client.applications.delete('elsewhere', {});
    await pollUntil('the application deleted', 60, async () => !(await there()).includes('elsewhere'));
  });

  it('against an upload that is gone: sending the files again', async () => {
    const keyring = createKeyring(keelson.encryptionKey);
    const gone = await failureOf(openUpload(database.db, keyring, randomUUID()));
    expect(gone.message).toBe('upload is gone; send the files again');
    const sent = await storeUpload(database.db, keyring, Buffer.from('files'));
    expect((await openUpload(database.db, keyring, sent)).toString()).toBe('files');
  });

  it('against questions that nobody answers: a worker that runs', async () => {
    const dataConverter = createDataConverter(createKeyring(keelson.encryptionKey));
    const ask = async (connection: Connection, namespace: string, seconds: number) => {
      const engine = createEngine(new Client({ connection, namespace, dataConverter }));
      const outcome = await engine.inspect({ kind: 'plugins' }, seconds);
      return outcome.failure?.message ?? '';
    };
    const reached = await Connection.connect({ address: facts.temporalAddress });
    const away = Connection.lazy({ address: `127.0.0.1:${await freePort()}` });
    try {
      expect(await ask(away, facts.temporalNamespace, 1)).toBe(
        'no worker could be asked, for Temporal is not reachable; try again once it is',
      );
      expect(await ask(reached, await testPlatform().createNamespace(), 1)).toContain(
        'source was not looked at within 1 s; check that a worker runs and reaches the host, and try again',
      );
      expect(await ask(reached, facts.temporalNamespace, 20)).toBe('');
    } finally {
      await Promise.all([reached.close(), away.close()]);
    }
  });

  it('against the plan of another release: finishing it with that release', async () => {
    const name = 'other-plan';
    await created(name, heldHook('gate'), configMap('a', { a: '1' }));
    const id = await keelson.request(name);
    await untilHeld(name, id);
    const isOfRelease = (schemaVersion: number) =>
      database.db.update(plans).set({ schemaVersion }).where(eq(plans.operationId, id));
    await isOfRelease(99);
    expect((await failureOf(findPlan(database.db, { operationId: id, attempt: 1 }))).message).toContain(
      'has schema version 99, this release knows 1; finish it with the release that made it',
    );
    await isOfRelease(planSchemaVersion);
    await resume(name, 'gate');
    expect(await keelson.ended(name, id)).toMatchObject({ phase: 'Succeeded' });
  });
});
