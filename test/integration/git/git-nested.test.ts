import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGit, type Git, type SubmoduleAccess } from '../../../activities/git/git.ts';
import { accessTo, type RepositoryCredentials } from '../../../core/repository/access.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import { failureOf } from '../../support/process/failure.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';

describe('activities/git/write-commit', () => {
  let server: GitServer;
  let closed: GitServer;
  let cacheDir = '';
  let git: Git;

  beforeAll(async () => {
    // Git itself looks it up on PATH.
    await toolPath('git-lfs');
    [server, closed] = await Promise.all([startGitServer(), startGitServer()]);
    closed.requireAuth('bob', 'canary-lib');
  });

  afterAll(async () => {
    await Promise.all([server.stop(), closed.stop()]);
  });

  beforeEach(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-git-nested-'));
    git = createGit({ cacheDir });
    server.requests.length = 0;
    return async () => {
      await git.dispose();
      await rm(cacheDir, { recursive: true });
    };
  });

  async function head(one: TestRepository): Promise<string> {
    const login = { username: 'bob', password: 'canary-lib' };
    return (await git.resolveRevision({ access: accessTo(one.url, login) })).sha;
  }

  const modules = (entries: Readonly<Record<string, string>>): string =>
    Object.entries(entries)
      .map(([path, url]) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`)
      .join('');

  const asProject = (reader: string, credentials: RepositoryCredentials = {}): SubmoduleAccess => ({
    reader,
    accessOf: async (url) => accessTo(url, url.startsWith(closed.url) ? credentials : {}),
  });

  describe('with submodules', () => {
    let parent: TestRepository;
    let sha = '';

    beforeAll(async () => {
      const inner = await server.createRepository('team/inner', { 'x/deep.yaml': 'deep', 'y.yaml': 'y' });
      const lib = await closed.createRepository('lib', { 'lib.yaml': 'lib' });
      git = createGit({ cacheDir: await mkdtemp(join(tmpdir(), 'keelson-git-heads-')) });
      const middle = await server.createRepository('team/middle', {
        'middle.yaml': 'middle',
        '.gitmodules': modules({ 'nested/inner': '../inner' }),
        'nested/inner': { submodule: await head(inner) },
      });
      parent = await server.createRepository('team/parent', {
        'app/a.yaml': 'a',
        'app/link.yaml': { symlink: '../vendor/middle/nested/inner/y.yaml' },
        '.gitmodules': modules({ 'vendor/middle': '../middle', 'vendor/lib': lib.url }),
        'vendor/middle': { submodule: await head(middle) },
        'vendor/lib': { submodule: await head(lib) },
      });
      sha = await head(parent);
      await git.dispose();
    });

    const take = (submodules?: SubmoduleAccess, paths?: readonly string[]) =>
      git.checkout({ access: accessTo(parent.url), sha, submodules, paths });

    const leafCommit = async (name: string) =>
      await head(await server.createRepository(name, { 'deep.yaml': 'deep' }));

    const filesOf = async (one: TestRepository, submodulesWithin?: readonly string[]) => {
      const wanted = { access: accessTo(one.url), submodules: asProject('one'), submodulesWithin };
      const { path } = await git.checkout({ ...wanted, sha: await head(one) });
      return (await readdir(path, { recursive: true })).sort();
    };

    it('writes them at their commits, nested and by relative addresses, each with its own credentials', async () => {
      const login = { username: 'bob', password: 'canary-lib' };
      const { path } = await take(asProject('one', login));
      expect(await readFile(join(path, 'vendor/lib/lib.yaml'), 'utf8')).toBe('lib');
      expect(await readFile(join(path, 'vendor/middle/nested/inner/x/deep.yaml'), 'utf8')).toBe('deep');
      expect(await readFile(join(path, 'app/link.yaml'), 'utf8')).toBe('y');
      const sent = server.requests.map(({ authorization }) => authorization);
      expect(new Set(sent)).toEqual(new Set([undefined]));
    });

    it('leaves their directories empty when they are turned off', async () => {
      const { path } = await take();
      expect(await readdir(join(path, 'vendor'), { recursive: true })).toEqual(['lib', 'middle']);
    });

    it('writes of them only what is wanted, and fetches no other', async () => {
      const { path } = await take(asProject('one'), ['vendor/middle/nested/inner/x']);
      expect((await readdir(path, { recursive: true })).sort()).toEqual([
        'vendor',
        'vendor/middle',
        'vendor/middle/nested',
        'vendor/middle/nested/inner',
        'vendor/middle/nested/inner/x',
        'vendor/middle/nested/inner/x/deep.yaml',
      ]);
    });

    it('gives what one project may read to no other', async () => {
      await take(asProject('one', { username: 'bob', password: 'canary-lib' }));
      const error = await failureOf(take(asProject('two')));
      expect(error).toMatchObject({ code: 'source-unreachable', details: { reason: 'auth' } });
      expect(error.message).toContain(
        `submodule vendor/lib: repository ${closed.url}/lib: it asks for credentials`,
      );
    });

    it('leaves the folders empty of submodules that .gitmodules does not name, or says to leave alone', async () => {
      const leaf = await leafCommit('leaf');
      const one = await server.createRepository('orphan', { 'a.yaml': 'a', sub: { submodule: leaf } });
      expect(await filesOf(one)).toEqual(['a.yaml', 'sub']);
      await one.commit({
        '.gitmodules': `${modules({ on: '../leaf', off: '../nowhere' })}\tupdate = none\n`,
        on: { submodule: leaf },
        off: { submodule: leaf },
      });
      expect(await filesOf(one)).toEqual(['.gitmodules', 'a.yaml', 'off', 'on', 'on/deep.yaml', 'sub']);
    });

    it('names a submodule that has a directory and no address', async () => {
      const one = await server.createRepository('half', {
        '.gitmodules': '[submodule "sub"]\n\tpath = sub\n',
        sub: { submodule: sha },
      });
      const error = await failureOf(filesOf(one));
      expect(error.message).toContain('submodule sub has no url in .gitmodules');
    });

    it('leaves out submodules elsewhere, with their folders, when only some are needed', async () => {
      const leaf = await leafCommit('leaf-of-some');
      const one = await server.createRepository('some', {
        '.gitmodules': modules({ 'web/lib': '../leaf-of-some', other: '../nowhere' }),
        'web/lib': { submodule: leaf },
        other: { submodule: leaf },
        'a.yaml': 'a',
      });
      const kept = ['.gitmodules', 'a.yaml', 'web', 'web/lib', 'web/lib/deep.yaml'];
      expect(await filesOf(one, ['web'])).toEqual(kept);
      expect(await filesOf(one, ['web/lib/deep'])).toEqual(expect.arrayContaining(['web/lib']));
      await expect(filesOf(one, ['web', 'other/x'])).rejects.toThrow(/submodule other/);
      await expect(filesOf(one)).rejects.toThrow(/submodule other/);
    });

    it('ends when a repository contains itself, until the circle is removed', async () => {
      const one = await server.createRepository('circle', { 'a.yaml': 'a' });
      let commit = await head(one);
      for (let round = 0; round < 12; round += 1) {
        const files = { '.gitmodules': modules({ sub: '../circle' }), sub: { submodule: commit } };
        commit = await one.commit(files);
      }
      const access = accessTo(one.url);
      const error = await failureOf(git.checkout({ access, sha: commit, submodules: asProject('one') }));
      expect(error.message).toContain(
        `repository ${one.url}: its submodules contain each other; remove the circle`,
      );
      await one.commit({ sub: null, '.gitmodules': null });
      expect(await filesOf(one)).toEqual(['a.yaml']);
    });

    it('may not lead to files of the worker, nor out of the repository by a link', async () => {
      const careful = createGit({ cacheDir, protocols: ['http'] });
      const one = await server.createRepository('sly', {
        '.gitmodules': modules({ sub: `file://${server.dir}/team/inner` }),
        sub: { submodule: sha },
      });
      const wanted = { access: accessTo(one.url), submodules: asProject('one') };
      const error = await failureOf(careful.checkout({ ...wanted, sha: await head(one) }));
      expect(error.message).toContain('file:// addresses are not allowed');
      const evil = await server.createRepository('evil', { link: { symlink: '../../../etc/passwd' } });
      const next = await one.commit({
        '.gitmodules': modules({ sub: '../evil' }),
        sub: { submodule: await head(evil) },
      });
      const leading = await failureOf(careful.checkout({ ...wanted, sha: next }));
      expect(leading.message).toContain('symlink sub/link leads out of the repository');
      await careful.dispose();
    });
  });

  describe('with files in LFS', () => {
    const content = randomBytes(50_000);
    let repo: TestRepository;
    let sha = '';
    let pointer = '';
    const login = { username: 'bob', password: 'canary-lib' };

    beforeAll(async () => {
      pointer = closed.lfs.add(content);
      repo = await closed.createRepository('with-lfs', {
        '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
        'app/big.bin': pointer,
        'app/a.yaml': 'a',
        'other/gone.bin': closed.lfs.add(randomBytes(100)),
      });
    });

    beforeEach(async () => {
      sha = await head(repo);
    });

    const take = (credentials: RepositoryCredentials, paths?: readonly string[]) =>
      git.checkout({ access: accessTo(repo.url, credentials), sha, paths });

    it('leaves the pointers where LFS is not turned on', async () => {
      const { path } = await take(login);
      expect(await readFile(join(path, 'app/big.bin'), 'utf8')).toBe(pointer);
    });

    it('writes the files where it is, with the credentials of the repository, downloading each once', async () => {
      const before = closed.lfs.downloads();
      const { path } = await take({ ...login, enableLfs: true }, ['app']);
      expect(await readFile(join(path, 'app/big.bin'))).toEqual(content);
      const again = await take({ ...login, enableLfs: true }, ['app/big.bin']);
      expect(await readFile(join(again.path, 'app/big.bin'))).toEqual(content);
      expect(closed.lfs.downloads() - before).toBe(1);
    });

    it('sends a forced header to the LFS server too', async () => {
      const { path } = await take({ ...login, enableLfs: true, forceHttpBasicAuth: true }, ['app']);
      expect(await readFile(join(path, 'app/big.bin'))).toEqual(content);
    });

    it('says that a file is not on the LFS server', async () => {
      const lost = randomBytes(200);
      const next = await repo.commit({ 'lost/x.bin': closed.lfs.add(lost) });
      closed.lfs.remove(lost);
      const access = accessTo(repo.url, { ...login, enableLfs: true });
      const error = await failureOf(git.checkout({ access, sha: next, paths: ['lost'] }));
      expect(error).toMatchObject({ code: 'source-unreachable', details: { reason: 'lfs-not-found' } });
      expect(error.message).not.toContain('canary');
    });

    it('says that git-lfs is not installed', async () => {
      const bare = await mkdtemp(join(tmpdir(), 'keelson-git-path-'));
      for (const name of ['git', 'sh', 'dirname', 'basename', 'uname', 'sed', 'cat']) {
        await symlink(`/usr/bin/${name}`, join(bare, name));
      }
      const poor = createGit({ cacheDir, searchPath: bare });
      const access = accessTo(repo.url, { ...login, enableLfs: true });
      const error = await failureOf(poor.checkout({ access, sha, paths: ['app'] }));
      await rm(bare, { recursive: true });
      expect(error.message).toContain('the workers have no git-lfs; install it');
    });
  });
});
