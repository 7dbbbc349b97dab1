import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { OperationView } from '../../../core/wire/operation.ts';
import { pollUntil } from '../../../local/poll.ts';
import { at } from '../../support/keelson/api/api.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { keelsonIn } from '../../support/keelson/run-cli.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';

let keelson: TestKeelson;
let folder: string;
let run: ReturnType<typeof keelsonIn>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keelson-remedies-'));
  run = keelsonIn(folder);
  keelson = await startKeelson();
  const { status } = await run(
    ...['login', keelson.url, '--username', 'admin', '--password', keelson.adminPassword, '--plaintext'],
  );
  expect(status).toBe(0);
});

afterAll(async () => {
  await keelson?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const options = 'argocd.argoproj.io/sync-options';

async function created(name: string, files: Record<string, string>, syncOptions = ['CreateNamespace=true']) {
  const repository = await keelson.gitServer.createRepository(name, files);
  const syncPolicy = { syncOptions };
  const shape = { name, repoURL: repository.url, namespace: name, syncPolicy };
  await keelson.create(applicationOf(shape));
  return {
    repository,
    /** Gives the application other sync options. */
    withOptions: (other: string[]) =>
      keelson.client.applications.create(applicationOf({ ...shape, syncPolicy: { syncOptions: other } }), {
        upsert: true,
        validate: true,
      }),
  };
}

async function succeeds(name: string): Promise<OperationView> {
  const ended = await keelson.sync(name);
  expect(ended).toMatchObject({ phase: 'Succeeded' });
  return ended;
}

async function failsWith(name: string, ...words: string[]): Promise<void> {
  const ended = await keelson.sync(name);
  expect(ended.phase).toBe('Failed');
  for (const word of words) expect(ended.message).toContain(word);
}

/** A Job, whose pod template never changes. */
function job(image: string, annotations = {}): Manifest {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'once', annotations },
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } },
    },
  };
}

const uidOf = async (namespace: string): Promise<string> => {
  const key = { group: 'batch', kind: 'Job', namespace, name: 'once' };
  return (await keelson.cluster.get('batch/v1', key))?.metadata.uid ?? '';
};

