import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consequencesOf } from '../../../activities/desired/moved.ts';
import { parseRefs } from '../../../activities/git/access/refs.ts';
import type { RenderTools } from '../../../activities/render/render.ts';
import { gitReader } from '../../../activities/source/git-source.ts';
import type { OpenSource } from '../../../activities/source/reader.ts';
import type { ResolvedSource } from '../../../activities/source/resolve.ts';
import { joinRevisions } from '../../../core/application/source/revisions.ts';
import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import { mapBounded } from '../../../core/bounded.ts';
import { type Input, inputId } from '../../../core/render/input.ts';
import { accessTo } from '../../../core/repository/access.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import type { RenderRow } from '../../../db/queries/application/render.ts';
import type { Follower } from '../../../db/queries/repository/due.ts';
import { configMap, yamlOf } from '../../support/keelson/applications.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';
import {
  borrowedFiles,
  firstFiles,
  nestedFiles,
  randomCommits,
  sourcesOver,
} from '../../support/random/random-commits.ts';
import { seedsOf } from '../../support/random/seeds.ts';
import { type FileContent, type Files, runGit } from '../../support/render/git-import.ts';
import { renderSandbox } from '../../support/render/render-source.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import {
  messageOf,
  objectsOf,
  type RenderWorker,
  type RenderWorkerChanges,
  render,
  renderUncached,
  startRenderWorker,
  type WantedSources,
  wantedOf,
} from '../../support/render/render-worker.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';

const commits = 25;

let server: GitServer;
let connection: DatabaseConnection;
let tools: RenderTools;
let cacheDir = '';
const workers: RenderWorker[] = [];

beforeAll(async () => {
  cacheDir = mkdtempSync(join(tmpdir(), 'keelson-inputs-'));
  [server, connection, tools] = await Promise.all([startGitServer(), openTestDatabase(), renderTools()]);
});

afterAll(async () => {
  for (const { deps } of workers) await deps.git.dispose();
  await Promise.all([server?.stop(), connection?.close()]);
  rmSync(cacheDir, { recursive: true, force: true, maxRetries: 5 });
});

function startWorker(change: RenderWorkerChanges = {}): RenderWorker {
  const worker = startRenderWorker(connection.db, tools, cacheDir, change);
  workers.push(worker);
  return worker;
}

/** An application of one source whose repository gets commits. */
async function subject(name: string, files: Files, source: Partial<ApplicationSource>) {
  const repository = await server.createRepository(name, files);
  const at = async (changed: Files): Promise<WantedSources> => {
    const sha = await repository.commit(changed);
    return wantedOf(name, [{ repoURL: repository.url, ...source }], new Map([[repository.url, sha]]));
  };
  return { repository, at, wanted: await at({ first: '' }) };
}

/** What a check of a repository knows of an application that has rendered this. */
function followerOf({ target, sources }: WantedSources, row: RenderRow | undefined): Follower {
  return {
    id: target.application.name,
    spec: target.spec,
    annotations: {},
    desiredRenderId: row?.id ?? null,
    desiredRevision: joinRevisions(sources.map(({ revision }) => revision)),
    isCurrent: row !== undefined,
    inputs: row?.inputs ?? null,
    hasExpired: false,
    project: null,
  };
}

/** What an uncached render gives; who reads nothing of submodules goes on where they can't be fetched. */
async function expectedOf(worker: RenderWorker, wanted: WantedSources, failed: boolean): Promise<string[]> {
  const open = (source: ResolvedSource) => openWhole(worker, source);
  try {
    return await renderUncached(worker, wanted, open);
  } catch (error) {
    const failure = messageOf(error);
    if (failed || !failure.join().includes('submodule')) return failure;
  }
  const forgiving = (source: ResolvedSource): Promise<OpenSource> =>
    open(source).catch((error: unknown) => {
      expect(messageOf(error).join()).toContain('submodule');
      return open({ ...source, submodules: undefined });
    });
  return await renderUncached(worker, wanted, forgiving).catch(messageOf);
}

