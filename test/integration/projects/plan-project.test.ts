import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppProject, ProjectSpec } from '../../../core/project/project.ts';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
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
const automated = { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] };
const key = (namespace: string, name: string) => ({ group: '', kind: 'ConfigMap', namespace, name });
const storedIn = async (namespace: string, name: string) => {
  const live = await keelson.cluster.get('v1', key(namespace, name));
  return (live?.['data'] as { v?: string } | undefined)?.v;
};
const drift = (namespace: string, name: string) =>
  keelson.cluster.patch('v1', key(namespace, name), { data: { v: 'drifted' } }, 'merge');
const map = (name: string, v: string) => yamlOf(configMap(name, { v }));

/** Two applications of one repository in namespaces of their own: one of a project, one that goes on beside it. */
async function createPair(name: string, spec: unknown): Promise<TestRepository> {
  await projects.put(name, spec);
  const files = { 'a.yaml': map('a', '1'), 'b.yaml': map('b', '1') };
  const repository = await keelson.gitServer.createRepository(name, files);
  const shape = { repoURL: repository.url, syncPolicy: automated };
  const witness = `${name}-witness`;
  await keelson.create(applicationOf({ ...shape, name, namespace: name, project: name }));
  await keelson.create(applicationOf({ ...shape, name: witness, namespace: witness }));
  await Promise.all([name, witness].map((one) => keelson.healthy(one)));
  return repository;
}

async function shown(name: string) {
  const { status } = await keelson.client.applications.get(name);
  const invalid = (status?.conditions ?? []).filter(({ type }) => type === 'InvalidSpecError');
  return {
    sync: status?.sync?.status,
    words: invalid.map(({ message }) => message),
    conditions: status?.conditions,
  };
}

/** Tells of a push as a Git server does. */
async function push(repository: TestRepository, files: Record<string, string | null>): Promise<void> {
  const after = await repository.commit(files);
  const { url } = repository;
  const reply = await fetch(`${keelson.url}/api/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-github-event': 'push', 'x-github-delivery': after },
    body: JSON.stringify({
      ref: 'refs/heads/main',
      after,
      repository: { html_url: url, clone_url: url, default_branch: 'main' },
      commits: [{ added: [], modified: ['a.yaml', 'b.yaml'], removed: [] }],
    }),
  });
  expect(reply.status).toBe(200);
}

/** What becomes of a project, and what is said of it then. */
const fates: readonly [string, (name: string) => Promise<void>, (name: string, url: string) => string][] = [
  [
    'gone',
    (name) => projects.remove(name),
    (name) => `application references project ${name} which does not exist; create it or use "default"`,
  ],
  [
    'unreadable',
    (name) => projects.put(name, { ...openSpec, destinations: 'everywhere' }),
    (name) => `project ${name} can't be read: spec.destinations: must be a list, not a text`,
  ],
  [
    'narrowed',
    (name) => projects.put(name, { ...openSpec, destinations: [{ server: '*', namespace: 'other' }] }),
    (name) =>
      `application destination server 'https://kubernetes.default.svc' and namespace '${name}' do not match any of the allowed destinations in project '${name}' (spec.destinations)`,
  ],
  [
    'closed',
    (name) => projects.put(name, { ...openSpec, sourceRepos: ['*', '!**'] }),
    (name, url) => `application repo ${url} is not permitted in project '${name}' (spec.sourceRepos[1])`,
  ],
];

