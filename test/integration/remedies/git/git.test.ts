import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../../activities/git/git.ts';
import { accessTo, type RepositoryAccess } from '../../../../core/repository/access.ts';
import { readKnownHosts } from '../../../../core/repository/known-hosts.ts';
import { problemsOf } from '../../../support/hostile/remedies.ts';
import { goodCertificates } from '../../../support/servers/faulty-certificates.ts';
import { type GitServer, startGitServer } from '../../../support/servers/git-server.ts';
import { startGithubServer } from '../../../support/servers/github-server.ts';
import { startHttpProxy } from '../../../support/servers/http-proxy.ts';
import { startSshServer } from '../../../support/servers/ssh-server.ts';

const run = promisify(execFile);

describe('what a message of Git advises helps', () => {
  let server: GitServer;
  let cacheDir = '';
  let git: Git;

  beforeAll(async () => {
    server = await startGitServer();
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-git-remedies-'));
    git = createGit({ cacheDir });
  });

  afterAll(async () => {
    await git.dispose();
    await server.stop();
    await rm(cacheDir, { recursive: true, force: true });
  });

  async function read(access: RepositoryAccess, revision = ''): Promise<void> {
    const { sha } = await git.resolveRevision({ access, revision });
    const { release } = await git.checkout({ access, sha });
    await release();
  }

  /** The fault meets these words; after what they advise there is none any more. */
  async function follow(says: string, fault: () => Promise<unknown>, helped: () => Promise<unknown>) {
    expect((await problemsOf(fault)).join()).toContain(says);
    expect(await problemsOf(helped)).toEqual([]);
  }

  it('against a host key that is not known, and one that has changed, at any port', async () => {
    const ssh = await startSshServer();
    const repository = await server.createRepository('over-ssh', { 'a.yaml': 'a' });
    const url = ssh.url(repository.dir);
    const access = accessTo(url, { sshPrivateKey: ssh.privateKey });
    const scan = `ssh-keyscan -p ${ssh.port} 127.0.0.1`;
    /** What the command prints, as the server stores it. */
    const scanned = async (): Promise<string> => {
      const [command = '', ...args] = scan.split(' ');
      const { hosts, issues } = readKnownHosts((await run(command, args)).stdout, 'scan');
      expect(issues).toEqual([]);
      return hosts.map((host) => `${host.serverName} ${host.keyType} ${host.key}`).join('\n');
    };
    try {
      await follow(
        `its SSH host key is not known; compare it with what the host publishes and add it: ${scan} | keelson cert add-ssh --batch`,
        () => read(access),
        async () => read({ ...access, knownHosts: await scanned() }),
      );
      await follow(
        `If the host really has a new key, replace it: ${scan} | keelson cert add-ssh --batch --upsert`,
        () => read({ ...access, knownHosts: ssh.wrongKnownHosts }),
        async () => read({ ...access, knownHosts: await scanned() }),
      );
      const known = { ...access, knownHosts: ssh.knownHosts };
      await follow(
        'its SSH private key cannot be used; store an OpenSSH or PEM key without a passphrase in the repository',
        () => read({ ...known, credentials: { sshPrivateKey: 'no key' } }),
        () => read({ ...known, credentials: { sshPrivateKey: ssh.privateKeyPem } }),
      );
      await follow(
        'it asks for credentials and none are configured; add them to the repository',
        () => read({ ...known, credentials: {} }),
        () => read(known),
      );
      await follow(
        'it refused the configured credentials; renew them in the repository',
        () => read({ ...known, credentials: { sshPrivateKey: ssh.otherKey } }),
        () => read(known),
      );
    } finally {
      await ssh.stop();
    }
  });

  it('against a proxy that refuses', async () => {
    const { own } = goodCertificates;
    const secure = await startGitServer(own);
    const proxy = await startHttpProxy('pat', 'right');
    const { url } = await secure.createRepository('secure', { 'a.yaml': 'a' });
    const through = (password: string) => ({
      ...accessTo(url, { proxy: `http://pat:${password}@${proxy.host}` }),
      caBundle: own.bundle ?? '',
    });
    try {
      await follow(
        'its proxy refused or cannot be reached; check the proxy of the repository',
        () => read(through('wrong')),
        () => read(through('right')),
      );
    } finally {
      await Promise.all([secure.stop(), proxy.stop()]);
    }
  });

  it('against credentials that are missing, refused or not enough', async () => {
    const closed = await startGitServer();
    const { url } = await closed.createRepository('closed', { 'a.yaml': 'a' });
    closed.requireAuth('bob', 'right');
    const login = (password: string) => accessTo(url, { username: 'bob', password });
    try {
      await follow(
        'none are configured; add them to the repository',
        () => read(accessTo(url)),
        () => read(login('right')),
      );
      await follow(
        'it refused the configured credentials; renew them in the repository',
        () => read(login('old')),
        () => read(login('right')),
      );
      closed.failWith(403);
      await follow(
        'access is forbidden (403); give the configured credentials read access to it',
        () => read(login('right')),
        async () => {
          closed.failWith();
          await read(login('right'));
        },
      );
      closed.failWith(503);
      await follow(
        'the server failed to answer; it is tried again, look at the server if it stays',
        () => read(login('right')),
        async () => {
          closed.failWith();
          await read(login('right'));
        },
      );
      closed.failWith(302);
      await follow(
        'it sends to another address, where these credentials are not sent; use the address that it sends to',
        () => read(login('right')),
        async () => {
          closed.failWith();
          await read(login('right'));
        },
      );
    } finally {
      await closed.stop();
    }
  });

  it('against an address that is wrong', async () => {
    const { url, fileUrl } = await server.createRepository('right', { 'a.yaml': 'a' });
    const right = () => read(accessTo(url));
    await follow(
      'it was not found; check the address, and the credentials if it is private',
      () => read(accessTo(`${server.url}/wrong`)),
      right,
    );
    await follow(
      'its host name cannot be resolved (DNS); check the spelling and the DNS of the workers',
      () => read(accessTo('http://keelson.invalid/right')),
      right,
    );
    await follow(
      'the connection failed; check that the host is up and reachable from the workers',
      () => read(accessTo('http://127.0.0.1:1/right')),
      right,
    );
    await follow('the repository address is empty; set repoURL', () => read(accessTo('')), right);
    await follow(
      'the repository address has no usable host; write it as ssh://git@host/path',
      () => read(accessTo('ssh://-x/right')),
      right,
    );
    const usual = createGit({ cacheDir, protocols: ['https', 'http', 'ssh'] });
    try {
      await follow(
        'the repository address is not a URL; write it as https://host/path or http://host/path or git@host:path',
        () => usual.listRefs({ access: accessTo('right') }),
        () => usual.listRefs({ access: accessTo(url) }),
      );
      await follow(
        'file:// addresses are not allowed; use one of https://, http://, ssh://',
        () => usual.listRefs({ access: accessTo(fileUrl) }),
        () => usual.listRefs({ access: accessTo(url) }),
      );
    } finally {
      await usual.dispose();
    }
  });

  it('against a revision that is not there', async () => {
    const empty = await server.createRepository('empty');
    await follow(
      "unable to resolve 'HEAD' to a commit SHA",
      () => read(accessTo(empty.url)),
      async () => {
        await empty.commit({ 'a.yaml': 'a' });
        await read(accessTo(empty.url), 'main');
      },
    );
    const { url, tag, commit } = await server.createRepository('revisions', { 'a.yaml': 'a' });
    const sha = await commit({ 'a.yaml': 'b' });
    await tag('v1');
    for (const revision of ['main', 'v1', sha]) {
      await follow(
        'use an existing branch, tag or commit; branches: main',
        () => read(accessTo(url), 'mian'),
        () => read(accessTo(url), revision),
      );
    }
    await follow(
      'use a commit that was pushed and is still on a branch or tag',
      () => read(accessTo(url), 'a'.repeat(40)),
      () => read(accessTo(url), sha),
    );
  });

  it('against a GitHub App that is described wrongly', async () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const githubAppPrivateKey = pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const github = await startGithubServer({ id: '17', installation: '4711', publicPem });
    const closed = await startGitServer();
    const { url } = await closed.createRepository('team/repo', { 'a.yaml': 'a' });
    github.give('token', 3600);
    closed.requireAuth('x-access-token', 'token');
    const app = (more = {}) =>
      accessTo(url, {
        ...{ githubAppID: '17', githubAppInstallationID: '4711', githubAppPrivateKey },
        githubAppEnterpriseBaseUrl: github.url,
        ...more,
      });
    const right = () => read(app());
    try {
      await follow(
        'the app was refused; check its id, its private key and the clock of the workers',
        () => read(app({ githubAppID: '18' })),
        right,
      );
      await follow(
        'the app is not installed there; check the installation and its id',
        () => read(app({ githubAppInstallationID: '1' })),
        right,
      );
      await follow(
        'the private key of its GitHub App is no PEM key; store the file that GitHub gave',
        () => read(app({ githubAppPrivateKey: 'x' })),
        right,
      );
      await follow(
        'cannot be reached; check the enterprise base URL and the network',
        () => read(app({ githubAppEnterpriseBaseUrl: 'http://127.0.0.1:1/api/v3' })),
        right,
      );
    } finally {
      await Promise.all([github.stop(), closed.stop()]);
    }
  });

  it('against a symlink that leads out of the repository', async () => {
    const { url, commit } = await server.createRepository('links', { 'a.yaml': 'a' });
    await commit({ 'b.yaml': { symlink: '/etc/hostname' } });
    await follow(
      'replace it by the file or by a relative link inside the repository',
      () => read(accessTo(url)),
      async () => {
        await commit({ 'b.yaml': { symlink: 'a.yaml' } });
        await read(accessTo(url));
      },
    );
  });
});
