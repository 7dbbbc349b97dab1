import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameJson } from '../../../core/object/json/canonical.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { OperationView } from '../../../core/wire/operation.ts';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf, configMap, hookJob, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { openProjects, openSpec, type TestProjects } from '../../support/keelson/projects.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';

let keelson: TestKeelson;
let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let projects: TestProjects;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  keelson = await startKeelsonOn(facts);
  projects = openProjects(facts.databaseUrl);
});

afterAll(async () => {
  await projects?.close();
  await keelson?.stop();
  await facts?.drop();
});

const until = (what: string, look: () => Promise<boolean>) => pollUntil(what, 40, look);
const key = (kind: string, namespace: string, name: string, group = '') => ({ group, kind, namespace, name });
const dataOf = async (kind: string, namespace: string, name: string) =>
  (await keelson.cluster.get('v1', key(kind, namespace, name)))?.['data'];
const secret = (name: string, value: string, annotations = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, annotations },
  data: { v: Buffer.from(value).toString('base64') },
});
const encoded = (value: string) => ({ v: Buffer.from(value).toString('base64') });
const noSecrets = { ...openSpec, namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }] };
const words = (project: string) =>
  `resource :Secret is not permitted in project ${project} (spec.namespaceResourceBlacklist[0])`;
const stepNamed = (view: OperationView, name: string) => view.steps.find((step) => step.key.name === name);
const automated = { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] };

/** An application of a project and a namespace of its own name. */
async function create(
  name: string,
  spec: unknown,
  files: Record<string, string>,
  syncPolicy: Readonly<Record<string, unknown>> = {},
): Promise<TestRepository> {
  await projects.put(name, spec);
  const repository = await keelson.gitServer.createRepository(name, files);
  const shape = { name, project: name, repoURL: repository.url, namespace: name, syncPolicy };
  await keelson.create(applicationOf(shape));
  return repository;
}

async function warnings(name: string): Promise<string[]> {
  const { status } = await keelson.client.applications.get(name);
  return (status?.conditions ?? []).filter(({ type }) => type === 'ProjectWarning').map((one) => one.message);
}

