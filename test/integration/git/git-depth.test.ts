import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { filesOnDisk } from '../../../activities/render/files/source-files.ts';
import { renderSource } from '../../../activities/render/render.ts';
import { accessTo } from '../../../core/repository/access.ts';
import { configMap, yamlOf } from '../../support/keelson/applications.ts';
import { runGit } from '../../support/render/git-import.ts';
import { renderSandbox } from '../../support/render/render-source.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';

const depth = 3;

describe('activities/git/mirror with a depth', () => {
  let server: GitServer;
  let cacheDir = '';
  let git: Git;
  let repository: TestRepository;
  const commits: string[] = [];

  beforeAll(async () => {
    server = await startGitServer();
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-git-depth-'));
    git = createGit({ cacheDir });
    repository = await server.createRepository('long');
    await push(8);
  });

  afterAll(async () => {
    await git?.dispose();
    await server?.stop();
    await rm(cacheDir, { recursive: true, force: true });
  });

  async function push(count: number): Promise<void> {
    for (let added = 0; added < count; added += 1) {
      const number = String(commits.length);
      commits.push(await repository.commit({ 'app/a.yaml': yamlOf(configMap('one', { number })) }));
    }
  }

  /** Renders a revision; answers with its commit and the number that the commit wrote. */
  async function rendered(revision: string, reader = git): Promise<[sha: string, number: unknown]> {
    const access = accessTo(repository.url, { depth });
    const { sha } = await reader.resolveRevision({ access, revision });
    const { path, release } = await reader.checkout({ access, sha });
    const { manifests } = await renderSource({
      files: filesOnDisk(path),
      source: { repoURL: repository.url, path: 'app' },
      application: { instanceName: 'a', name: 'a', namespace: 'n', project: 'default', revision: sha },
      tools: { helm: '', kustomize: '', jsonnet: '' },
      sandbox: renderSandbox,
    });
    await release();
    const [only] = manifests;
    return [sha, (only?.['data'] as { number?: unknown } | undefined)?.number];
  }

  async function history(revision: string, cache = cacheDir): Promise<string[]> {
    const [mirror = ''] = (await readdir(join(cache, 'mirrors'))).filter((name) => name.endsWith('.git'));
    return (await runGit(join(cache, 'mirrors', mirror), ['rev-list', revision])).split('\n');
  }

  const newest = (last: number): string[] => commits.slice(last - depth + 1, last + 1).reverse();

  it('holds as many commits of a branch as it is deep, and no more after the branch moved further', async () => {
    expect(await rendered('main')).toEqual([commits[7], '7']);
    expect(await history('--all')).toEqual(newest(7));
    await push(depth + 2);
    expect(await rendered('main')).toEqual([commits[12], '12']);
    expect(await history(commits[12] ?? '')).toEqual(newest(12));
    expect((await history('--all')).length).toBeLessThanOrEqual(2 * depth);
  });

  it('renders a commit that is older than that', async () => {
    await repository.tag('old', { sha: commits[1] ?? '' });
    expect(await rendered(commits[3] ?? '')).toEqual([commits[3], '3']);
    expect(await history(commits[3] ?? '')).toEqual(newest(3));
    expect(await rendered('old')).toEqual([commits[1], '1']);
    expect(await rendered((commits[2] ?? '').slice(0, 12))).toEqual([commits[2], '2']);
    // What was read before is still there.
    expect(await rendered('main')).toEqual([commits.at(-1), String(commits.length - 1)]);
  });

  it('renders it from a server, too, that gives commits by their branches alone', async () => {
    const other = await mkdtemp(join(tmpdir(), 'keelson-git-depth-'));
    await runGit(repository.dir, ['config', 'uploadpack.allowFilter', 'false']);
    // The first protocol keeps commits back that no ref names.
    const environment = { GIT_CONFIG_PARAMETERS: "'protocol.version=0'" };
    const strict = createGit({ cacheDir: other, environment });
    expect(await rendered('main', strict)).toEqual([commits.at(-1), String(commits.length - 1)]);
    expect(await history('--all', other)).toEqual(newest(commits.length - 1));
    expect(await rendered(commits[4] ?? '', strict)).toEqual([commits[4], '4']);
    expect(await history(commits[4] ?? '', other)).toEqual(commits.slice(0, 5).reverse());
    await strict.dispose();
    await rm(other, { recursive: true });
  });
});
