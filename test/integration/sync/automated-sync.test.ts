import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { ensureRepository, findRepository } from '../../../db/queries/repository/repository.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

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

const automated = {
  syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
};
const key = (namespace: string, name: string) => ({ group: '', kind: 'ConfigMap', namespace, name });
const storedIn = async (namespace: string, name: string) =>
  (await keelson.cluster.get('v1', key(namespace, name)))?.['data'];

/** Makes a repository known and waits until its first revision check is over: the next one is minutes away. */
async function checkedOnce(url: string): Promise<void> {
  await ensureRepository(database.db, { url, type: 'git' });
  const check = async () => (await findRepository(database.db, url))?.refs;
  await expect.poll(check, { timeout: 40_000 }).toBeTruthy();
}

/** Tells of a push as GitHub does. */
async function tellOfPush(url: string, sha: string, modified: readonly string[] = []): Promise<void> {
  const reply = await fetch(`${keelson.url}/api/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-github-event': 'push', 'x-github-delivery': sha },
    body: JSON.stringify({
      ref: 'refs/heads/main',
      after: sha,
      repository: { html_url: url, clone_url: url, default_branch: 'main' },
      commits: [{ added: [], modified, removed: [] }],
    }),
  });
  expect(reply.status).toBe(200);
}

describe('automated sync', () => {
  it('syncs by itself after creation, after a push that a webhook tells of, and prunes', async () => {
    const repository = await keelson.gitServer.createRepository('auto', {
      'a.yaml': yamlOf(configMap('one', { v: '1' })),
      'b.yaml': yamlOf(configMap('two', { v: '1' })),
    });
    await keelson.create(
      applicationOf({ name: 'auto', repoURL: repository.url, namespace: 'auto', ...automated }),
    );
    await keelson.healthy('auto');
    const [first] = await keelson.client.operations.list('auto', 5);
    expect(first).toMatchObject({ phase: 'Succeeded', initiatedBy: { automated: true } });
    // It brings what was just compared: nothing is resolved or rendered once more.
    expect(first?.timings['render']).toBeUndefined();

    const sha = await repository.commit({ 'a.yaml': yamlOf(configMap('one', { v: '2' })), 'b.yaml': null });
    await tellOfPush(repository.url, sha);
    await expect.poll(() => storedIn('auto', 'one'), { timeout: 30_000 }).toEqual({ v: '2' });
    await expect.poll(() => storedIn('auto', 'two'), { timeout: 30_000 }).toBeUndefined();
  });

  it('renders for a push only what the paths of manifest-generate-paths name, where they are listed', async () => {
    const shared = (v: string) => ({ 'shared/cm.yaml': yamlOf(configMap('shared', { v })) });
    const { url, commit } = await keelson.gitServer.createRepository('paths', {
      'app/kustomization.yaml': 'resources: [../shared]\n',
      'shared/kustomization.yaml': 'resources: [cm.yaml]\n',
      ...shared('1'),
    });
    await checkedOnce(url);
    const paths = { 'argocd.argoproj.io/manifest-generate-paths': '.;/versions/*.txt' };
    const names = { 'paths-listed': paths, 'paths-read': {} };
    for (const [name, annotations] of Object.entries(names)) {
      await keelson.create(
        applicationOf({ name, repoURL: url, path: 'app', namespace: name, annotations, ...automated }),
      );
    }
    await Promise.all(Object.keys(names).map((name) => keelson.healthy(name)));
    const stored = () => Promise.all(Object.keys(names).map((name) => storedIn(name, 'shared')));
    const shown = async (name: string) => (await keelson.client.applications.get(name)).status?.sync;

    const outside = await commit(shared('2'));
    await tellOfPush(url, outside, ['shared/cm.yaml']);
    await expect.poll(stored, { timeout: 30_000 }).toEqual([{ v: '1' }, { v: '2' }]);
    // The application has seen the commit, and goes by its own word that nothing of it concerns it.
    const seen = { status: 'Synced', revision: outside };
    await expect.poll(() => shown('paths-listed'), { timeout: 30_000 }).toMatchObject(seen);
    expect(await keelson.client.operations.list('paths-listed', 5)).toHaveLength(1);
    expect(await stored()).toEqual([{ v: '1' }, { v: '2' }]);

    const inside = await commit({ 'versions/app.txt': '2' });
    await tellOfPush(url, inside, ['versions/app.txt']);
    await expect.poll(stored, { timeout: 30_000 }).toEqual([{ v: '2' }, { v: '2' }]);
    expect(await keelson.client.operations.list('paths-read', 5)).toHaveLength(2);
  });

  it('syncs a push that was told of while no worker ran, once one runs again', async () => {
    const repository = await keelson.gitServer.createRepository('outage', {
      'a.yaml': yamlOf(configMap('pushed', { v: '1' })),
    });
    await checkedOnce(repository.url);
    await keelson.create(
      applicationOf({ name: 'outage', repoURL: repository.url, namespace: 'outage', ...automated }),
    );
    await keelson.healthy('outage');
    const frozen = keelson.pids().worker;
    process.kill(frozen, 'SIGSTOP');
    try {
      const sha = await repository.commit({ 'a.yaml': yamlOf(configMap('pushed', { v: '2' })) });
      const project = { git_http_url: repository.url, default_branch: 'main' };
      const reply = await fetch(`${keelson.url}/api/webhook`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-gitlab-event': 'Push Hook' },
        body: JSON.stringify({ object_kind: 'push', ref: 'refs/heads/main', after: sha, project }),
      });
      expect(reply.status).toBe(200);
      // The worker stands still, so what the reply says to be stored is all that tells of the push.
      expect(await storedIn('outage', 'pushed')).toEqual({ v: '1' });
    } finally {
      // It dies as it stood, and the one that follows it knows nothing.
      process.kill(frozen, 'SIGKILL');
    }
    await expect.poll(() => storedIn('outage', 'pushed'), { timeout: 60_000 }).toEqual({ v: '2' });
  });

  it('heals what was changed and what was deleted by hand', async () => {
    const repository = await keelson.gitServer.createRepository('heal', {
      'a.yaml': yamlOf(configMap('healed', { v: 'git' })),
    });
    await keelson.create(
      applicationOf({ name: 'heal', repoURL: repository.url, namespace: 'heal', ...automated }),
    );
    await keelson.healthy('heal');
    await keelson.cluster.patch('v1', key('heal', 'healed'), { data: { v: 'hand' } }, 'merge');
    await expect.poll(() => storedIn('heal', 'healed'), { timeout: 30_000 }).toEqual({ v: 'git' });
    await keelson.cluster.delete('v1', key('heal', 'healed'));
    await expect.poll(() => storedIn('heal', 'healed'), { timeout: 30_000 }).toEqual({ v: 'git' });
  });

  it('does not try a failed revision again by itself', async () => {
    const repository = await keelson.gitServer.createRepository('never-again', {
      'a.yaml': yamlOf({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'bad' },
        spec: { ports: [{ port: 0 }] },
      }),
    });
    const syncPolicy = { ...automated.syncPolicy, retry: { limit: 0 } };
    await keelson.create(
      applicationOf({ name: 'never-again', repoURL: repository.url, namespace: 'never-again', syncPolicy }),
    );
    await expect
      .poll(async () => (await keelson.client.operations.list('never-again', 5))[0]?.phase, {
        timeout: 30_000,
      })
      .toBe('Failed');
    await keelson.client.applications.get('never-again', { refresh: 'normal' });
    expect(await keelson.client.operations.list('never-again', 5)).toHaveLength(1);
  });
});

describe('deletion', () => {
  it('deletes the objects wave by wave and then the application, and keeps the operation', async () => {
    const repository = await keelson.gitServer.createRepository('gone', {
      'a.yaml': yamlOf(configMap('gone', { v: '1' })),
    });
    await keelson.create(applicationOf({ name: 'gone', repoURL: repository.url, namespace: 'gone' }));
    await keelson.sync('gone');
    await keelson.client.applications.delete('gone', { cascade: true });
    await expect
      .poll(() => keelson.client.applications.list().then((all) => all.map((one) => one.metadata.name)), {
        timeout: 30_000,
      })
      .not.toContain('gone');
    expect(await storedIn('gone', 'gone')).toBeUndefined();
  });

  it('leaves the objects when the deletion does not cascade', async () => {
    const repository = await keelson.gitServer.createRepository('kept-by-hand', {
      'a.yaml': yamlOf(configMap('kept-by-hand', { v: '1' })),
    });
    await keelson.create(
      applicationOf({ name: 'kept-by-hand', repoURL: repository.url, namespace: 'kept-by-hand' }),
    );
    await keelson.sync('kept-by-hand');
    await keelson.client.applications.delete('kept-by-hand', { cascade: false });
    expect(await storedIn('kept-by-hand', 'kept-by-hand')).toEqual({ v: '1' });
  });
});