const failuresToOpen = new Map<string, Promise<unknown>>();

/** Checks a commit out; one that can't be fails for each application alike, so it is tried for the first one alone. */
async function openWhole({ deps }: RenderWorker, source: ResolvedSource): Promise<OpenSource> {
  const key = `${source.access.url} ${source.revision} ${source.submodules === undefined}`;
  const { open } = gitReader(deps.git);
  const failure = await failuresToOpen.get(key);
  if (failure !== undefined) throw failure;
  const opening = open(source);
  if (!failuresToOpen.has(key)) {
    const failing = opening.then(
      () => undefined,
      (error: unknown) => error,
    );
    failuresToOpen.set(key, failing);
  }
  return await opening;
}

/** Whether a render took more than what it was found to read, which then was too little. */
async function fellBack(
  { deps }: RenderWorker,
  wanted: WantedSources,
  { inputs }: RenderRow,
): Promise<boolean> {
  const found = await deps.inputs.find(wanted.target, wanted.sources);
  const ids = (read: readonly Input[] = []): string[] => read.map(inputId).sort();
  return found.some(({ read }, at) => ids(read).join() !== ids(inputs?.sources[at]?.read).join());
}

/** Makes the repositories of submodules; the answer puts their commits where files name them by number. */
async function borrowedCommits(server: GitServer): Promise<(files: Files) => Files> {
  const nested = await (await server.createRepository('nested', nestedFiles)).commit({ first: '' });
  const pin =
    (commits: readonly string[]) =>
    (files: Files): Files => {
      const pinned = Object.entries(files).map(([path, content]): [string, FileContent] => {
        if (content === null || typeof content === 'string' || !('submodule' in content))
          return [path, content];
        return [path, { submodule: commits[Number(content.submodule)] ?? '' }];
      });
      return Object.fromEntries(pinned);
    };
  const borrowed = await server.createRepository('borrowed');
  const commits: string[] = [];
  for (const files of borrowedFiles) commits.push(await borrowed.commit(pin([nested])(files)));
  const behind = await server.createRepository('behind');
  await runGit(behind.dir, ['fetch', '--quiet', borrowed.dir, `${commits[8]}:refs/heads/main`]);
  return pin(commits);
}

async function walkServer(): Promise<GitServer & AsyncDisposable> {
  const started = await startGitServer();
  return { ...started, [Symbol.asyncDispose]: () => started.stop() };
}