describe.concurrent('an application whose project permits it no more', () => {
  it.each(fates)(
    'writes, heals, prunes and deletes nothing while it is %s, says so, and comes back by itself',
    async (fate, happen, words) => {
      const name = `fate-${fate}`;
      const repository = await createPair(name, openSpec);
      const witness = `${name}-witness`;
      await happen(name);
      await until('the application says so', async () => (await shown(name)).sync === 'Unknown');
      const said = words(name, repository.url);
      expect((await shown(name)).words).toEqual([expect.stringContaining(said)]);
      const before = (await keelson.client.operations.list(name, 20)).length;

      await Promise.all([name, witness].map((one) => drift(one, 'a')));
      await until('the drift is healed beside it', async () => (await storedIn(witness, 'a')) === '1');
      await push(repository, { 'a.yaml': map('a', '2'), 'b.yaml': null });
      await until('the push is synced beside it', async () => (await storedIn(witness, 'a')) === '2');
      await until('it is pruned there', async () => (await storedIn(witness, 'b')) === undefined);
      await expect(keelson.request(name)).rejects.toThrow(said);
      await keelson.client.applications.get(name, { refresh: 'hard' });
      expect(await shown(name)).toMatchObject({ sync: 'Unknown', words: [expect.stringContaining(said)] });
      expect([await storedIn(name, 'a'), await storedIn(name, 'b')]).toEqual(['drifted', '1']);
      expect(await keelson.client.operations.list(name, 20)).toHaveLength(before);

      await projects.put(name, openSpec);
      await until('it is synced again', async () => (await storedIn(name, 'a')) === '2');
      await until('it prunes again', async () => (await storedIn(name, 'b')) === undefined);
      await keelson.healthy(name);
      expect((await shown(name)).words).toEqual([]);
    },
    120_000,
  );

  it('is not deleted with its objects while there is no project, but without them', async () => {
    await projects.put('orphaned', openSpec);
    const repository = await keelson.gitServer.createRepository('orphaned', { 'a.yaml': map('a', '1') });
    const shape = { name: 'orphaned', namespace: 'orphaned', project: 'orphaned', repoURL: repository.url };
    await keelson.create(applicationOf(shape));
    await keelson.sync('orphaned');
    await projects.remove('orphaned');
    const { operationId = '' } = await keelson.client.applications.delete('orphaned', {});
    expect(await keelson.ended('orphaned', operationId)).toMatchObject({
      phase: 'Error',
      message: expect.stringContaining('application references project orphaned which does not exist'),
    });
    expect(await storedIn('orphaned', 'a')).toBe('1');
    await keelson.client.applications.delete('orphaned', { cascade: false });
    const names = async () => (await keelson.client.applications.list()).map((one) => one.metadata.name);
    await until('the application is gone', async () => !(await names()).includes('orphaned'));
    expect(await storedIn('orphaned', 'a')).toBe('1');
  });

  it('inherits what global projects forbid as soon as the setting says so', async () => {
    await projects.put('base', {
      destinations: [{ server: '*', namespace: '!inherits' }],
    });
    await createPair('inherits', openSpec);
    const globals = '- projectName: base\n  labelSelector: {matchLabels: {tier: prod}}\n';
    await keelson.client.settings.put({ 'argocd-cm': { globalProjects: globals } }, { partial: false });
    expect((await shown('inherits')).sync).toBe('Synced');
    await projects.put('inherits', openSpec, { tier: 'prod' });
    await until('the denial counts', async () => (await shown('inherits')).words.length === 1);
    expect((await shown('inherits')).words).toEqual([expect.stringContaining('are denied by project')]);
    await keelson.client.settings.put({ 'argocd-cm': {} }, { partial: false });
    await until('it counts no more', async () => (await shown('inherits')).sync === 'Synced');
  });
});

describe('a project that is narrowed through the API', () => {
  const named = (name: string, spec: ProjectSpec, labels = {}): AppProject => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name, labels },
    spec,
  });

  it('has nothing written, healed or pruned, is said to be why, and has all come back once it is wider', async () => {
    const { projects: calls, settings } = keelson.client;
    const name = 'narrow-heir';
    const parent = 'narrow-parent';
    const open = named(parent, {});
    const narrow = named(parent, { destinations: [{ server: '*', namespace: `!${name}` }] });
    await calls.create(open, { upsert: false });
    const globals = `- projectName: ${parent}\n  labelSelector: {matchLabels: {of: ${parent}}}\n`;
    await settings.put({ 'argocd-cm': { globalProjects: globals } }, { partial: false });
    const repository = await createPair(name, openSpec);
    const witness = `${name}-witness`;
    await calls.update(named(name, openSpec, { of: parent }));

    // What its own applications would fall out of is refused, and what they inherit is told before.
    const elsewhere = { ...openSpec, destinations: [{ server: '*', namespace: 'elsewhere' }] };
    await expect(calls.update(named(name, elsewhere))).rejects.toThrow(
      'as a result of project update 1 applications destination became invalid',
    );
    const fallen = { project: name, application: name };
    expect(await calls.previewUpdate(narrow)).toMatchObject({
      applications: [{ ...fallen, part: 'destination' }],
      objects: [
        { ...fallen, name: 'a' },
        { ...fallen, name: 'b' },
      ],
    });
    expect((await shown(name)).sync).toBe('Synced');

    await calls.update(narrow);
    await until('the application says so', async () => (await shown(name)).sync === 'Unknown');
    expect((await shown(name)).words).toEqual([expect.stringContaining('are denied by project')]);
    const before = (await keelson.client.operations.list(name, 20)).length;
    await Promise.all([name, witness].map((one) => drift(one, 'a')));
    await push(repository, { 'a.yaml': map('a', '2'), 'b.yaml': null });
    await until('the push is synced beside it', async () => (await storedIn(witness, 'a')) === '2');
    await until('it is pruned there', async () => (await storedIn(witness, 'b')) === undefined);
    await expect(keelson.request(name)).rejects.toThrow('are denied by project');
    await keelson.client.applications.get(name, { refresh: 'hard' });
    expect([await storedIn(name, 'a'), await storedIn(name, 'b')]).toEqual(['drifted', '1']);
    expect(await keelson.client.operations.list(name, 20)).toHaveLength(before);

    await calls.update(open);
    await until('it is synced again', async () => (await storedIn(name, 'a')) === '2');
    await until('it prunes again', async () => (await storedIn(name, 'b')) === undefined);
    await keelson.healthy(name);
    expect((await shown(name)).words).toEqual([]);
    await settings.put({ 'argocd-cm': {} }, { partial: false });
  }, 120_000);
});

