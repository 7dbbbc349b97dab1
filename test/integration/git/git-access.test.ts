import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { accessTo, type RepositoryAccess } from '../../../core/repository/access.ts';
import { createAuthority } from '../../../local/kubernetes/authority.ts';
import { commandLines } from '../../support/process/command-lines.ts';
import { failureOf } from '../../support/process/failure.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';
import { type GithubServer, startGithubServer } from '../../support/servers/github-server.ts';
import { type HttpProxy, startHttpProxy } from '../../support/servers/http-proxy.ts';
import { type SshServer, startSshServer } from '../../support/servers/ssh-server.ts';

describe('activities/git/connection', () => {
  let server: GitServer;
  let cacheDir = '';
  let git: Git;

  beforeAll(async () => {
    server = await startGitServer();
  });

  afterAll(async () => {
    await server.stop();
  });

  beforeEach(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-git-access-'));
    git = createGit({ cacheDir });
    server.requests.length = 0;
    server.requireHeader();
    return async () => {
      await git.dispose();
      // Whatever a run needed of keys is gone after it.
      expect(await readdir(join(cacheDir, 'private')).catch(() => [])).toEqual([]);
      await rm(cacheDir, { recursive: true });
    };
  });

  /** Resolves HEAD and reads a file, which takes a listing and two fetches. */
  async function readThrough(access: RepositoryAccess): Promise<string> {
    const { sha } = await git.resolveRevision({ access });
    const { path, release } = await git.checkout({ access, sha });
    const content = await readFile(join(path, 'a.yaml'), 'utf8');
    await release();
    return content;
  }

  it('gives up a server that takes connections and says nothing, in words', async () => {
    const repo = await server.createRepository('silent', { 'a.yaml': 'open' });
    const impatient = createGit({ cacheDir, listingSeconds: 1 });
    const held = server.hold('127.0.0.1');
    const access = accessTo(repo.url);
    const begun = performance.now();
    const errors = await Promise.all([
      failureOf(impatient.listRefs({ access })),
      failureOf(impatient.resolveRevision({ access, revision: 'main' })),
    ]);
    expect(performance.now() - begun).toBeLessThan(10_000);
    for (const error of errors) {
      expect(error).toMatchObject({
        code: 'source-unreachable',
        retryable: true,
        details: { reason: 'timeout' },
      });
      expect((error as Error).message).toBe(
        `repository ${repo.url}: no answer within 1 s; check the network between Keelson and the host`,
      );
    }
    held.release();
    expect((await impatient.resolveRevision({ access, revision: 'main' })).ref).toBe('refs/heads/main');
  });

  describe('with a header', () => {
    let repo: TestRepository;

    beforeAll(async () => {
      repo = await server.createRepository('headers', { 'a.yaml': 'closed' });
    });

    it('sends a bearer token with the very first request', async () => {
      server.requireHeader('Bearer canary-bearer');
      expect(await readThrough(accessTo(repo.url, { bearerToken: 'canary-bearer' }))).toBe('closed');
      expect(server.requests.map(({ status }) => status)).not.toContain(401);
    });

    it('sends user and password unasked when told to, and only then', async () => {
      const login = { username: 'bob', password: 'canary-basic' };
      server.requireAuth('bob', 'canary-basic');
      await readThrough(accessTo(repo.url, { ...login, forceHttpBasicAuth: true }));
      expect(server.requests.map(({ status }) => status)).not.toContain(401);
      await git.listRefs({ access: accessTo(repo.url, login) });
      expect(server.requests.map(({ status }) => status)).toContain(401);
    });

    it('follows no redirect with it', async () => {
      const redirecting = await startGitServer();
      redirecting.failWith(302);
      const access = accessTo(`${redirecting.url}/x`, { bearerToken: 'canary-bearer' });
      const error = await failureOf(git.listRefs({ access }));
      await redirecting.stop();
      expect(error).toMatchObject({ retryable: false, details: { reason: 'redirect' } });
    });

    it('says that a token was refused, without repeating it', async () => {
      server.requireHeader('Bearer canary-bearer');
      const error = await failureOf(
        git.listRefs({ access: accessTo(repo.url, { bearerToken: 'canary-old' }) }),
      );
      expect(error.message).toContain('refused the configured credentials');
      expect(`${error.message} ${error.stack}`).not.toContain('canary');
    });
  });

  describe('over TLS', () => {
    const authority = createAuthority();
    const client = authority.issue({ subject: { name: 'keelson' }, use: 'client' });
    let secure: GitServer;
    let strict: GitServer;
    let proxy: HttpProxy;
    let url = '';
    let strictUrl = '';

    beforeAll(async () => {
      const pair = authority.issue({ subject: { name: 'git' }, use: 'server', hosts: ['127.0.0.1'] });
      const tls = { key: pair.keyPem, cert: pair.certificatePem };
      secure = await startGitServer(tls);
      strict = await startGitServer({
        ...tls,
        ca: authority.certificatePem,
        requestCert: true,
        rejectUnauthorized: true,
      });
      url = (await secure.createRepository('repo', { 'a.yaml': 'secure' })).url;
      strictUrl = (await strict.createRepository('repo', { 'a.yaml': 'strict' })).url;
      proxy = await startHttpProxy('pat', 'canary-proxy');
    });

    afterAll(async () => {
      await Promise.all([secure.stop(), strict.stop(), proxy.stop()]);
    });

    const trusted = (address: string, credentials = {}): RepositoryAccess => ({
      ...accessTo(address, credentials),
      caBundle: authority.certificatePem,
    });

    it('refuses a certificate of an unknown authority, with the remedy', async () => {
      const error = await failureOf(readThrough(accessTo(url)));
      expect(error).toMatchObject({ retryable: false, details: { reason: 'tls' } });
      expect(error.message).toContain('keelson cert add-tls 127.0.0.1');
    });

    it('trusts the authority that is registered for the host', async () => {
      expect(await readThrough(trusted(url))).toBe('secure');
    });

    it('checks nothing when told so', async () => {
      expect(await readThrough(accessTo(url, { insecure: true }))).toBe('secure');
    });

    it('shows a client certificate', async () => {
      const credentials = { tlsClientCertData: client.certificatePem, tlsClientCertKey: client.keyPem };
      expect(await readThrough(trusted(strictUrl, credentials))).toBe('strict');
      const error = await failureOf(git.listRefs({ access: trusted(strictUrl) }));
      // Some servers break off before their reason arrives.
      expect(error.details['reason']).toMatch(/^(client-certificate|connection)$/);
    });

    it('goes through a proxy, but not to hosts that are exempt', async () => {
      const through = { proxy: `http://pat:canary-proxy@${proxy.host}` };
      expect(await readThrough(trusted(url, through))).toBe('secure');
      expect(new Set(proxy.asked)).toEqual(new Set([new URL(url).host]));
      proxy.asked.length = 0;
      await git.listRefs({ access: trusted(url, { ...through, noProxy: 'example.com,127.0.0.1' }) });
      expect(proxy.asked).toEqual([]);
    });

    it('tells a proxy that refuses from a repository that does', async () => {
      const credentials = { proxy: `http://pat:canary-wrong@${proxy.host}` };
      const error = await failureOf(git.listRefs({ access: trusted(url, credentials) }));
      expect(error).toMatchObject({ details: { reason: 'proxy' } });
      expect(error.message).not.toContain('canary');
    });
  });

  describe('over SSH', () => {
    let ssh: SshServer;
    let url = '';

    beforeAll(async () => {
      ssh = await startSshServer();
      url = ssh.url((await server.createRepository('over-ssh', { 'a.yaml': 'through ssh' })).dir);
    });

    afterAll(async () => {
      await ssh.stop();
    });

    const known = (credentials = {}): RepositoryAccess => ({
      ...accessTo(url, credentials),
      knownHosts: ssh.knownHosts,
    });

    it('lets in the registered key, in either form and without its last line end', async () => {
      expect(await readThrough(known({ sshPrivateKey: ssh.privateKey.trim() }))).toBe('through ssh');
      const windows = ssh.privateKeyPem.replaceAll('\n', '\r\n');
      expect(await readThrough(known({ sshPrivateKey: windows }))).toBe('through ssh');
    });

    it('refuses a host that is not known, and one whose key is another, with the remedy', async () => {
      const credentials = { sshPrivateKey: ssh.privateKey };
      const logins = ssh.logins();
      const unknown = await failureOf(git.listRefs({ access: accessTo(url, credentials) }));
      expect(unknown).toMatchObject({ retryable: false, details: { reason: 'host-key' } });
      expect(unknown.message).toContain('keelson cert add-ssh');
      const access = { ...accessTo(url, credentials), knownHosts: ssh.wrongKnownHosts };
      const changed = await failureOf(git.listRefs({ access }));
      expect(changed).toMatchObject({ retryable: false, details: { reason: 'host-key-changed' } });
      expect(ssh.logins()).toBe(logins);
    });

    it('takes any host key when told so', async () => {
      const access = accessTo(url, { sshPrivateKey: ssh.privateKey, insecure: true });
      expect(await readThrough(access)).toBe('through ssh');
    });

    it('tells a key that is not let in from one that cannot be used and from none', async () => {
      const refused = await failureOf(git.listRefs({ access: known({ sshPrivateKey: ssh.otherKey }) }));
      expect(refused).toMatchObject({ details: { reason: 'auth' } });
      expect(refused.message).toContain('refused the configured credentials');
      const broken = await failureOf(git.listRefs({ access: known({ sshPrivateKey: 'canary no key' }) }));
      expect(broken).toMatchObject({ details: { reason: 'key' } });
      expect(broken.message).not.toContain('canary');
      const none = await failureOf(git.listRefs({ access: known() }));
      expect(none.message).toContain('none are configured');
    });

    it('opens nothing that is on disk to a key that is not let in', async () => {
      const access = known({ sshPrivateKey: ssh.privateKey });
      const { sha } = await git.resolveRevision({ access });
      await git.checkout({ access, sha });
      const other = git.checkout({ access: known({ sshPrivateKey: ssh.otherKey }), sha });
      expect(await failureOf(other)).toMatchObject({ details: { reason: 'auth' } });
    });

    it('is read in the form user@host:path too', async () => {
      // That form has no port, so it leads to port 22, where this machine may or may not serve somebody.
      const error = await failureOf(git.listRefs({ access: accessTo('git@keelson.invalid:team/repo.git') }));
      expect(error).toMatchObject({ retryable: true, details: { reason: 'dns' } });
      expect(error.message).toContain('repository git@keelson.invalid:team/repo.git: its host name');
    });
  });

  describe('as a GitHub App', () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = (which: 'publicKey' | 'privateKey'): string =>
      which === 'publicKey'
        ? pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
        : pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    let github: GithubServer;
    let url = '';

    beforeAll(async () => {
      github = await startGithubServer({ id: '17', installation: '4711', publicPem: pem('publicKey') });
      url = (await server.createRepository('team/repo', { 'a.yaml': 'of the app' })).url;
    });

    beforeEach(() => {
      github.asked.length = 0;
    });

    afterAll(async () => {
      await github.stop();
    });

    const app = (more = {}): RepositoryAccess =>
      accessTo(url, {
        githubAppID: '17',
        githubAppInstallationID: '4711',
        githubAppPrivateKey: pem('privateKey'),
        githubAppEnterpriseBaseUrl: github.url,
        ...more,
      });

    it('reads with one installation token for many requests', async () => {
      github.give('canary-token-1', 3600);
      server.requireAuth('x-access-token', 'canary-token-1');
      expect(await readThrough(app())).toBe('of the app');
      await git.listRefs({ access: app() });
      expect(github.asked).toEqual(['POST /api/v3/app/installations/4711/access_tokens 201']);
    });

    it('asks for a new token before the old one expires, and after one was refused', async () => {
      github.give('canary-token-2', 300);
      server.requireAuth('x-access-token', 'canary-token-2');
      await git.listRefs({ access: app() });
      github.give('canary-token-3', 3600);
      server.requireAuth('x-access-token', 'canary-token-3');
      await git.listRefs({ access: app() });
      expect(github.asked).toHaveLength(2);
      server.requireAuth('x-access-token', 'canary-token-4');
      github.give('canary-token-4', 3600);
      expect((await failureOf(git.listRefs({ access: app() }))).message).not.toContain('canary');
      await git.listRefs({ access: app() });
      expect(github.asked).toHaveLength(3);
    });

    it('finds the installation by the repository when none is named', async () => {
      github.give('canary-token-5', 3600);
      server.requireAuth('x-access-token', 'canary-token-5');
      expect(await readThrough(app({ githubAppInstallationID: '' }))).toBe('of the app');
      expect(github.asked[0]).toBe('GET /api/v3/repos/team/repo/installation 200');
    });

    it('asks through the proxy of the repository, which may be written without a scheme as for Git', async () => {
      const proxy = await startHttpProxy('pat', 'canary-proxy');
      github.give('canary-token-6', 3600);
      server.requireAuth('x-access-token', 'canary-token-6');
      try {
        // The same key written otherwise, for which no token is known yet.
        const githubAppPrivateKey = `${pem('privateKey')}\n`;
        const through = app({ githubAppPrivateKey, proxy: `pat:canary-proxy@${proxy.host}` });
        expect(await readThrough(through)).toBe('of the app');
        expect(new Set(proxy.asked)).toEqual(new Set([new URL(github.url).host, new URL(url).host]));
      } finally {
        await proxy.stop();
      }
    });

    it('says what is wrong with an app', async () => {
      const wrongId = await failureOf(git.listRefs({ access: app({ githubAppID: '18' }) }));
      expect(wrongId.message).toContain('GitHub App 18 got 401');
      const elsewhere = await failureOf(git.listRefs({ access: app({ githubAppInstallationID: '1' }) }));
      expect(elsewhere.message).toContain('the app is not installed there');
      const noKey = await failureOf(git.listRefs({ access: app({ githubAppPrivateKey: 'canary-key' }) }));
      expect(noKey.message).toContain('private key of its GitHub App is no PEM key');
      expect(`${noKey.message}${noKey.stack}`).not.toContain('canary');
      const away = app({ githubAppEnterpriseBaseUrl: 'http://127.0.0.1:1/api/v3' });
      expect(await failureOf(git.listRefs({ access: away }))).toMatchObject({ retryable: true });
    });
  });

  it('shows no credential of any form in the list of programs', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const host = `127.0.0.1:${address.port}`;
    const forms: RepositoryAccess[] = [
      accessTo(`http://${host}/x`, { username: 'bob', password: 'canary-password' }),
      accessTo(`http://canary-token@${host}/x`),
      accessTo(`http://${host}/x`, { bearerToken: 'canary-bearer' }),
      accessTo(`http://${host}/x`, { password: 'canary-forced', forceHttpBasicAuth: true }),
      accessTo('http://keelson.invalid/x', { proxy: `http://pat:canary-proxy@${host}` }),
      accessTo(`ssh://git@${host}/x`, { sshPrivateKey: 'canary-key' }),
      accessTo(`https://${host}/x`, { tlsClientCertData: 'canary-cert', tlsClientCertKey: 'canary-key' }),
    ];
    for (const access of forms) {
      const controller = new AbortController();
      const connected = new Promise((resolve) => silent.once('connection', resolve));
      const asking = failureOf(git.listRefs({ access, signal: controller.signal }));
      // A certificate that is none ends the run before it connects.
      await Promise.race([connected, asking]);
      const lines = await commandLines();
      controller.abort();
      const error = await asking;
      expect(lines).toMatch(/git-remote-http|ssh|git/);
      expect(`${lines}${error.message}${error.stack}`).not.toContain('canary');
      expect(lines).not.toContain(Buffer.from('git:canary-forced').toString('base64'));
    }
    silent.close();
  });
});