describe.concurrent('what a message advises helps', () => {
  it('against an immutable field: force, once, on the way there and on the way back', async () => {
    const name = 'frozen-once';
    const { repository } = await created(name, { 'a.yaml': yamlOf(job('registry.k8s.io/pause:3.9')) });
    await succeeds(name);
    const before = await uidOf(name);
    await repository.commit({ 'a.yaml': yamlOf(job('registry.k8s.io/pause:3.10')) });
    const refused = await run('app', 'sync', name);
    expect(refused.status).not.toBe(0);
    const { message } = (await keelson.client.operations.list(name, 1))[0] ?? {};
    expect(message).toContain(
      'revert the change, or have the object deleted and created anew, once with keelson app sync NAME --force or whenever it takes that with the annotation argocd.argoproj.io/sync-options: Force=true on it',
    );
    expect(message).toContain('(that runs it anew)');
    expect(message?.length).toBeLessThan(1500);

    expect((await run('app', 'sync', name, '--force')).status).toBe(0);
    const forced = await uidOf(name);
    expect(forced).not.toBe(before);
    await succeeds(name);
    expect(await uidOf(name)).toBe(forced);

    expect((await run('app', 'rollback', name, '0')).status).not.toBe(0);
    expect((await run('app', 'rollback', name, '0', '--force')).status).toBe(0);
    expect(await uidOf(name)).not.toBe(forced);
  });

  it('against an immutable field: Force=true on the object, which recreates it when that is needed only', async () => {
    const name = 'frozen-marked';
    const forced = { [options]: 'Force=true' };
    const { repository, withOptions } = await created(name, {
      'a.yaml': yamlOf(job('registry.k8s.io/pause:3.9')),
    });
    await succeeds(name);
    const before = await uidOf(name);
    await repository.commit({ 'a.yaml': yamlOf(job('registry.k8s.io/pause:3.10', forced)) });
    await succeeds(name);
    const recreated = await uidOf(name);
    expect(recreated).not.toBe(before);
    await succeeds(name);
    expect(await uidOf(name)).toBe(recreated);

    await withOptions(['CreateNamespace=true', 'Force=true']);
    const { status } = await keelson.client.applications.get(name, { refresh: 'normal' });
    expect(status?.conditions).toMatchObject([
      { type: 'SyncOptionWarning', message: expect.stringContaining('has no effect on an application') },
    ]);
  });

  it('against a value that is there twice, since somebody else owns the other one', async () => {
    const name = 'twice';
    const service = (port: number, annotations = {}): Manifest => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', annotations },
      spec: { ports: [{ name: 'http', port }] },
    });
    await keelson.cluster.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const live = { ...service(80), metadata: { name: 'web', namespace: name } };
    await keelson.cluster.create(live, { fieldManager: 'somebody' });
    const { repository } = await created(name, { 'a.yaml': yamlOf(service(8080)) });
    await failsWith(
      name,
      'Duplicate value',
      `make the values differ; where Git has each once, annotate the object with ${options}: Replace=true, which also takes away what others added to it`,
    );
    await repository.commit({ 'a.yaml': yamlOf(service(8080, { [options]: 'Replace=true' })) });
    await succeeds(name);
    const key = { group: '', kind: 'Service', namespace: name, name: 'web' };
    expect(at(await keelson.cluster.get('v1', key), 'spec.ports')).toMatchObject([{ port: 8080 }]);
  });

  it('against a namespace that is not there', async () => {
    const name = 'spaceless';
    const { repository, withOptions } = await created(
      name,
      { 'a.yaml': yamlOf(configMap('a', { a: '1' })) },
      [],
    );
    await failsWith(
      name,
      'create the namespace, or put it into the source; that of the destination is made by the sync option CreateNamespace=true with the next sync',
    );
    await withOptions(['CreateNamespace=true']);
    await succeeds(name);

    const elsewhere = { ...configMap('b', { a: '1' }), metadata: { name: 'b', namespace: 'spaceless-too' } };
    await repository.commit({ 'b.yaml': yamlOf(elsewhere) });
    await failsWith(name, 'put it into the source');
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'spaceless-too' } };
    await repository.commit({ 'b.yaml': yamlOf(namespace, elsewhere) });
    await succeeds(name);
  });

  it.each([
    ['uid', 'remove metadata.uid from the manifest'],
    ['resourceVersion', 'remove metadata.resourceVersion from the manifest'],
  ])('against a %s in Git', async (field, remedy) => {
    const name = `fixed-${field.toLowerCase()}`;
    const plain = configMap('a', { a: '1' });
    const fixed = { ...plain, metadata: { name: 'a', [field]: field === 'uid' ? crypto.randomUUID() : '1' } };
    const { repository } = await created(name, { 'a.yaml': yamlOf(plain) });
    await succeeds(name);
    await repository.commit({ 'a.yaml': yamlOf({ ...fixed, data: { a: '2' } }) });
    await failsWith(name, remedy);
    await repository.commit({ 'a.yaml': yamlOf({ ...plain, data: { a: '2' } }) });
    await succeeds(name);
  });

  it('against a version of a kind that the cluster does not have', async () => {
    const name = 'old-version';
    const scaler = (apiVersion: string): Manifest => ({
      apiVersion,
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
    });
    const { repository } = await created(name, { 'a.yaml': yamlOf(scaler('autoscaling/v2beta2')) });
    await failsWith(
      name,
      'the cluster serves autoscaling/',
      'autoscaling/v2',
      'write one of these as apiVersion',
    );
    await repository.commit({ 'a.yaml': yamlOf(scaler('autoscaling/v2')) });
    await succeeds(name);
  });

  it('against annotations that are too long', async () => {
    const name = 'long-copy';
    const large = (annotations: Record<string, string>) =>
      configMap('a', { a: 'x'.repeat(300_000) }, annotations);
    const merged = ['CreateNamespace=true', 'ServerSideApply=false'];
    const { repository, withOptions } = await created(name, { 'a.yaml': yamlOf(large({})) }, merged);
    const words = `shorten its annotations; kubectl's last-applied annotation among them is written for ServerSideApply=false alone, so leave that out or annotate the object with ${options}: Replace=true`;
    await failsWith(name, words);
    await withOptions(['CreateNamespace=true']);
    await succeeds(name);
    await withOptions(merged);
    await failsWith(name, words);
    await repository.commit({ 'a.yaml': yamlOf(large({ [options]: 'Replace=true' })) });
    await succeeds(name);

    const note = (length: number) => configMap('a', { a: '1' }, { note: 'x'.repeat(length) });
    await withOptions(['CreateNamespace=true']);
    await repository.commit({ 'a.yaml': yamlOf(note(300_000)) });
    await failsWith(name, words);
    await repository.commit({ 'a.yaml': yamlOf(note(3000)) });
    await succeeds(name);
  });

  it('against a value that stands in Git twice, and against one that can not change for good', async () => {
    const name = 'never-anew';
    const service = (other: string): Manifest => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: {
        ports: [
          { name: 'http', port: 80 },
          { name: other, port: 81 },
        ],
      },
    });
    const definition = (scope: string): Manifest => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'boats.remedies.keelson.test' },
      spec: {
        group: 'remedies.keelson.test',
        scope,
        names: { kind: 'Boat', plural: 'boats' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    });
    const { repository } = await created(name, { 'a.yaml': yamlOf(service('http')) });
    await failsWith(name, 'Duplicate value', 'make the values differ');
    await repository.commit({ 'a.yaml': yamlOf(service('admin'), definition('Namespaced')) });
    await succeeds(name);
    try {
      await repository.commit({ 'a.yaml': yamlOf(service('admin'), definition('Cluster')) });
      await failsWith(
        name,
        'revert the change; objects of this kind are never recreated by a sync, as all that is in them would go',
      );
      await repository.commit({ 'a.yaml': yamlOf(service('admin'), definition('Namespaced')) });
      await succeeds(name);
    } finally {
      await keelson.cluster.delete('apiextensions.k8s.io/v1', {
        ...{ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', namespace: '' },
        name: 'boats.remedies.keelson.test',
      });
    }
  });

  it('against a kind that the cluster does not have: its definition, before or together with it', async () => {
    const name = 'unknown-kind';
    const kind = (plural: string, only: string): Manifest => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.remedies.example.com` },
      spec: {
        group: 'remedies.example.com',
        scope: 'Namespaced',
        names: { plural, kind: only },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    });
    const objectOf = (only: string): Manifest => ({
      apiVersion: 'remedies.example.com/v1',
      kind: only,
      metadata: { name: 'a' },
    });
    const { repository } = await created(name, { 'a.yaml': yamlOf(objectOf('First')) });
    const advice =
      'install its CustomResourceDefinition on the destination cluster or make it part of this sync, or set ' +
      'SkipDryRunOnMissingResource=true where something else brings it meanwhile';
    await failsWith(name, advice);
    await keelson.cluster.create(kind('firsts', 'First'));
    await succeeds(name);
    await repository.commit({ 'b.yaml': yamlOf(objectOf('Second')) });
    await failsWith(name, advice);
    await repository.commit({ 'c.yaml': yamlOf(kind('seconds', 'Second')) });
    await succeeds(name);
  });

  it('against a hook that differs in what never changes from the object of its name', async () => {
    const name = 'hook-again';
    const hook = (image: string, more = {}): Manifest =>
      job(image, {
        'argocd.argoproj.io/hook': 'PreSync',
        'argocd.argoproj.io/hook-delete-policy': 'HookFailed',
        ...more,
      });
    const { repository } = await created(name, {
      'a.yaml': yamlOf(configMap('a', { a: '1' })),
      'hook.yaml': yamlOf(hook('registry.k8s.io/pause:3.9')),
    });
    await succeeds(name);
    await repository.commit({ 'hook.yaml': yamlOf(hook('registry.k8s.io/pause:3.10')) });
    await failsWith(
      name,
      'give the hook the delete policy BeforeHookCreation, so that the object is deleted and created anew',
    );
    const anew = { 'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation' };
    await repository.commit({ 'hook.yaml': yamlOf(hook('registry.k8s.io/pause:3.10', anew)) });
    await succeeds(name);

    const foreign = job('registry.k8s.io/pause:3.9');
    const annotations = { 'argocd.argoproj.io/tracking-id': `other:batch/Job:${name}/theirs` };
    await keelson.cluster.create({ ...foreign, metadata: { name: 'theirs', namespace: name, annotations } });
    const named = (to: string): Manifest => ({
      ...hook('registry.k8s.io/pause:3.10'),
      metadata: { ...hook('').metadata, name: to },
    });
    await repository.commit({ 'hook.yaml': yamlOf(named('theirs')) });
    await failsWith(name, 'give the hook another name');
    await repository.commit({ 'hook.yaml': yamlOf(named('ours')) });
    await succeeds(name);
  });

  it('against an annotation of the application that orders nothing', async () => {
    const name = 'untimed';
    const repository = await keelson.gitServer.createRepository(name, {
      'a.yaml': yamlOf(configMap('a', { a: '1' })),
    });
    const conditionsWith = async (timeout: string) => {
      const annotations = { 'keelson.dev/sync-timeout': timeout };
      const application = applicationOf({ name, repoURL: repository.url, namespace: name, annotations });
      await keelson.client.applications.create(application, { upsert: true, validate: false });
      return (await keelson.client.applications.get(name, { refresh: 'normal' })).status?.conditions;
    };
    expect(await conditionsWith('soon')).toMatchObject([
      {
        type: 'SyncOptionWarning',
        message: expect.stringContaining('"soon" is no duration and not applied; write one such as 30m'),
      },
    ]);
    expect(await conditionsWith('30m')).toBeUndefined();
  });

  it('against a destination that is no registered cluster', async () => {
    const name = 'nowhere';
    const repository = await keelson.gitServer.createRepository(name, {
      'a.yaml': yamlOf(configMap('a', { a: '1' })),
    });
    const shape = { name, repoURL: repository.url, namespace: name };
    await keelson.create(applicationOf({ ...shape, server: 'https://nowhere.test' }));
    let said: readonly unknown[] = [];
    await pollUntil('a condition', 60, async () => {
      said = (await keelson.client.applications.get(name)).status?.conditions ?? [];
      return said.length > 0;
    });
    expect(JSON.stringify(said)).toContain(
      'destination https://nowhere.test is no registered cluster; add the cluster or correct spec.destination',
    );
    await expect(keelson.client.applications.manifests(name, { revision: 'main' })).rejects.toThrow(
      'application "nowhere" has a destination that is no known cluster; add the cluster or change spec.destination',
    );
    await keelson.client.applications.create(applicationOf(shape), { upsert: true, validate: true });
    expect(await keelson.client.applications.manifests(name, { revision: 'main' })).toHaveLength(1);
    await succeeds(name);
  });
});
