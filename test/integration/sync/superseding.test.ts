import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationView } from '../../../core/wire/operation.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import {
  applicationOf,
  configMap,
  deployment,
  hookJob,
  wave,
  yamlOf,
} from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';

let keelson: TestKeelson;
let database: DatabaseConnection;

beforeAll(async () => {
  const started = await startKeelson();
  keelson = started;
  database = connectDatabase(started.databaseUrl, { connections: 1, onError: () => {} });
});

afterAll(async () => {
  await database?.close();
  await keelson?.stop();
});

const automated = { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] };
const patience = { timeout: 40_000, interval: 100 };

/** A Deployment whose pods never become ready, as with an image that does not exist. */
function stuck(name: string, annotations = {}): object {
  const manifest = deployment(name, 1, annotations);
  const spec = manifest['spec'] as { template: { metadata: object } };
  const metadata = { ...spec.template.metadata, annotations: { 'keelson.test/pod': 'hang' } };
  return { ...manifest, spec: { ...spec, template: { ...spec.template, metadata } } };
}

async function automatedApplication(
  name: string,
  files: Record<string, string>,
  syncPolicy: Readonly<Record<string, unknown>> = automated,
): Promise<TestRepository> {
  const repository = await keelson.gitServer.createRepository(name, files);
  await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name, syncPolicy }));
  return repository;
}

async function push(
  name: string,
  repository: TestRepository,
  files: Record<string, string | null>,
): Promise<string> {
  const sha = await repository.commit(files);
  await keelson.client.applications.get(name, { refresh: 'normal' });
  return sha;
}

/** The operations of an application, oldest first. */
async function operationsOf(name: string): Promise<OperationView[]> {
  return [...(await keelson.client.operations.list(name, 20))].reverse();
}

async function phasesOf(name: string): Promise<string[]> {
  return (await operationsOf(name)).map(({ phase }) => phase);
}

/** Waits until the newest operation of an application waits for something that the text names. */
async function waiting(name: string, text: string): Promise<OperationView> {
  let view: OperationView | undefined;
  await expect
    .poll(async () => {
      const latest = (await operationsOf(name)).at(-1);
      if (latest === undefined) return [];
      view = await keelson.client.operations.get(name, latest.id);
      return view.waits.filter(({ closedAt }) => closedAt === undefined).map(({ reason }) => reason);
    }, patience)
    .toContainEqual(expect.stringContaining(text));
  return view as OperationView;
}

const configMapIn = async (namespace: string, name: string) =>
  (await keelson.cluster.get('v1', { group: '', kind: 'ConfigMap', namespace, name }))?.['data'];

