import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyObject } from '../../../cluster/apply/apply-object.ts';
import type { Application } from '../../../core/application/spec/spec.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import type { ApplyStrategy } from '../../../core/sync/plan/plan.ts';
import { applicationOf, configMap, deployment, hookJob, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import { failureOf } from '../../support/process/failure.ts';
import { faultsIn } from '../../support/process/faults.ts';

let keelson: TestKeelson;

beforeAll(async () => {
  keelson = await startKeelson();
});

afterAll(async () => {
  await keelson?.stop();
});

function ignoring(application: Application, jqPathExpressions: readonly string[]): Application {
  const ignoreDifferences = ['Deployment', 'ConfigMap'].map((kind) => ({
    group: '*',
    kind,
    jqPathExpressions,
  }));
  return { ...application, spec: { ...application.spec, ignoreDifferences } } as Application;
}

/** Stands still once a hook of the next sync has been created: planned, and nothing of the application written. */
async function planned(sync: () => Promise<string>): Promise<{ id: string; release: () => void }> {
  const { arm, reached } = faultsIn(keelson);
  arm('hook-created', 'pause');
  const id = await sync();
  return { id, release: await reached('hook-created') };
}

describe('an ignored field that changes between plan and write', () => {
  it.each([
    ['server-side apply', []],
    ['client-side apply', ['ServerSideApply=false', 'ClientSideApply=true']],
    ['a replacement', ['Replace=true']],
  ])('keeps its newest value in %s, and the commit arrives', async (title, options) => {
    const name = `respects-${title.replace(/\W+/g, '-')}`;
    const tick = (n: string) => [
      hookJob('before', 'PreSync'),
      { ...deployment('web', 1), metadata: { name: 'web', labels: { tick: n } } },
    ];
    const repository = await keelson.gitServer.createRepository(name, { 'app.yaml': yamlOf(...tick('1')) });
    const syncOptions = ['CreateNamespace=true', 'RespectIgnoreDifferences=true', ...options];
    const application = applicationOf({
      name,
      repoURL: repository.url,
      namespace: name,
      syncPolicy: { syncOptions },
    });
    await keelson.create(ignoring(application, ['.spec.replicas']));
    await keelson.sync(name);
    await keelson.healthy(name);

    const key = { group: 'apps', kind: 'Deployment', namespace: name, name: 'web' };
    const scale = (replicas: number) =>
      keelson.cluster.patch('apps/v1', key, { spec: { replicas } }, 'merge', { fieldManager: 'autoscaler' });
    await scale(2);
    await repository.commit({ 'app.yaml': yamlOf(...tick('2')) });
    const { id, release } = await planned(() => keelson.request(name));
    await scale(3);
    release();

    expect(await keelson.ended(name, id)).toMatchObject({ phase: 'Succeeded', attempt: 1 });
    const live = await keelson.cluster.get('apps/v1', key);
    expect(live?.metadata.labels).toMatchObject({ tick: '2' });
    expect(live?.['spec']).toMatchObject({ replicas: 3 });
  });

  it('keeps an object that somebody else creates meanwhile as it is there', async () => {
    const name = 'respects-created';
    const repository = await keelson.gitServer.createRepository(name, {
      'app.yaml': yamlOf(hookJob('before', 'PreSync'), configMap('weights', { a: 'git', b: 'git' })),
    });
    const syncOptions = ['CreateNamespace=true', 'RespectIgnoreDifferences=true'];
    const application = applicationOf({
      name,
      repoURL: repository.url,
      namespace: name,
      syncPolicy: { syncOptions },
    });
    await keelson.create(ignoring(application, ['.data.a']));
    const { id, release } = await planned(() => keelson.request(name));
    const made = { ...configMap('weights', { a: 'controller' }) };
    await keelson.cluster.create({ ...made, metadata: { ...made.metadata, namespace: name } });
    release();

    expect(await keelson.ended(name, id)).toMatchObject({ phase: 'Succeeded' });
    const live = await keelson.cluster.get(
      'v1',
      keyOf({ ...made, metadata: { name: 'weights', namespace: name } }),
    );
    expect(live?.['data']).toEqual({ a: 'controller', b: 'git' });
  });
});

describe('a write that is held to a state of its object', () => {
  const strategies: readonly ApplyStrategy[] = ['server-side', 'client-side', 'replace'];

  it.each(strategies)(
    'is refused by %s once the object has changed, for a reason that may pass',
    async (strategy) => {
      const namespace = `held-${strategy}`;
      await keelson.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      const at = (data: Record<string, string>): Manifest => {
        const plain = configMap('held', data);
        return { ...plain, metadata: { ...plain.metadata, namespace } };
      };
      const write = (data: Record<string, string>, resourceVersion?: string) =>
        applyObject(keelson.cluster, at(data), { strategy, validate: true, force: false, resourceVersion });
      const first = await write({ a: '1' });
      const seen = first.object.metadata.resourceVersion;
      await keelson.cluster.patch('v1', keyOf(at({})), { data: { a: 'other' } }, 'merge', {
        fieldManager: 'other',
      });

      const failure = await failureOf(write({ a: '2' }, seen));
      expect(failure).toMatchObject({ code: 'conflict', transience: 'conflict' });
      const live = await keelson.cluster.get('v1', keyOf(at({})));
      expect(live?.['data']).toEqual({ a: 'other' });
      expect((await write({ a: '2' }, live?.metadata.resourceVersion)).object['data']).toEqual({ a: '2' });
    },
  );

  it('says of a version in the manifest itself that it has to go', async () => {
    const namespace = 'held-by-git';
    await keelson.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const plain = configMap('held', { a: '1' });
    const manifest = { ...plain, metadata: { ...plain.metadata, namespace } };
    const options = { strategy: 'server-side', validate: true, force: false } as const;
    await applyObject(keelson.cluster, manifest, options);
    const stale = { ...manifest, metadata: { ...manifest.metadata, resourceVersion: '1' } };
    const failure = await failureOf(applyObject(keelson.cluster, stale, options));
    expect(failure).toMatchObject({ code: 'object-invalid' });
    expect(failure.message).toContain('remove metadata.resourceVersion from the manifest');
  });
});
