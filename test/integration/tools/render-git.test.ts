import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { accessTo } from '../../../core/repository/access.ts';
import { commandLines } from '../../support/process/command-lines.ts';
import { failureOf } from '../../support/process/failure.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';

async function listen(server: Server): Promise<string> {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}

describe('activities/git', () => {
  let server: GitServer;
  let cacheDir = '';
  let git: Git;
  let names = 0;

  beforeAll(async () => {
    server = await startGitServer();
  });

  afterAll(async () => {
    await server.stop();
  });

  beforeEach(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-git-'));
    git = createGit({ cacheDir });
    server.requests.length = 0;
  });

  afterEach(async () => {
    await git.dispose();
    await rm(cacheDir, { recursive: true });
  });

  async function repository(files: Parameters<GitServer['createRepository']>[1]): Promise<TestRepository> {
    names += 1;
    return await server.createRepository(`repo-${names}`, files);
  }

  describe('resolveRevision', () => {
    it('follows branches, tags, HEAD and constraints of a real server', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const first = (await git.resolveRevision({ access: accessTo(one.url) })).sha;
      await one.tag('v1.0.0', { annotated: true });
      const second = await one.commit({ 'a.yaml': 'two' });
      await one.tag('v1.1.0');
      await one.branch('old', first);
      const resolve = async (revision: string) =>
        (await git.resolveRevision({ access: accessTo(one.url), revision })).sha;
      expect(await resolve('')).toBe(second);
      expect(await resolve('HEAD')).toBe(second);
      expect(await resolve('main')).toBe(second);
      expect(await resolve('old')).toBe(first);
      expect(await resolve('v1.0.0')).toBe(first);
      expect(await resolve('^1.0')).toBe(second);
      expect(await resolve('refs/heads/old')).toBe(first);
      expect(await resolve(first.slice(0, 8))).toBe(first);
    });

    it('asks nobody about a full SHA', async () => {
      const sha = 'A'.repeat(40);
      expect(await git.resolveRevision({ access: accessTo('http://127.0.0.1:1/x'), revision: sha })).toEqual({
        sha: 'a'.repeat(40),
      });
    });

    it('names the branches when a revision leads nowhere', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const error = await failureOf(git.resolveRevision({ access: accessTo(one.url), revision: 'mian' }));
      expect(error.code).toBe('revision-not-found');
      expect(error.message).toBe(
        `unable to resolve 'mian' to a commit SHA in ${one.url}; use an existing branch, tag or commit; branches: main`,
      );
    });

    it('says that a repository has no commits yet', async () => {
      const one = await repository({});
      const error = await failureOf(git.resolveRevision({ access: accessTo(one.url) }));
      expect(error.message).toContain('the repository has no commits yet');
    });
  });

  describe('an unreachable source', () => {
    it('is not found', async () => {
      const error = await failureOf(git.resolveRevision({ access: accessTo(`${server.url}/nowhere`) }));
      expect(error).toMatchObject({
        code: 'source-unreachable',
        retryable: false,
        details: { reason: 'not-found' },
      });
    });

    it('has a host that DNS does not know', async () => {
      const error = await failureOf(git.resolveRevision({ access: accessTo('http://keelson.invalid/x') }));
      expect(error).toMatchObject({ retryable: true, details: { reason: 'dns' } });
    });

    it('refuses connections', async () => {
      const error = await failureOf(git.resolveRevision({ access: accessTo('http://127.0.0.1:1/x') }));
      expect(error).toMatchObject({ retryable: true, details: { reason: 'connection' } });
    });

    it('speaks no TLS', async () => {
      const error = await failureOf(
        git.resolveRevision({ access: accessTo(server.url.replace('http:', 'https:')) }),
      );
      expect(error).toMatchObject({ retryable: false, details: { reason: 'tls' } });
    });

    it('has a server with an internal error', async () => {
      server.failWith(503);
      const error = await failureOf(git.resolveRevision({ access: accessTo(`${server.url}/x`) }));
      server.failWith();
      expect(error).toMatchObject({ retryable: true, details: { reason: 'server' } });
    });

    it('takes too long', async () => {
      const silent = createServer(() => undefined);
      const url = await listen(silent);
      const hasty = createGit({ cacheDir, timeoutSeconds: 0.5 });
      const error = await failureOf(hasty.resolveRevision({ access: accessTo(`${url}/x`) }));
      silent.close();
      expect(error).toMatchObject({ retryable: true, details: { reason: 'timeout' } });
    });

    it('is the cache of Keelson itself', async () => {
      const error = await failureOf(
        git.resolveRevision({ access: accessTo(`file://${cacheDir}/mirrors/x.git`) }),
      );
      expect(error.message).toContain("Keelson's own cache is not a source");
    });
  });

  describe('credentials', () => {
    let closed: GitServer;
    let repo: TestRepository;

    beforeAll(async () => {
      closed = await startGitServer();
      repo = await closed.createRepository('private', { 'a.yaml': 'secret file' });
      closed.requireAuth('bob', 'canary-p@ss');
    });

    afterAll(async () => {
      await closed.stop();
    });

    it('open a private repository', async () => {
      const credentials = { username: 'bob', password: 'canary-p@ss' };
      const { sha } = await git.resolveRevision({ access: accessTo(repo.url, credentials) });
      const { path, release } = await git.checkout({ access: accessTo(repo.url, credentials), sha });
      expect(await readFile(join(path, 'a.yaml'), 'utf8')).toBe('secret file');
      await release();
    });

    it('are read from the address as well', async () => {
      const withUser = repo.url.replace('http://', 'http://bob:canary-p%40ss@');
      const { sha } = await git.resolveRevision({ access: accessTo(withUser) });
      expect(sha).toHaveLength(40);
    });

    it('of one reader open nothing to another, not even what is already on disk', async () => {
      const credentials = { username: 'bob', password: 'canary-p@ss' };
      const { sha } = await git.resolveRevision({ access: accessTo(repo.url, credentials) });
      await git.checkout({ access: accessTo(repo.url, credentials), sha });
      for (const access of [accessTo(repo.url), accessTo(repo.url, { password: 'other' })]) {
        for (const read of [git.checkout, git.listFiles, git.revisionMetadata]) {
          expect(await failureOf(read({ access, sha }))).toMatchObject({ details: { reason: 'auth' } });
        }
        expect(await failureOf(git.readFiles({ access, sha, paths: ['a.yaml'] }))).toMatchObject({
          details: { reason: 'auth' },
        });
      }
    });

    it('are asked for when there are none', async () => {
      const error = await failureOf(git.resolveRevision({ access: accessTo(repo.url) }));
      expect(error).toMatchObject({ retryable: false, details: { reason: 'auth' } });
      expect(error.message).toContain('none are configured');
    });

    it('appear nowhere when they are wrong', async () => {
      const withUser = repo.url.replace('http://', 'http://bob:canary-wrong@');
      const error = await failureOf(git.resolveRevision({ access: accessTo(withUser) }));
      expect(error).toMatchObject({ details: { reason: 'auth' } });
      expect(error.message).toContain('refused the configured credentials');
      expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain('canary');
    });

    it('are not given to another host that the server redirects to', async () => {
      const other = await startGitServer();
      other.requireAuth('bob', 'canary-p@ss');
      await other.createRepository('private', { 'a.yaml': 'x' });
      const redirecting = createHttpServer((request, response) => {
        response.writeHead(302, { location: `${other.url}${request.url}` }).end();
      });
      const url = await listen(redirecting);
      const credentials = { username: 'bob', password: 'canary-p@ss' };
      const access = accessTo(`${url}/private`, credentials);
      // The other host is a private one, which only those reach who list it.
      const refusal = await failureOf(git.resolveRevision({ access }));
      expect(refusal).toMatchObject({ details: { reason: 'refused-address' } });
      expect(other.requests).toEqual([]);
      await git.dispose();
      git = createGit({ cacheDir, privateHosts: ['127.0.0.1'] });
      const error = await failureOf(git.resolveRevision({ access }));
      redirecting.close();
      await other.stop();
      expect(error).toMatchObject({ details: { reason: 'auth' } });
      expect(other.requests.length).toBeGreaterThan(0);
      expect(other.requests.map(({ authorization }) => authorization)).not.toContain(
        `Basic ${Buffer.from('bob:canary-p@ss').toString('base64')}`,
      );
    });

    it('are not on disk after a checkout', async () => {
      const credentials = { username: 'bob', password: 'canary-p@ss' };
      const { sha } = await git.resolveRevision({ access: accessTo(repo.url, credentials) });
      await (await git.checkout({ access: accessTo(repo.url, credentials), sha })).release();
      for (const entry of await readdir(cacheDir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        expect(await readFile(join(entry.parentPath, entry.name), 'latin1')).not.toContain('canary');
      }
    });
  });

  describe('checkout', () => {
    it('has the files of the commit, executables, links and files marked export-ignore included', async () => {
      const one = await repository({
        'app/a.yaml': 'one',
        'run.sh': { executable: '#!/bin/sh' },
        'app/link.yaml': { symlink: 'a.yaml' },
        '.gitattributes': 'app/a.yaml export-ignore\n',
      });
      const { sha } = await git.resolveRevision({ access: accessTo(one.url) });
      const { path, release } = await git.checkout({ access: accessTo(one.url), sha });
      expect((await readdir(path)).sort()).toEqual(['.gitattributes', 'app', 'run.sh']);
      expect(await readFile(join(path, 'app/link.yaml'), 'utf8')).toBe('one');
      await release();
    });

    it('reads a repository on disk', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const { sha } = await git.resolveRevision({ access: accessTo(one.fileUrl) });
      const { path } = await git.checkout({ access: accessTo(one.fileUrl), sha });
      expect(await readFile(join(path, 'a.yaml'), 'utf8')).toBe('one');
    });

    it('fetches a commit once, also when twenty renders ask at the same time', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const { sha } = await git.resolveRevision({ access: accessTo(one.url) });
      server.requests.length = 0;
      const taken = await Promise.all(
        Array.from({ length: 20 }, () => git.checkout({ access: accessTo(one.url), sha })),
      );
      // The trees, then the files.
      expect(server.count('git-upload-pack')).toBe(2);
      for (const { release } of taken) await release();
      await (await git.checkout({ access: accessTo(one.url), sha })).release();
      expect(server.count('git-upload-pack')).toBe(2);
    });

    it('fetches a commit once for several workers that share the cache', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const { sha } = await git.resolveRevision({ access: accessTo(one.url) });
      server.requests.length = 0;
      const workers = [git, createGit({ cacheDir }), createGit({ cacheDir })];
      const taken = await Promise.all(
        workers.map((worker) => worker.checkout({ access: accessTo(one.url), sha })),
      );
      expect(new Set(taken.map(({ path }) => path)).size).toBe(3);
      expect(server.count('git-upload-pack')).toBe(2);
      await Promise.all(workers.map((worker) => worker.dispose()));
    });

    it('needs no lock for a commit that is already there', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const { sha } = await git.resolveRevision({ access: accessTo(one.url) });
      await git.checkout({ access: accessTo(one.url), sha });
      const mirror = (await readdir(join(cacheDir, 'mirrors'))).find((name) => name.endsWith('.git'));
      const lock = join(cacheDir, 'mirrors', `${mirror}.lock`);
      await writeFile(lock, JSON.stringify({ token: 'x', pid: process.pid, host: hostname() }));
      const other = createGit({ cacheDir });
      const signal = AbortSignal.timeout(10_000);
      expect(await readdir((await other.checkout({ access: accessTo(one.url), sha, signal })).path)).toEqual([
        'a.yaml',
      ]);
      await other.dispose();
    });

    it('follows new commits and still knows the old ones', async () => {
      const one = await repository({ 'a.yaml': 'one', 'b.yaml': 'same' });
      const first = (await git.resolveRevision({ access: accessTo(one.url) })).sha;
      await git.checkout({ access: accessTo(one.url), sha: first });
      const second = await one.commit({ 'a.yaml': 'two', 'b.yaml': null });
      const { path } = await git.checkout({ access: accessTo(one.url), sha: second });
      expect(await readdir(path)).toEqual(['a.yaml']);
      const again = await git.checkout({ access: accessTo(one.url), sha: first });
      expect((await readdir(again.path)).sort()).toEqual(['a.yaml', 'b.yaml']);
    });

    it('reaches a commit that is on no branch any more', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const lost = await one.commit({ 'a.yaml': 'lost' }, 'lost', { branch: 'gone' });
      await one.deleteRef('refs/heads/gone');
      const { path } = await git.checkout({ access: accessTo(one.url), sha: lost });
      expect(await readFile(join(path, 'a.yaml'), 'utf8')).toBe('lost');
    });

    it('says that a commit does not exist', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const error = await failureOf(git.checkout({ access: accessTo(one.url), sha: 'b'.repeat(40) }));
      expect(error.code).toBe('revision-not-found');
      expect(error.message).toContain(`commit ${'b'.repeat(40)} does not exist in ${one.url}`);
    });

    it('refuses a link that leads out of the repository', async () => {
      const one = await repository({ 'a.yaml': 'one', 'app/evil': { symlink: '../../../etc/passwd' } });
      const { sha } = await git.resolveRevision({ access: accessTo(one.url) });
      const error = await failureOf(git.checkout({ access: accessTo(one.url), sha }));
      expect(error.code).toBe('render-failed');
      expect(error.message).toContain('symlink app/evil leads out of the repository');
    });

    it('has no files for an empty commit', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const sha = await one.commit({ 'a.yaml': null });
      const { path } = await git.checkout({ access: accessTo(one.url), sha });
      expect(await readdir(path)).toEqual([]);
    });

    it('gives up when the caller does, and the next caller succeeds', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const { sha } = await git.resolveRevision({ access: accessTo(one.url) });
      const stopped = failureOf(
        git.checkout({ access: accessTo(one.url), sha, signal: AbortSignal.abort() }),
      );
      const patient = git.checkout({ access: accessTo(one.url), sha });
      expect((await stopped).code).toBe('unavailable');
      expect(await readdir((await patient).path)).toEqual(['a.yaml']);
    });
  });

  describe('after a crash', () => {
    async function mirrorDir(): Promise<string> {
      const found = (await readdir(join(cacheDir, 'mirrors'))).find((name) => name.endsWith('.git'));
      return join(cacheDir, 'mirrors', String(found));
    }

    it('takes over locks and clears the lock files Git left', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const first = (await git.resolveRevision({ access: accessTo(one.url) })).sha;
      await git.checkout({ access: accessTo(one.url), sha: first });
      const dir = await mirrorDir();
      await writeFile(`${dir}.lock`, JSON.stringify({ token: 'x', pid: 2 ** 22 + 1, host: hostname() }));
      await writeFile(join(dir, 'keelson-writing'), '');
      await writeFile(join(dir, 'shallow.lock'), '');
      const second = await one.commit({ 'a.yaml': 'two' });
      const { path } = await git.checkout({ access: accessTo(one.url), sha: second });
      expect(await readFile(join(path, 'a.yaml'), 'utf8')).toBe('two');
      // The mirror was repaired, not fetched anew: the earlier commit is still in it.
      expect((await readdir(join(dir, 'refs/keelson'))).sort()).toEqual([first, second].sort());
    });

    it('stops what a killed worker left writing to the mirror', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const { sha } = await git.resolveRevision({ access: accessTo(one.url) });
      await git.checkout({ access: accessTo(one.url), sha });
      const dir = await mirrorDir();
      await writeFile(join(dir, 'keelson-writing'), '');
      const left = spawn('sleep', ['600'], { env: { PATH: '/usr/bin:/bin', KEELSON_GIT_MIRROR: dir } });
      const ended = new Promise((resolve) => left.on('close', (_, by) => resolve(by)));
      await git.checkout({ access: accessTo(one.url), sha: await one.commit({ 'a.yaml': 'two' }) });
      expect(await ended).toBe('SIGKILL');
    });

    it('makes a half-made mirror anew', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const { sha } = await git.resolveRevision({ access: accessTo(one.url) });
      await git.checkout({ access: accessTo(one.url), sha });
      const dir = await mirrorDir();
      await rm(join(dir, 'HEAD'));
      const next = await one.commit({ 'a.yaml': 'two' });
      const { path } = await git.checkout({ access: accessTo(one.url), sha: next });
      expect(await readFile(join(path, 'a.yaml'), 'utf8')).toBe('two');
    });

    it('fetches again what a damaged mirror lost', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const { sha } = await git.resolveRevision({ access: accessTo(one.url) });
      await git.checkout({ access: accessTo(one.url), sha });
      await rm(join(await mirrorDir(), 'objects'), { recursive: true });
      await git.dispose();
      git = createGit({ cacheDir });
      const { path } = await git.checkout({ access: accessTo(one.url), sha });
      expect(await readFile(join(path, 'a.yaml'), 'utf8')).toBe('one');
    });

    it('removes the checkouts of a worker that is gone', async () => {
      const one = await repository({ 'a.yaml': 'one' });
      const { sha } = await git.resolveRevision({ access: accessTo(one.url) });
      await git.checkout({ access: accessTo(one.url), sha });
      const script = `import { createGit } from ${JSON.stringify(join(import.meta.dirname, '../../../activities/git/git.ts'))};
        const { path } = await createGit({ cacheDir: ${JSON.stringify(cacheDir)} }).checkout(${JSON.stringify({ access: accessTo(one.url), sha })});
        console.log(path); process.kill(process.pid, 'SIGKILL');`;
      const node = join(import.meta.dirname, '../../../node_modules/.bin/node');
      const worker = spawn(node, ['--input-type=module-typescript', '-e', script], { stdio: 'ignore' });
      await new Promise((resolve) => worker.on('close', resolve));
      expect(await readdir(join(cacheDir, 'checkouts'))).toHaveLength(2);
      const next = createGit({ cacheDir });
      await next.checkout({ access: accessTo(one.url), sha });
      expect(await readdir(join(cacheDir, 'checkouts'))).toHaveLength(2);
      await next.dispose();
    });
  });

  it('tells who made a commit, when, why, and its tags', async () => {
    const one = await repository({ 'a.yaml': 'one' });
    const author = { name: 'Ann Example', email: 'ann@example.com' };
    const sha = await one.commit({ 'a.yaml': 'two' }, 'raise replicas\n\nmore load', { author });
    await one.tag('v1.0.0', { annotated: true });
    expect(await git.revisionMetadata({ access: accessTo(one.url), sha })).toEqual({
      author: 'Ann Example <ann@example.com>',
      date: expect.stringMatching(/^2024-01-01T\d\d:\d\d:00(Z|\+00:00)$/),
      message: 'raise replicas\n\nmore load',
      tags: ['v1.0.0'],
    });
  });

  it('passes no credential on the command line, and leaves no program behind when stopped', async () => {
    const slow = createServer(() => undefined);
    const url = await listen(slow);
    const controller = new AbortController();
    const asking = failureOf(
      git.resolveRevision({
        access: accessTo(`${url.replace('http://', 'http://bob:canary-argv@')}/x`),
        signal: controller.signal,
      }),
    );
    await new Promise((resolve) => slow.once('connection', resolve));
    const listing = await commandLines();
    controller.abort();
    await asking;
    slow.close();
    expect(listing).toContain(`${url}/x`);
    expect(listing).not.toContain('canary-argv');
    const after = await commandLines();
    expect(after).not.toContain(`${url}/x`);
  });
});