describe('superseding', () => {
  it('lets the push of a fix take over from an automated sync that is stuck in a wave', async () => {
    const repository = await automatedApplication('fix', {
      'first.yaml': yamlOf(configMap('first', { v: '1' })),
      'app.yaml': yamlOf(stuck('app', wave(1))),
      'last.yaml': yamlOf(configMap('last', { v: '1' }, wave(2))),
    });
    const before = await waiting('fix', 'waiting for healthy state of apps/Deployment/app');

    const sha = await push('fix', repository, { 'app.yaml': yamlOf(deployment('app', 1, wave(1))) });
    await expect.poll(() => phasesOf('fix'), patience).toEqual(['Superseded', 'Succeeded']);

    const [older, newer] = await operationsOf('fix');
    expect(older).toMatchObject({ id: before.id, supersededBy: newer?.id });
    expect(older?.message).toBe(
      `superseded by revision ${sha.slice(0, 7)}, which automated sync brings next`,
    );
    expect(newer).toMatchObject({ revision: sha, initiatedBy: { automated: true } });
    await keelson.healthy('fix');
    expect(await configMapIn('fix', 'last')).toEqual({ v: '1' });
  });

  it('takes only the newest of several pushes, and not before a running hook has ended', async () => {
    const hangs = { annotations: { 'keelson.test/pod': 'hang' } };
    const repository = await automatedApplication('hooked', {
      'hook.yaml': yamlOf(hookJob('migrate', 'PreSync', {}, hangs)),
      'app.yaml': yamlOf(configMap('app', { v: '1' })),
    });
    await waiting('hooked', 'completion of hook batch/Job/migrate');
    const fixed = yamlOf(hookJob('migrate', 'PreSync'));
    await push('hooked', repository, {
      'hook.yaml': fixed,
      'app.yaml': yamlOf(configMap('app', { v: '2' })),
    });
    const newest = await push('hooked', repository, { 'app.yaml': yamlOf(configMap('app', { v: '3' })) });
    const job = { group: 'batch', kind: 'Job', namespace: 'hooked', name: 'migrate' };
    const running = await keelson.cluster.get('batch/v1', job);
    expect(running?.metadata.deletionTimestamp).toBeUndefined();
    expect(await phasesOf('hooked')).toEqual(['Running']);

    // Ends the hook the way a cluster does.
    await keelson.cluster.patch('batch/v1', job, { spec: { activeDeadlineSeconds: 1 } }, 'merge');
    await expect.poll(() => phasesOf('hooked'), patience).toEqual(['Superseded', 'Succeeded']);
    const [, newer] = await operationsOf('hooked');
    expect(newer?.revision).toBe(newest);
    expect(await configMapIn('hooked', 'app')).toEqual({ v: '3' });
  });

  it('starts nothing that was queued when automation is turned off meanwhile', async () => {
    const hangs = { annotations: { 'keelson.test/pod': 'hang' } };
    const repository = await automatedApplication('turned-off', {
      'hook.yaml': yamlOf(hookJob('migrate', 'PreSync', {}, hangs)),
      'app.yaml': yamlOf(configMap('app', { v: '1' })),
    });
    await waiting('turned-off', 'completion of hook batch/Job/migrate');
    await push('turned-off', repository, { 'app.yaml': yamlOf(configMap('app', { v: '2' })) });
    const queued = async (): Promise<number> =>
      (await database.pool.query('select 1 from successors')).rowCount ?? 0;
    await expect.poll(queued, patience).toBe(1);
    await keelson.client.applications.create(
      applicationOf({
        name: 'turned-off',
        repoURL: repository.url,
        namespace: 'turned-off',
        syncPolicy: { syncOptions: ['CreateNamespace=true'] },
      }),
      { upsert: true, validate: true },
    );

    const job = { group: 'batch', kind: 'Job', namespace: 'turned-off', name: 'migrate' };
    await keelson.cluster.patch('batch/v1', job, { spec: { activeDeadlineSeconds: 1 } }, 'merge');
    // The end of a run and the start of what was queued behind it are one transaction.
    await expect.poll(() => phasesOf('turned-off'), patience).not.toContain('Running');
    expect(await operationsOf('turned-off')).toHaveLength(1);
    expect(await queued()).toBe(0);
  });

  it('takes over in the pause before a retry', async () => {
    const bad = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'bad' },
      spec: { ports: [{ port: 0 }] },
    };
    const retry = { limit: 5, backoff: { duration: '10m' } };
    const repository = await automatedApplication(
      'backoff',
      { 'app.yaml': yamlOf(bad) },
      { ...automated, retry },
    );
    await waiting('backoff', 'attempt 1 failed: ');
    await push('backoff', repository, { 'app.yaml': yamlOf(configMap('good', { v: '1' })) });
    await expect.poll(() => phasesOf('backoff'), patience).toEqual(['Superseded', 'Succeeded']);
  });

  it("never takes over from a person's sync, whose end brings the newest revision all the same", async () => {
    const repository = await automatedApplication(
      'manual',
      { 'app.yaml': yamlOf(stuck('app'), configMap('after', { v: '1' }, wave(1))) },
      { automated: { enabled: false }, syncOptions: ['CreateNamespace=true'] },
    );
    const id = await keelson.request('manual');
    await waiting('manual', 'apps/Deployment/app');
    await expect(keelson.request('manual')).rejects.toThrow('another operation is already in progress');
    await keelson.client.applications.create(
      applicationOf({ name: 'manual', repoURL: repository.url, namespace: 'manual', syncPolicy: automated }),
      { upsert: true, validate: true },
    );
    await push('manual', repository, {
      'app.yaml': yamlOf(deployment('app'), configMap('after', { v: '2' }, wave(1))),
    });
    await waiting('manual', 'apps/Deployment/app');
    expect(await phasesOf('manual')).toEqual(['Running']);
    await keelson.client.operations.terminate('manual');
    expect(await keelson.ended('manual', id)).toMatchObject({
      phase: 'Failed',
      message: 'Operation terminated',
    });
    await keelson.healthy('manual');
    expect(await configMapIn('manual', 'after')).toEqual({ v: '2' });
  });

  it('gives way to a deletion at once, also while a hook runs', async () => {
    const hangs = { annotations: { 'keelson.test/pod': 'hang' } };
    await automatedApplication('deleted', {
      'app.yaml': yamlOf(hookJob('forever', 'PreSync', {}, hangs), configMap('app', { v: '1' })),
    });
    const { id, kind } = await waiting('deleted', 'completion of hook');
    await keelson.client.applications.delete('deleted', { cascade: true });
    await expect
      .poll(async () => (await keelson.client.applications.list()).map((one) => one.metadata.name), patience)
      .not.toContain('deleted');
    expect(kind).toBe('sync');
    expect(id).not.toBe('');
  });
});
