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

/** An application of a project and a namespace of its own name, which no other file may use: all share one cluster. */
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
      'bound-manual',
      {
        ...noSecrets,
        destinations: [{ server: '*', namespace: 'bound-manual' }],
        clusterResourceWhitelist: [],
      },
      {
        'a.yaml': yamlOf(configMap('fine', { v: '1' }), secret('kept', '1')),
        'b.yaml': yamlOf(
          { ...foreign, metadata: { ...foreign.metadata, namespace: 'elsewhere' } },
          { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'bound-manual' } },
          secret('hook', '1', { 'argocd.argoproj.io/hook': 'PreSync' }),
        ),
      },
    );
    const refused = await keelson.sync('bound-manual');
    expect(refused).toMatchObject({
      phase: 'Failed',
      message: expect.stringContaining(
        `one or more synchronization tasks are not valid: Namespace bound-manual: resource :Namespace is not permitted in project bound-manual (spec.clusterResourceWhitelist)`,
      ),
    });
    const notes = Object.fromEntries(refused.steps.map((step) => [step.key.name, step.message]));
    expect(notes).toEqual({
      'bound-manual': expect.stringContaining('(spec.clusterResourceWhitelist)'),
      kept: `Secret bound-manual/kept: ${words('bound-manual')}`,
      hook: `Secret bound-manual/hook: ${words('bound-manual')}`,
      foreign: expect.stringContaining(
        "namespace elsewhere is not permitted in project 'bound-manual' (spec.destinations)",
      ),
    });
    expect(await keelson.cluster.get('v1', key('Namespace', '', 'bound-manual'))).toBeUndefined();

    await projects.put('bound-manual', {
      ...noSecrets,
      destinations: [{ server: '*', namespace: 'bound-manual' }],
    });
    await repository.commit({ 'a.yaml': yamlOf(configMap('fine', { v: '2' })), 'b.yaml': null });
    expect(await keelson.sync('bound-manual')).toMatchObject({ phase: 'Succeeded' });
    expect(await dataOf('ConfigMap', 'bound-manual', 'fine')).toEqual({ v: '2' });
  });

  it('run as no hook, and others do', async () => {
    const spec = { ...openSpec, namespaceResourceBlacklist: [{ group: 'batch', kind: 'Job' }] };
    await create('bound-hooked', spec, {
      'a.yaml': yamlOf(configMap('a', { v: '1' }), hookJob('job', 'PreSync')),
    });
    const refused = await keelson.sync('bound-hooked');
    expect(refused.message).toContain(
      'batch/Job bound-hooked/job: resource batch:Job is not permitted in project bound-hooked',
    );
    expect(await dataOf('ConfigMap', 'bound-hooked', 'a')).toBeUndefined();
    await projects.put('bound-hooked', openSpec);
    const synced = await keelson.sync('bound-hooked');
    expect(stepNamed(synced, 'job')).toMatchObject({ hookPhase: 'Succeeded' });
  });

  it('are neither healed nor pruned, while others are, until they are permitted again', async () => {
    const files = {
      'cm.yaml': yamlOf(configMap('a', { v: '1' })),
      's.yaml': yamlOf(secret('s', '1')),
      'rest.yaml': yamlOf(configMap('gone', { v: '1' })),
    };
    const repository = await create('bound-healed', openSpec, files, automated);
    await keelson.healthy('bound-healed');
    await projects.put('bound-healed', noSecrets);
    await until('the warning', async () => (await warnings('bound-healed')).length === 1);
    expect(await warnings('bound-healed')).toEqual([
      `not synced: Secret bound-healed/s: ${words('bound-healed')}`,
    ]);

    const change = (kind: string, name: string, data: object) =>
      keelson.cluster.patch('v1', key(kind, 'bound-healed', name), { data }, 'merge');
    await change('Secret', 's', encoded('2'));
    await change('ConfigMap', 'a', { v: '2' });
    await until('a is healed', async () =>
      sameJson(await dataOf('ConfigMap', 'bound-healed', 'a'), { v: '1' }),
    );
    expect(await dataOf('Secret', 'bound-healed', 's')).toEqual(encoded('2'));

    await repository.commit({ 's.yaml': null, 'rest.yaml': null });
    const pruned = await keelson.sync('bound-healed', { prune: true });
    expect(pruned).toMatchObject({ phase: 'Succeeded' });
    expect(stepNamed(pruned, 's')).toBeUndefined();
    expect(await dataOf('ConfigMap', 'bound-healed', 'gone')).toBeUndefined();
    expect(await dataOf('Secret', 'bound-healed', 's')).toEqual(encoded('2'));
    await until(
      'the other warning',
      async () => (await warnings('bound-healed'))[0]?.startsWith('neither') === true,
    );
    expect(await warnings('bound-healed')).toEqual([
      `neither compared nor pruned: Secret bound-healed/s: ${words('bound-healed')}`,
    ]);
    const tree = await keelson.client.applications.resourceTree('bound-healed');
    expect((tree.nodes ?? []).map(({ name }) => name)).not.toContain('s');

    await projects.put('bound-healed', openSpec);
    await until('s is pruned', async () => (await dataOf('Secret', 'bound-healed', 's')) === undefined);
    expect(await warnings('bound-healed')).toEqual([]);
  });

  it('stop an automated sync of a revision that brings them', async () => {
    const once = { ...automated, retry: { limit: 0 } };
    await create('bound-auto', noSecrets, { 'a.yaml': yamlOf(configMap('a', {}), secret('s', '1')) }, once);
    const last = async () => (await keelson.client.operations.list('bound-auto', 1))[0];
    await until('the sync failed', async () => (await last())?.phase === 'Failed');
    expect(await last()).toMatchObject({
      initiatedBy: { automated: true },
      message: expect.stringContaining(words('bound-auto')),
    });
    expect(await dataOf('ConfigMap', 'bound-auto', 'a')).toBeUndefined();
  });

  it('are not written by a plan that waited while the project changed', async () => {
    const confirm = { 'argocd.argoproj.io/sync-options': 'Prune=confirm' };
    const repository = await create('bound-waited', openSpec, {
      'a.yaml': yamlOf(configMap('a', { v: '1' })),
      'b.yaml': yamlOf(configMap('b', { v: '1' }, confirm)),
      's.yaml': yamlOf(secret('s', '1')),
    });
    expect(await keelson.sync('bound-waited')).toMatchObject({ phase: 'Succeeded' });
    await repository.commit({ 's.yaml': yamlOf(secret('s', '2')), 'b.yaml': null });
    const operation = await keelson.request('bound-waited', { prune: true });
    await until('the sync waits', async () => {
      const { waits } = await keelson.client.operations.get('bound-waited', operation);
      return waits.some(({ kind }) => kind === 'approval');
    });
    await projects.put('bound-waited', {
      ...openSpec,
      namespaceResourceBlacklist: [
        { group: '', kind: 'Secret' },
        { group: '', kind: 'ConfigMap' },
      ],
    });
    await keelson.client.applications.confirmDeletion('bound-waited');
    const ended = await keelson.ended('bound-waited', operation);
    expect(ended.phase).toBe('Failed');
    expect(stepNamed(ended, 'b')).toMatchObject({
      message: expect.stringContaining(
        'ignored (resource :ConfigMap is not permitted in project bound-waited',
      ),
    });
    expect(stepNamed(ended, 's')?.message).toBe(`Secret bound-waited/s: ${words('bound-waited')}`);
    expect(await dataOf('Secret', 'bound-waited', 's')).toEqual(encoded('1'));
    expect(await dataOf('ConfigMap', 'bound-waited', 'b')).toEqual({ v: '1' });
  });

  it('come back by no rollback, nor does a source that is permitted no more', async () => {
    const repository = await create('bound-back', openSpec, { 'a.yaml': yamlOf(secret('s', '1')) });
    await keelson.sync('bound-back');
    await repository.commit({ 'a.yaml': yamlOf(configMap('a', { v: '1' })) });
    await keelson.sync('bound-back', { prune: true });
    await projects.put('bound-back', noSecrets);
    const { status } = await keelson.client.applications.get('bound-back');
    const id = status?.history?.[0]?.id ?? -1;
    const { operationId } = await keelson.client.operations.rollback('bound-back', { id });
    const ended = await keelson.ended('bound-back', operationId);
    expect(ended).toMatchObject({ phase: 'Failed', message: expect.stringContaining(words('bound-back')) });
    await projects.put('bound-back', { ...openSpec, sourceRepos: ['https://nowhere.example.com/*'] });
    await expect(keelson.client.operations.rollback('bound-back', { id })).rejects.toThrow(
      `application "bound-back" can't be synced: application repo ${repository.url} is not permitted in project 'bound-back' (spec.sourceRepos)`,
    );
    await projects.put('bound-back', openSpec);
    const again = await keelson.client.operations.rollback('bound-back', { id });
    expect(await keelson.ended('bound-back', again.operationId)).toMatchObject({ phase: 'Succeeded' });
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
    await create('bound-acting', openSpec, { 'a.yaml': yamlOf(cron) });
    await keelson.sync('bound-acting');
    const object = {
      group: 'batch',
      kind: 'CronJob',
      namespace: 'bound-acting',
      name: 'cron',
      version: 'v1',
    };
    const act = () =>
      keelson.client.applications.runAction('bound-acting', object, { action: 'create-job', parameters: [] });
    const jobs = async () =>
      (
        await keelson.cluster.list(await keelson.cluster.resourceFor('batch/v1', 'Job'), {
          namespace: 'bound-acting',
        })
      ).items.length;
    await until('the object is seen', async () =>
      ((await keelson.client.applications.resourceTree('bound-acting')).nodes ?? []).some(
        ({ kind }) => kind === 'CronJob',
      ),
    );
    await projects.put('bound-acting', {
      ...openSpec,
      namespaceResourceBlacklist: [{ group: 'batch', kind: 'Job' }],
    });
    await expect(act()).rejects.toThrow(
      'action may not write it: resource batch:Job is not permitted in project bound-acting (spec.namespaceResourceBlacklist[0])',
    );
    expect(await jobs()).toBe(0);
    await projects.put('bound-acting', openSpec);
    await act();
    expect(await jobs()).toBe(1);
  });

  it('stay when their application is deleted, and are named', async () => {
    await create('bound-leaving', openSpec, {
      'a.yaml': yamlOf(configMap('a', { v: '1' }), secret('s', '1')),
    });
    await keelson.sync('bound-leaving');
    await projects.put('bound-leaving', noSecrets);
    const { operationId = '' } = await keelson.client.applications.delete('bound-leaving', {});
    const ended = await keelson.ended('bound-leaving', operationId);
    expect(ended).toMatchObject({ phase: 'Succeeded' });
    expect(stepNamed(ended, 's')?.message).toBe(`kept (${words('bound-leaving')})`);
    expect(await dataOf('ConfigMap', 'bound-leaving', 'a')).toBeUndefined();
    expect(await dataOf('Secret', 'bound-leaving', 's')).toEqual(encoded('1'));
  });
});