const values = (value: string): string => yamlOf(configMap('one', { value }));
const chart = { 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n' };

/** Some thousand renders, half a minute of processor time, beside another file of tests. */
const walkMilliseconds = 300_000;

describe('activities/desired/renderer', () => {
  test.each(seedsOf('activities/render-cached', 20_261_121))(
    `after each of ${commits} random commits what is cached equals an uncached render (seed %i)`,
    {
      timeout: walkMilliseconds,
    },
    async (seed) => {
      // Submodules are named relative to their repository, so each walk has a server of its own.
      await using server = await walkServer();
      const pinned = await borrowedCommits(server);
      const main = await server.createRepository('main', pinned(firstFiles.main));
      const lent = await server.createRepository('lent', pinned(firstFiles.lent));
      const repositories: Record<string, TestRepository> = { main, lent };
      const applications = Object.entries(sourcesOver(main.url, lent.url));
      const heads = new Map<string, string>();
      for (const repository of [main, lent])
        heads.set(repository.url, await repository.commit({ first: '' }));
      const worker = startWorker();
      const rendered = new Map<string, { wanted: WantedSources; row: RenderRow | undefined }>();
      let failures = 0;
      for (const [number, { repository, files }] of randomCommits(seed, commits).entries()) {
        const { url, commit } = repositories[repository] as TestRepository;
        const sha = await commit(pinned(files));
        heads.set(url, sha);
        const followers = [...rendered.values()].map(({ wanted, row }) => followerOf(wanted, row));
        const refs = parseRefs(`${sha}\tHEAD\n${sha}\trefs/heads/main\n`);
        const listed = { urls: [url], refs, git: { access: accessTo(url) } };
        const { raised, moves } = await consequencesOf(worker.deps, listed, followers);
        await mapBounded(applications, 4, async ([name, sources]) => {
          const wanted = wantedOf(name, sources, heads);
          const before = rendered.get(name)?.row;
          const row = await render(worker, wanted, { again: true }).catch((error: unknown) =>
            messageOf(error),
          );
          const where = `commit ${number} (${Object.keys(files).join(', ')}), application ${name}`;
          const found = Array.isArray(row) ? row : await objectsOf(worker, row);
          expect(found, where).toEqual(await expectedOf(worker, wanted, Array.isArray(row)));
          if (Array.isArray(row)) failures += 1;
          else if (before !== undefined) {
            expect(raised.includes(name), `${where}: raised`).toBe(before.id !== row.id);
            if (before.id !== row.id) expect(moves.map(({ follower }) => follower.id)).not.toContain(name);
          }
          if (!Array.isArray(row))
            expect(await fellBack(worker, wanted, row), `${where}: fell back`).toBe(false);
          rendered.set(name, { wanted, row: Array.isArray(row) ? undefined : row });
        });
      }
      const runs = worker.runs();
      // Each commit changes a few files of forty, so most applications keep their render most of the time.
      expect(runs).toBeLessThan((applications.length * commits) / 2 + failures);
      expect(runs).toBeGreaterThan(commits / 2);
      const another = startWorker();
      const last = [...rendered.values()].filter(({ row }) => row !== undefined);
      const again = await Promise.all(last.map(({ wanted }) => render(another, wanted)));
      expect(again.map(({ id }) => id)).toEqual(last.map(({ row }) => row?.id));
      expect(another.runs()).toBe(0);
    },
  );

  test('equal renders that are wanted at once run once', async () => {
    const { wanted } = await subject('at-once', { 'a.yaml': values('1') }, { path: '.' });
    const worker = startWorker();
    const rows = await Promise.all([1, 2, 3, 4, 5].map(() => render(worker, wanted)));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(1);
    expect(worker.runs()).toBe(1);
  });

  test('a render that failed three times waits until its files change or a person asks', async () => {
    const { at, wanted } = await subject(
      'failing',
      { 'app/a.yaml': 'apiVersion: v1\nkind: [\nmetadata: {}' },
      { path: 'app' },
    );
    const worker = startWorker();
    const tries = async (what: WantedSources, options = {}) => {
      const before = worker.runs();
      const message = await render(worker, what, options).then(() => ['rendered'], messageOf);
      return { message: String(message[0]), tried: worker.runs() > before };
    };
    await connection.db.execute('delete from render_failures');
    for (let number = 0; number < 3; number++) expect((await tries(wanted)).tried).toBe(true);
    const paused = await tries(await at({ 'else.txt': 'no file of it' }));
    expect(paused).toEqual({
      tried: false,
      message: expect.stringMatching(/^Manifest generation error \(cached\): repository .*app\/a.yaml/),
    });
    expect((await tries(wanted, { again: true })).tried).toBe(true);
    expect((await tries(wanted, { hard: true })).tried).toBe(true);
    await connection.db.execute(`update render_failures set first_failed_at = now() - interval '61 minutes'`);
    expect(await tries(wanted)).toMatchObject({
      tried: true,
      message: expect.not.stringContaining('cached'),
    });
    expect((await tries(await at({ 'app/a.yaml': values('1') }))).message).toBe('rendered');
  });

  test('what draws at random lasts one interval and keeps the render that operations name', async () => {
    const template =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: r}\ndata: {r: {{ randAlphaNum 20 }}}\n';
    const { wanted } = await subject('random', { ...chart, 'templates/a.yaml': template }, { path: '.' });
    const worker = startWorker();
    const first = await render(worker, wanted);
    expect((await render(worker, wanted)).id).toBe(first.id);
    await connection.db.execute(`update renders set expires_at = now() where id = '${first.id}'`);
    const second = await render(worker, wanted);
    expect(second.id).not.toBe(first.id);
    expect(second.objects).not.toEqual(first.objects);
    expect((await worker.deps.content.render(first.id))?.objects).toEqual(first.objects);
    const hard = await render(worker, wanted, { hard: true });
    expect(hard.id).not.toBe(second.id);
  });

  test('in the sandbox, too, a render gets by with what it was found to read', async () => {
    const { wanted } = await subject(
      'confined',
      { ...chart, 'templates/a.yaml': values('1') },
      { path: '.' },
    );
    const worker = startWorker({ sandbox: renderSandbox });
    expect((await render(worker, wanted)).inputs?.sources[0]?.read.length).toBeGreaterThan(1);
    expect(worker.runs()).toBe(1);
  });

  test('a render that needs what the analysis missed is made from the whole commit, and stays so', async () => {
    const files = {
      'app/kustomization.yaml': 'resources: [../base]\n',
      'base/kustomization.yaml': 'resources: [a.yaml]\n',
      'base/a.yaml': values('1'),
    };
    const { at, wanted } = await subject('missed', files, { path: 'app' });
    const blind = startWorker({ changeGit: (git) => ({ ...git, readFiles: async () => new Map() }) });
    const row = await render(blind, wanted);
    expect(row.objects).toHaveLength(1);
    expect(row.inputs?.sources).toMatchObject([{ read: [{ kind: 'tree', path: '' }] }]);
    expect((await render(blind, wanted)).id).toBe(row.id);
    const changed = await render(blind, await at({ 'base/a.yaml': values('2') }));
    expect(await objectsOf(blind, changed)).toEqual([expect.stringContaining('"value":"2"')]);
  });

  test('a submodule elsewhere that cannot be fetched is no reason to fail for a chart that has one inside', async () => {
    const lib = await server.createRepository('chart-lib', { 'a.yaml': values('lib') });
    const commit = await lib.commit({ first: '' });
    const urls = { 'web/templates/lib': '../chart-lib', other: '../gone' };
    const files: Files = {
      'web/Chart.yaml': chart['Chart.yaml'],
      'web/templates/lib': { submodule: commit },
      other: { submodule: commit },
      '.gitmodules': Object.entries(urls)
        .map(([path, url]) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`)
        .join(''),
    };
    const { at, wanted } = await subject('with-submodules', files, { path: 'web' });
    const worker = startWorker();
    expect(await objectsOf(worker, await render(worker, wanted))).toEqual([
      expect.stringContaining('"value":"lib"'),
    ]);
    // What leads into the other one needs it, wherever the link is.
    const needing = await at({ 'web/templates/else.yaml': { symlink: '../../other/a.yaml' } });
    await expect(render(worker, needing)).rejects.toThrow(/submodule other/);
    const linked = await lib.commit({ 'else.yaml': { symlink: '../../../other/a.yaml' } });
    const leading = await at({ 'web/templates/else.yaml': null, 'web/templates/lib': { submodule: linked } });
    await expect(render(worker, leading)).rejects.toThrow(/submodule other/);
  });

  test('a kind that the cluster calls namespaced only later is placed anew, another one is not', async () => {
    const custom = yamlOf({ apiVersion: 'x.test/v1', kind: 'Own', metadata: { name: 'own' } });
    const { wanted } = await subject('scoped', { 'a.yaml': custom }, { path: '.' });
    const worker = startWorker();
    const first = await render(worker, wanted);
    const knowing = (namespaced: Record<string, boolean>): WantedSources => ({
      ...wanted,
      target: { ...wanted.target, capabilities: { kubeVersion: 'v2', apiVersions: ['x'], namespaced } },
    });
    expect((await render(worker, knowing({ 'x.test/Else': false }))).id).toBe(first.id);
    const cluster = await render(worker, knowing({ 'x.test/Own': false }));
    expect(cluster.id).not.toBe(first.id);
    expect(cluster.objects[0]?.key.namespace ?? '').toBe('');
  });
});
