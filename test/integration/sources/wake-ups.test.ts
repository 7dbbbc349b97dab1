import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf, configMap, deployment, hookJob, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';

let keelson: TestKeelson;

beforeAll(async () => {
  keelson = await startKeelson();
});

afterAll(async () => {
  await keelson?.stop();
});

/** Polls for something; `expect.poll` can't tell tests apart that run side by side. */
const until = (what: string, look: () => Promise<boolean>, seconds = 40) => pollUntil(what, seconds, look);
const mapKey = (namespace: string, name: string) => ({ group: '', kind: 'ConfigMap', namespace, name });
const namespaceKey = (name: string) => ({ group: '', kind: 'Namespace', namespace: '', name });
const statusOf = async (name: string) => (await keelson.client.applications.get(name)).status;
const sharedAt = async (name: string) =>
  (await statusOf(name))?.conditions?.find(({ type }) => type === 'SharedResourceWarning')?.message;
const automated = { automated: { selfHeal: true, prune: true }, syncOptions: ['CreateNamespace=true'] };

async function change(name: string, syncPolicy: object): Promise<void> {
  const { metadata, spec } = await keelson.client.applications.get(name);
  const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata, spec } as const;
  await keelson.client.applications.create(
    { ...application, spec: { ...spec, syncPolicy } } as Parameters<TestKeelson['create']>[0],
    { upsert: true, validate: true },
  );
}

describe.concurrent('what wakes an application', () => {
  it('sees the loss of an object that it shares, whoever has it, and tells of the sharing at both', async () => {
    const [first, second] = await Promise.all(
      ['sharer-one', 'sharer-two'].map((name) =>
        keelson.gitServer.createRepository(name, { 'a.yaml': yamlOf(configMap('common', { a: '1' })) }),
      ),
    );
    for (const [name, repository] of [
      ['sharer-one', first],
      ['sharer-two', second],
    ] as const) {
      await keelson.create(applicationOf({ name, repoURL: repository?.url ?? '', namespace: 'common' }));
      await keelson.sync(name);
    }
    await until('both warned', async () => {
      const [one, two] = await Promise.all(['sharer-one', 'sharer-two'].map(sharedAt));
      return (
        one?.endsWith('sharer-one and sharer-two') === true &&
        two?.endsWith('sharer-two and sharer-one') === true
      );
    });
    await until('two Synced', async () => (await statusOf('sharer-two'))?.sync?.status === 'Synced');

    await keelson.cluster.delete('v1', mapKey('common', 'common'));
    const missing = async (name: string) => (await statusOf(name))?.health?.status === 'Missing';
    await until(
      'the loss seen at both',
      async () => (await missing('sharer-one')) && (await missing('sharer-two')),
      10,
    );

    await change('sharer-one', automated);
    await keelson.healthy('sharer-one');
    await until('two sees who has it', async () => {
      const status = await statusOf('sharer-two');
      return status?.health?.status === 'Healthy' && status.sync?.status === 'OutOfSync';
    });
    await first?.commit({ 'a.yaml': yamlOf(configMap('own', { a: '1' })) });
    await keelson.client.applications.get('sharer-one', { refresh: 'normal' });
    await until('nothing shared any more', async () => (await sharedAt('sharer-two')) === undefined);
  });

  it('tries a commit in full after a dry run of it and a sync of chosen objects', async () => {
    const repository = await keelson.gitServer.createRepository('tried', {
      'a.yaml': yamlOf(hookJob('before', 'PreSync'), configMap('one', {}), configMap('two', {})),
    });
    await keelson.create(applicationOf({ name: 'tried', repoURL: repository.url, namespace: 'tried' }));
    await keelson.sync('tried', { resources: [{ group: '', kind: 'ConfigMap', name: 'one' }] });
    expect(await keelson.sync('tried', { dryRun: true })).toMatchObject({ phase: 'Succeeded' });
    await change('tried', automated);
    await keelson.healthy('tried');
    const [latest] = await keelson.client.operations.list('tried', 5);
    expect(latest).toMatchObject({ initiatedBy: { automated: true }, phase: 'Succeeded' });
    expect(latest?.request).toMatchObject({ resources: [], selfHealAttempts: 0 });
    const job = { group: 'batch', kind: 'Job', namespace: 'tried', name: 'before' };
    expect(await keelson.cluster.get('batch/v1', job)).toBeDefined();
  });

  it('brings back a namespace of the source that was deleted, with all that was in it', async () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'razed' } };
    const repository = await keelson.gitServer.createRepository('razed', {
      'a.yaml': yamlOf(namespace, deployment('web'), configMap('settings', { a: '1' })),
    });
    const retry = { limit: 20, backoff: { duration: '1s', factor: 1, maxDuration: '1s' } };
    const syncPolicy = { automated: { selfHeal: true }, retry };
    await keelson.create(
      applicationOf({ name: 'razed', repoURL: repository.url, namespace: 'razed', syncPolicy }),
    );
    await keelson.healthy('razed');
    const before = (await keelson.cluster.get('v1', namespaceKey('razed')))?.metadata.uid;
    await keelson.cluster.delete('v1', namespaceKey('razed'));
    await until('another namespace', async () => {
      const uid = (await keelson.cluster.get('v1', namespaceKey('razed')))?.metadata.uid;
      return uid !== undefined && uid !== before;
    });
    await keelson.healthy('razed');
  });

  it('tries again by itself once the spec follows the advice that the failure gave', async () => {
    const repository = await keelson.gitServer.createRepository('advised', {
      'a.yaml': yamlOf(configMap('one', { a: '1' })),
    });
    const syncPolicy = { automated: { selfHeal: true }, retry: { limit: 0 }, syncOptions: [] };
    await keelson.create(
      applicationOf({ name: 'advised', repoURL: repository.url, namespace: 'advised', syncPolicy }),
    );
    await until('a failure', async () => {
      const conditions = (await statusOf('advised'))?.conditions ?? [];
      return conditions.some(({ message = '' }) => /CreateNamespace=true/.test(message));
    });
    await change('advised', { ...syncPolicy, syncOptions: ['CreateNamespace=true'] });
    await keelson.healthy('advised', 20);
  });

  it('refuses to change an application that is being deleted by creating it again', async () => {
    const repository = await keelson.gitServer.createRepository('leaving', {
      'a.yaml': yamlOf({
        ...configMap('held', { a: '1' }),
        metadata: { name: 'held', finalizers: ['keelson.test/held'] },
      }),
    });
    const application = applicationOf({ name: 'leaving', repoURL: repository.url, namespace: 'leaving' });
    await keelson.create(application);
    await keelson.sync('leaving');
    const { operationId = '' } = await keelson.client.applications.delete('leaving', {});
    const again = (labels: Record<string, string>) =>
      keelson.client.applications.create(
        { ...application, metadata: { ...application.metadata, labels } },
        { upsert: true, validate: true },
      );
    for (const labels of [{}, { new: 'yes' }]) {
      await expect(again(labels)).rejects.toThrow(
        /"leaving" is being deleted.*create it again once it is gone/,
      );
    }
    await keelson.cluster.patch('v1', mapKey('leaving', 'held'), { metadata: { finalizers: null } }, 'merge');
    expect(await keelson.ended('leaving', operationId)).toMatchObject({ phase: 'Succeeded' });
    await again({});
  });
});
