import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { accessTo, type RepositoryAccess } from '../../../core/repository/access.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import { failureOf } from '../../support/process/failure.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';
import { startSshServer } from '../../support/servers/ssh-server.ts';

const attributes = '*.bin filter=lfs diff=lfs merge=lfs -text\n';

describe('the way to files in LFS', () => {
  const content = randomBytes(50_000);
  let server: GitServer;
  let other: Server;
  let reached: string[];
  let reply: (request: IncomingMessage, response: ServerResponse) => void;
  let place = '';
  let cacheDir = '';
  let git: Git;

  beforeEach(async () => {
    await toolPath('git-lfs');
    server = await startGitServer();
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-lfs-'));
    git = createGit({ cacheDir });
    reached = [];
    reply = (_, response) => void response.writeHead(404).end();
    other = createServer((request, response) => {
      reached.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim());
      reply(request, response);
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    place = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    await git.dispose();
    await server.stop();
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
    await rm(cacheDir, { recursive: true });
  });

  const repositoryWith = async (
    files: Parameters<GitServer['createRepository']>[1],
  ): Promise<TestRepository> =>
    await server.createRepository('files', {
      '.gitattributes': attributes,
      'big.bin': server.lfs.add(content),
      ...files,
    });

  const take = async (access: RepositoryAccess): Promise<Buffer> => {
    const { sha } = await git.resolveRevision({ access });
    const { path } = await git.checkout({ access, sha });
    return await readFile(join(path, 'big.bin'));
  };

  it.each([
    ['an address', (there: string) => `[lfs]\n\turl = http://${there}/lfs\n`],
    ['a user', (there: string) => `[lfs]\n\turl = http://who@${there}/lfs\n`],
    [
      'localhost',
      (there: string) => `[lfs]\n\turl = http://${there.replace('127.0.0.1', 'localhost')}/lfs\n`,
    ],
    ['the address of a remote', (there: string) => `[remote "origin"]\n\tlfsurl = http://${there}/lfs\n`],
  ])('a .lfsconfig that names this machine by %s reaches nothing', async (_, config) => {
    const repo = await repositoryWith({ '.lfsconfig': config(place) });
    const error = await failureOf(take(accessTo(repo.url, { enableLfs: true })));
    expect(error).toMatchObject({ code: 'source-unreachable', retryable: false });
    expect(reached).toEqual([]);
    expect(server.lfs.downloads()).toBe(0);
  });

  it('a server that names this machine as the place of a file, or sends there, reaches nothing', async () => {
    const repo = await repositoryWith({});
    const access = accessTo(repo.url, { enableLfs: true });
    server.lfs.lead((url) => url.replace(server.url, `http://${place}`));
    expect(await failureOf(take(access))).toMatchObject({ details: { reason: 'refused-address' } });
    server.lfs.lead((url) => url.replace('/lfs-files/', '/lfs-files/sent/'));
    server.lfs.send((path) => path.includes('/sent/') && `http://localhost:${place.split(':')[1]}/x`);
    expect(await failureOf(take(access))).toMatchObject({ details: { reason: 'refused-address' } });
    expect(reached).toEqual([]);
  });

  it('a server of another host that is listed is asked, and not told who reads the repository', async () => {
    server.requireAuth('bob', 'canary-bob');
    const repo = await repositoryWith({ '.lfsconfig': `[lfs]\n\turl = http://${place}/lfs/\n` });
    const access = accessTo(repo.url, { username: 'bob', password: 'canary-bob', enableLfs: true });
    const { sha } = await git.resolveRevision({ access });
    expect(sha).toMatch(/^[0-9a-f]{40}$/);
    await git.dispose();
    git = createGit({ cacheDir, privateHosts: ['127.0.0.1'] });
    reply = (request, response) => server.lfs.answer(`http://${place}`, request.url ?? '', request, response);
    expect(await take(access)).toEqual(content);
    expect(reached[0]).toBe('POST /lfs/objects/batch');
    expect(reached.join()).not.toContain('Basic');
  });

  it.each<[string, string | { symlink: string }]>([
    ['is no file; make it one', { symlink: 'README' }],
    ['cannot be read as a file of settings; correct it', '[lfs\n'],
    ...['ssh://git@localhost/x', 'file:///tmp', 'git@localhost:x'].map((url): [string, string] => [
      'names an LFS server by another address than http(s); write one, or leave it out',
      `[lfs]\n\turl = ${url}\n`,
    ]),
  ])('a .lfsconfig %s', async (says, config) => {
    const repo = await repositoryWith({ '.lfsconfig': config });
    const access = accessTo(repo.url, { enableLfs: true });
    expect((await failureOf(take(access))).message).toContain(`.lfsconfig ${says}`);
    expect(reached).toEqual([]);
    await repo.commit({ '.lfsconfig': '# nothing\n' });
    expect(await take(access)).toEqual(content);
  });

  it('an SSH host says where its files are, and lends the token for it', async () => {
    reply = (request, response) => server.lfs.answer(`http://${place}`, request.url ?? '', request, response);
    const [asked, answer] = [join(cacheDir, 'asked'), join(cacheDir, 'answer')];
    const ssh = await startSshServer({ 'git-lfs-authenticate': `echo "$@" > ${asked}; cat ${answer}` });
    const repo = await repositoryWith({});
    const { privateKey: sshPrivateKey, knownHosts } = ssh;
    const access = { ...accessTo(ssh.url(repo.dir), { sshPrivateKey, enableLfs: true }), knownHosts };
    await writeFile(answer, 'welcome');
    expect((await failureOf(take(access))).message).toContain(
      'its SSH host named no LFS server; let it answer git-lfs-authenticate, or name one in .lfsconfig',
    );
    const header = { Authorization: 'RemoteAuth canary' };
    await writeFile(answer, JSON.stringify({ href: `http://${place}/lfs`, header }));
    // What is open to the repository is the place of SSH; a server beside it has to be public, or listed.
    expect(await failureOf(take(access))).toMatchObject({ details: { reason: 'refused-address' } });
    expect(reached).toEqual([]);
    await git.dispose();
    git = createGit({ cacheDir, privateHosts: ['127.0.0.1'] });
    expect(await take(access)).toEqual(content);
    expect(reached[0]).toBe('POST /lfs/objects/batch RemoteAuth canary');
    expect(await readFile(asked, 'utf8')).toBe(`${repo.dir.slice(1)} download\n`);
    await writeFile(answer, '');
    await repo.commit({
      '.lfsconfig': `[lfs]\n\turl = http://${place}/lfs\n`,
      'other.bin': server.lfs.add(content),
    });
    expect(await take(access)).toEqual(content);
    await ssh.stop();
  });
});