describe.concurrent('objects that a project does not permit', () => {
  it('fail a sync before anything is written, each with the rule, and the rest is synced without them', async () => {
    const foreign = configMap('foreign', { v: '1' });
    const repository = await create(
      'manual',
      { ...noSecrets, destinations: [{ server: '*', namespace: 'manual' }], clusterResourceWhitelist: [] },
      {
        'a.yaml': yamlOf(configMap('fine', { v: '1' }), secret('kept', '1')),
        'b.yaml': yamlOf(
          { ...foreign, metadata: { ...foreign.metadata, namespace: 'elsewhere' } },
          { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'manual' } },
          secret('hook', '1', { 'argocd.argoproj.io/hook': 'PreSync' }),
        ),
      },
    );
    const refused = await keelson.sync('manual');
    expect(refused).toMatchObject({
      phase: 'Failed',
      message: expect.stringContaining(
        `one or more synchronization tasks are not valid: Namespace manual: resource :Namespace is not permitted in project manual (spec.clusterResourceWhitelist)`,
      ),
    });
    const notes = Object.fromEntries(refused.steps.map((step) => [step.key.name, step.message]));
    expect(notes).toEqual({
      manual: expect.stringContaining('(spec.clusterResourceWhitelist)'),
      kept: `Secret manual/kept: ${words('manual')}`,
      hook: `Secret manual/hook: ${words('manual')}`,
      foreign: expect.stringContaining(
        "namespace elsewhere is not permitted in project 'manual' (spec.destinations)",
      ),
    });
    expect(await keelson.cluster.get('v1', key('Namespace', '', 'manual'))).toBeUndefined();

    await projects.put('manual', { ...noSecrets, destinations: [{ server: '*', namespace: 'manual' }] });
    await repository.commit({ 'a.yaml': yamlOf(configMap('fine', { v: '2' })), 'b.yaml': null });
    expect(await keelson.sync('manual')).toMatchObject({ phase: 'Succeeded' });
    expect(await dataOf('ConfigMap', 'manual', 'fine')).toEqual({ v: '2' });
  });

  it('run as no hook, and others do', async () => {
    const spec = { ...openSpec, namespaceResourceBlacklist: [{ group: 'batch', kind: 'Job' }] };
    await create('hooked', spec, { 'a.yaml': yamlOf(configMap('a', { v: '1' }), hookJob('job', 'PreSync')) });
    const refused = await keelson.sync('hooked');
    expect(refused.message).toContain(
      'batch/Job hooked/job: resource batch:Job is not permitted in project hooked',
    );
    expect(await dataOf('ConfigMap', 'hooked', 'a')).toBeUndefined();
    await projects.put('hooked', openSpec);
    const synced = await keelson.sync('hooked');
    expect(stepNamed(synced, 'job')).toMatchObject({ hookPhase: 'Succeeded' });
  });

  it('are neither healed nor pruned, while others are, until they are permitted again', async () => {
    const files = {
      'cm.yaml': yamlOf(configMap('a', { v: '1' })),
      's.yaml': yamlOf(secret('s', '1')),
      'rest.yaml': yamlOf(configMap('gone', { v: '1' })),
    };
    const repository = await create('healed', openSpec, files, automated);
    await keelson.healthy('healed');
    await projects.put('healed', noSecrets);
    await until('the warning', async () => (await warnings('healed')).length === 1);
    expect(await warnings('healed')).toEqual([`not synced: Secret healed/s: ${words('healed')}`]);

    const change = (kind: string, name: string, data: object) =>
      keelson.cluster.patch('v1', key(kind, 'healed', name), { data }, 'merge');
    await change('Secret', 's', encoded('2'));
    await change('ConfigMap', 'a', { v: '2' });
    await until('a is healed', async () => sameJson(await dataOf('ConfigMap', 'healed', 'a'), { v: '1' }));
    expect(await dataOf('Secret', 'healed', 's')).toEqual(encoded('2'));

    await repository.commit({ 's.yaml': null, 'rest.yaml': null });
    const pruned = await keelson.sync('healed', { prune: true });
    expect(pruned).toMatchObject({ phase: 'Succeeded' });
    expect(stepNamed(pruned, 's')).toBeUndefined();
    expect(await dataOf('ConfigMap', 'healed', 'gone')).toBeUndefined();
    expect(await dataOf('Secret', 'healed', 's')).toEqual(encoded('2'));
    await until(
      'the other warning',
      async () => (await warnings('healed'))[0]?.startsWith('neither') === true,
    );
    expect(await warnings('healed')).toEqual([
      `neither compared nor pruned: Secret healed/s: ${words('healed')}`,
    ]);
    const tree = await keelson.client.applications.resourceTree('healed');
    expect((tree.nodes ?? []).map(({ name }) => name)).not.toContain('s');

    await projects.put('healed', openSpec);
    await until('s is pruned', async () => (await dataOf('Secret', 'healed', 's')) === undefined);
    expect(await warnings('healed')).toEqual([]);
  });

  it('stop an automated sync of a revision that brings them', async () => {
    const once = { ...automated, retry: { limit: 0 } };
    await create('auto', noSecrets, { 'a.yaml': yamlOf(configMap('a', {}), secret('s', '1')) }, once);
    const last = async () => (await keelson.client.operations.list('auto', 1))[0];
    await until('the sync failed', async () => (await last())?.phase === 'Failed');
    expect(await last()).toMatchObject({
      initiatedBy: { automated: true },
      message: expect.stringContaining(words('auto')),
    });
    expect(await dataOf('ConfigMap', 'auto', 'a')).toBeUndefined();
  });

  it('are not written by a plan that waited while the project changed', async () => {
    const confirm = { 'argocd.argoproj.io/sync-options': 'Prune=confirm' };
    const repository = await create('waited', openSpec, {
      'a.yaml': yamlOf(configMap('a', { v: '1' })),
      'b.yaml': yamlOf(configMap('b', { v: '1' }, confirm)),
      's.yaml': yamlOf(secret('s', '1')),
    });
    expect(await keelson.sync('waited')).toMatchObject({ phase: 'Succeeded' });
    await repository.commit({ 's.yaml': yamlOf(secret('s', '2')), 'b.yaml': null });
    const operation = await keelson.request('waited', { prune: true });
    await until('the sync waits', async () => {
      const { waits } = await keelson.client.operations.get('waited', operation);
      return waits.some(({ kind }) => kind === 'approval');
    });
    await projects.put('waited', {
      ...openSpec,
      namespaceResourceBlacklist: [
        { group: '', kind: 'Secret' },
        { group: '', kind: 'ConfigMap' },
      ],
    });
    await keelson.client.applications.confirmDeletion('waited');
    const ended = await keelson.ended('waited', operation);
    expect(ended.phase).toBe('Failed');
    expect(stepNamed(ended, 'b')).toMatchObject({
      message: expect.stringContaining('ignored (resource :ConfigMap is not permitted in project waited'),
    });
    expect(stepNamed(ended, 's')?.message).toBe(`Secret waited/s: ${words('waited')}`);
    expect(await dataOf('Secret', 'waited', 's')).toEqual(encoded('1'));
    expect(await dataOf('ConfigMap', 'waited', 'b')).toEqual({ v: '1' });
  });

  it('come back by no rollback, nor does a source that is permitted no more', async () => {
    const repository = await create('back', openSpec, { 'a.yaml': yamlOf(secret('s', '1')) });
    await keelson.sync('back');
    await repository.commit({ 'a.yaml': yamlOf(configMap('a', { v: '1' })) });
    await keelson.sync('back', { prune: true });
    await projects.put('back', noSecrets);
    const { status } = await keelson.client.applications.get('back');
    const id = status?.history?.[0]?.id ?? -1;
    const { operationId } = await keelson.client.operations.rollback('back', { id });
    const ended = await keelson.ended('back', operationId);
    expect(ended).toMatchObject({ phase: 'Failed', message: expect.stringContaining(words('back')) });
    await projects.put('back', { ...openSpec, sourceRepos: ['https://nowhere.example.com/*'] });
    await expect(keelson.client.operations.rollback('back', { id })).rejects.toThrow(
      `spec.source.repoURL: application repo ${repository.url} is not permitted in project 'back' (spec.sourceRepos)`,
    );
    await projects.put('back', openSpec);
    const again = await keelson.client.operations.rollback('back', { id });
    expect(await keelson.ended('back', again.operationId)).toMatchObject({ phase: 'Succeeded' });
  });

  it('are not made by an action', async () => {
    const cron: Manifest = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'cron' },
      spec: {
        schedule: '0 0 1 1 *',
        jobTemplate: {
          spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } } },
        },
      },
    };
    await create('acting', openSpec, { 'a.yaml': yamlOf(cron) });
    await keelson.sync('acting');
    const object = { group: 'batch', kind: 'CronJob', namespace: 'acting', name: 'cron', version: 'v1' };
    const act = () =>
      keelson.client.applications.runAction('acting', object, { action: 'create-job', parameters: [] });
    const jobs = async () =>
      (
        await keelson.cluster.list(await keelson.cluster.resourceFor('batch/v1', 'Job'), {
          namespace: 'acting',
        })
      ).items.length;
    await until('the object is seen', async () =>
      ((await keelson.client.applications.resourceTree('acting')).nodes ?? []).some(
        ({ kind }) => kind === 'CronJob',
      ),
    );
    await projects.put('acting', {
      ...openSpec,
      namespaceResourceBlacklist: [{ group: 'batch', kind: 'Job' }],
    });
    await expect(act()).rejects.toThrow(
      'action may not write it: resource batch:Job is not permitted in project acting (spec.namespaceResourceBlacklist[0])',
    );
    expect(await jobs()).toBe(0);
    await projects.put('acting', openSpec);
    await act();
    expect(await jobs()).toBe(1);
  });

  it('stay when their application is deleted, and are named', async () => {
    await create('leaving', openSpec, { 'a.yaml': yamlOf(configMap('a', { v: '1' }), secret('s', '1')) });
    await keelson.sync('leaving');
    await projects.put('leaving', noSecrets);
    const { operationId = '' } = await keelson.client.applications.delete('leaving', {});
    const ended = await keelson.ended('leaving', operationId);
    expect(ended).toMatchObject({ phase: 'Succeeded' });
    expect(stepNamed(ended, 's')?.message).toBe(`kept (${words('leaving')})`);
    expect(await dataOf('ConfigMap', 'leaving', 'a')).toBeUndefined();
    expect(await dataOf('Secret', 'leaving', 's')).toEqual(encoded('1'));
  });
});