describe('orphaned resources', () => {
  it('are counted, shown apart and ignored by name, where the project asks for them', async () => {
    await projects.put('tidy', { ...openSpec, orphanedResources: { ignore: [{ name: 'known' }] } });
    const repository = await keelson.gitServer.createRepository('tidy', { 'a.yaml': map('a', '1') });
    const shape = { namespace: 'tidy', repoURL: repository.url };
    await keelson.create(applicationOf({ ...shape, name: 'tidy', project: 'tidy' }));
    await keelson.sync('tidy');
    const shownOf = async () => {
      const { status } = await keelson.client.applications.get('tidy');
      const { orphanedNodes } = await keelson.client.applications.resourceTree('tidy');
      const words = (status?.conditions ?? []).filter(({ type }) => type === 'OrphanedResourceWarning');
      return {
        words: words.map(({ message }) => message),
        nodes: (orphanedNodes ?? []).map(({ name }) => name),
      };
    };
    const create = (name: string) => {
      const manifest = configMap(name, { v: '1' });
      return keelson.cluster.create({ ...manifest, metadata: { ...manifest.metadata, namespace: 'tidy' } });
    };
    await create('known');
    await create('stray');
    await until('the stray is told of', async () => (await shownOf()).words.length > 0);
    expect(await shownOf()).toEqual({ words: ['Application has 1 orphaned resources'], nodes: ['stray'] });
    const { nodes } = await keelson.client.applications.resourceTree('tidy');
    expect((nodes ?? []).map(({ name }) => name)).toEqual(['a']);
    const object = { group: '', kind: 'ConfigMap', namespace: 'tidy', name: 'stray' };
    await expect(keelson.client.applications.listActions('tidy', object)).rejects.toThrow(
      'not found as part of application',
    );

    await projects.put('tidy', { ...openSpec, orphanedResources: { warn: false } });
    await until('nobody is warned', async () => (await shownOf()).words.length === 0);
    expect((await shownOf()).nodes.sort()).toEqual(['known', 'stray']);
    await projects.put('tidy', openSpec);
    await until('nobody looks', async () => (await shownOf()).nodes.length === 0);
  });
});

describe('writing an application', () => {
  const write = (change: Record<string, unknown>, validate = true) => {
    const application = applicationOf({
      name: 'written',
      namespace: 'written',
      repoURL: 'https://a.example.com/x',
    });
    const spec = { ...application.spec, project: 'strict', ...change };
    return keelson.client.applications.create({ ...application, spec }, { upsert: true, validate });
  };

  it('is refused where the project does not permit it, checked or not', async () => {
    await projects.put('strict', {
      sourceRepos: ['https://b.example.com/*'],
      destinations: [{ server: '*', namespace: 'strict-*' }],
    });
    for (const validate of [true, false]) {
      await expect(write({}, validate)).rejects.toThrow(
        "spec.source.repoURL: application repo https://a.example.com/x is not permitted in project 'strict' (spec.sourceRepos); " +
          "spec.destination: application destination server 'https://kubernetes.default.svc' and namespace 'written' do not match any of the allowed destinations in project 'strict' (spec.destinations)",
      );
      await expect(write({ project: 'nowhere' }, validate)).rejects.toThrow(
        'spec.project: application references project nowhere which does not exist',
      );
    }
    const source = { repoURL: 'https://user:canary@a.example.com/x', path: '.' };
    const failure = await write({ source }).catch(String);
    expect(failure).toContain('spec.source.repoURL: carries a password');
    expect(failure).not.toContain('canary');
    await projects.put('strict', openSpec);
    await write({}, false);
    // Into another project it has to fit as well; what stays as it was may be changed otherwise.
    await projects.put('narrow', {});
    await expect(write({ project: 'narrow' }, false)).rejects.toThrow("not permitted in project 'narrow'");
    await projects.put('strict', {});
    await write({ revisionHistoryLimit: 3 }, false);
    const { spec } = await keelson.client.applications.get('written');
    expect(spec.revisionHistoryLimit).toBe(3);
  });
});
