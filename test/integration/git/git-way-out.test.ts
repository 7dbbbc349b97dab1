import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createPlainServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { accessTo, type RepositoryAccess } from '../../../core/repository/access.ts';
import { failureOf } from '../../support/process/failure.ts';
import { type GitServer, startGitServer } from '../../support/servers/git-server.ts';
import { startHttpProxy } from '../../support/servers/http-proxy.ts';

describe('the way out of Git', () => {
  let server: GitServer;
  let target: Server;
  let reached: string[];
  let port = 0;
  let cacheDir = '';
  let git: Git;

  beforeEach(async () => {
    server = await startGitServer();
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-way-out-'));
    git = createGit({ cacheDir });
    reached = [];
    target = createServer((request, reply) => {
      reached.push(request.url ?? '');
      reply.writeHead(404).end();
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    port = (target.address() as AddressInfo).port;
  });

  afterEach(async () => {
    await git.dispose();
    await server.stop();
    await new Promise((resolve) => target.close(resolve));
    await rm(cacheDir, { recursive: true });
  });

  const named = async (url: string): Promise<RepositoryAccess> => ({ ...accessTo(url), fromSource: true });
  /** A repository with one submodule at an address, read with what is registered for none but itself. */
  const withSubmodule = async (url: string): Promise<ReturnType<Git['checkout']>> => {
    const inner = await server.createRepository('inner', { 'a.yaml': 'inner' });
    const { sha } = await git.resolveRevision({ access: accessTo(inner.url) });
    const outer = await server.createRepository('outer', {
      '.gitmodules': `[submodule "sub"]\n\tpath = sub\n\turl = ${url}\n`,
      sub: { submodule: sha },
    });
    const access = accessTo(outer.url);
    const head = await git.resolveRevision({ access });
    return await git.checkout({ access, sha: head.sha, submodules: { reader: 'one', accessOf: named } });
  };

  it('leads a submodule to no private address, and says the same whatever is there', async () => {
    const said: string[] = [];
    for (const where of [
      `http://127.0.0.1:${port}/x`,
      'http://127.0.0.1:1/x',
      `ssh://git@127.0.0.1:${port}/x`,
    ]) {
      const error = await failureOf(withSubmodule(where));
      expect(error).toMatchObject({ retryable: false, details: { reason: 'refused-address' } });
      expect(error.message).toContain('KEELSON_RENDER_PRIVATE_HOSTS');
      said.push(error.message.replaceAll(where, ''));
    }
    expect(said[0]).toBe(said[1]);
    expect(reached).toEqual([]);
  });

  it('reads a submodule that lies beside its repository, as private as that', async () => {
    const { path } = await withSubmodule('../inner');
    expect(await readFile(join(path, 'sub/a.yaml'), 'utf8')).toBe('inner');
  });

  it('reads a submodule of a private host that is listed', async () => {
    await git.dispose();
    git = createGit({ cacheDir, privateHosts: ['127.0.0.1'] });
    expect((await failureOf(withSubmodule(`http://127.0.0.1:${port}/x`))).details['reason']).toBe(
      'not-found',
    );
    expect(reached.length).toBeGreaterThan(0);
  });

  it('follows no redirect of a registered repository to another private place', async () => {
    const sending = createServer((request, reply) =>
      reply.writeHead(302, { location: `http://127.0.0.1:${port}${request.url}` }).end(),
    );
    await new Promise<void>((resolve) => sending.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(sending.address() as AddressInfo).port}/x`;
    const error = await failureOf(git.listRefs({ access: accessTo(url) }));
    sending.close();
    expect(error).toMatchObject({ details: { reason: 'refused-address' } });
    expect(reached).toEqual([]);
  });

  it.each(['http://169.254.169.254/x', 'ssh://git@169.254.169.254/x', 'http://[::ffff:a9fe:a9fe]/x'])(
    'reaches no service of a cloud at %s, registered or not',
    async (url) => {
      const error = await failureOf(git.listRefs({ access: accessTo(url) }));
      expect(error).toMatchObject({ details: { reason: 'refused-address' } });
    },
  );

  it('asks no proxy for a service of a cloud, by address or by name', async () => {
    const proxy = await startHttpProxy('pat', 'canary-proxy');
    const credentials = { proxy: `http://pat:canary-proxy@${proxy.host}` };
    for (const url of ['https://169.254.169.254/x', 'http://metadata.google.internal/x']) {
      const error = await failureOf(git.listRefs({ access: accessTo(url, credentials) }));
      expect(error).toMatchObject({ details: { reason: 'refused-address' } });
    }
    expect(proxy.asked).toEqual([]);
    await proxy.stop();
  });

  it('goes through a SOCKS proxy with its login', async () => {
    const repo = await server.createRepository('behind', { 'a.yaml': 'behind' });
    const asked: string[] = [];
    const socks = createPlainServer((client) => void serveSocks(client, asked));
    await new Promise<void>((resolve) => socks.listen(0, '127.0.0.1', resolve));
    const proxy = `socks5://pat:canary@127.0.0.1:${(socks.address() as AddressInfo).port}`;
    const refs = await git.listRefs({ access: accessTo(repo.url, { proxy }) });
    expect(refs.commits.size).toBeGreaterThan(0);
    expect(asked[0]).toBe(`pat:canary ${new URL(repo.url).host}`);
    socks.close();
  });
});

/** As much of a SOCKS5 server as leads to an IPv4 address for who has a login. */
async function serveSocks(client: Socket, asked: string[]): Promise<void> {
  const { connect } = await import('node:net');
  client.on('error', () => client.destroy());
  const next = (): Promise<Buffer> => new Promise((resolve) => client.once('data', resolve));
  await next();
  client.write(Buffer.from([5, 2]));
  const login = await next();
  const userEnd = 2 + (login[1] ?? 0);
  const user = login.toString('latin1', 2, userEnd);
  const password = login.toString('latin1', userEnd + 1);
  client.write(Buffer.from([1, 0]));
  const wanted = await next();
  const host = [...wanted.subarray(4, 8)].join('.');
  const port = wanted.readUInt16BE(8);
  asked.push(`${user}:${password} ${host}:${port}`);
  const upstream = connect(port, host, () => {
    client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on('error', () => client.destroy());
}
