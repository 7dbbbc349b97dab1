import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../../activities/git/git.ts';
import { accessTo, type RepositoryCredentials } from '../../../../core/repository/access.ts';
import { createAuthority } from '../../../../local/kubernetes/authority.ts';
import { followEach, problemsOf } from '../../../support/hostile/remedies.ts';
import { startAnswering } from '../../../support/servers/answering-server.ts';
import {
  expiredCertificate,
  faultyCertificates,
  goodCertificates,
  type Shown,
} from '../../../support/servers/faulty-certificates.ts';
import { startGitServer } from '../../../support/servers/git-server.ts';
import { startGithubServer } from '../../../support/servers/github-server.ts';
import { startHttpProxy } from '../../../support/servers/http-proxy.ts';

const { own, foreign } = goodCertificates;
let cacheDir = '';
let git: Git;

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'keelson-git-tls-'));
  git = createGit({ cacheDir, privateHosts: ['127.0.0.0/8', '::1'] });
});

afterAll(async () => {
  await git.dispose();
  await rm(cacheDir, { recursive: true, force: true });
});

type Reading = { readonly bundle?: string | undefined; readonly credentials?: RepositoryCredentials };

function problemsOfListing(url: string, { bundle, credentials }: Reading): Promise<string[]> {
  const access = { ...accessTo(url, credentials), ...(bundle === undefined ? {} : { caBundle: bundle }) };
  return problemsOf(() => git.listRefs({ access }));
}

const otherFault =
  'TLS failed, and not for its own certificate; use the address that it sends to, or let it offer TLS 1.2 or 1.3 with usual ciphers';

describe('a Git server over TLS', () => {
  const readShown = async (
    { bundle, as = '127.0.0.1', ...pair }: Shown,
    proxy?: string,
  ): Promise<string[]> => {
    const server = await startGitServer(pair);
    const { url } = await server.createRepository('deploy', { 'a.yaml': 'a' });
    try {
      const credentials = proxy === undefined ? {} : { proxy };
      return await problemsOfListing(url.replace('127.0.0.1', as), { bundle, credentials });
    } finally {
      await server.stop();
    }
  };
  followEach<Shown>(readShown, faultyCertificates);

  it('is looked at through the proxy of its repository', async () => {
    const proxy = await startHttpProxy('pat', 'right');
    const [says, fault, helped] = expiredCertificate;
    const address = `http://pat:right@${proxy.host}`;
    try {
      expect((await readShown(fault, address)).join()).toContain(says);
      expect(proxy.asked).toHaveLength(2);
      expect(await readShown(helped, address)).toEqual([]);
    } finally {
      await proxy.stop();
    }
  });

  it('that wants to know who asks is shown a certificate', async () => {
    const clients = createAuthority();
    const { keyPem, certificatePem } = clients.issue({ subject: { name: 'keelson' }, use: 'client' });
    const strict = { requestCert: true, rejectUnauthorized: true, ca: clients.certificatePem };
    const server = await startGitServer({ ...own, ...strict });
    const { url } = await server.createRepository('deploy', { 'a.yaml': 'a' });
    const credentials = { tlsClientCertData: certificatePem, tlsClientCertKey: keyPem };
    try {
      expect((await problemsOfListing(url, own)).join()).toContain(
        'it asks for a TLS client certificate or refuses the one given; add another with its key',
      );
      expect(await problemsOfListing(url, { ...own, credentials })).toEqual([]);
    } finally {
      await server.stop();
    }
  });

  it('that leads to another one is asked for by the address of that', async () => {
    const other = await startGitServer(foreign);
    const { url } = await other.createRepository('deploy', { 'a.yaml': 'a' });
    const there = url.replace('127.0.0.1', 'localhost');
    const leading = await startAnswering(
      (request, reply) => reply.writeHead(302, { location: `${there}${request.url}` }).end(),
      own,
    );
    try {
      expect((await problemsOfListing(leading.url(), own)).join()).toContain(otherFault);
      expect(await problemsOfListing(there, foreign)).toEqual([]);
    } finally {
      await Promise.all([other.stop(), leading.stop()]);
    }
  });

  it('that has no usual ciphers gets some', async () => {
    const odd = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-ARIA128-GCM-SHA256' } as const;
    const server = await startGitServer({ ...own, ...odd });
    const { url } = await server.createRepository('deploy', { 'a.yaml': 'a' });
    expect((await problemsOfListing(url, own)).join()).toContain(otherFault);
    await server.stop();
    const usual = await startGitServer(own);
    const again = await usual.createRepository('deploy', { 'a.yaml': 'a' });
    expect(await problemsOfListing(again.url, own)).toEqual([]);
    await usual.stop();
  });
});

describe('the API of a GitHub server over TLS', () => {
  it('has a certificate of an authority that is registered for the repository', async () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const githubAppPrivateKey = pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const app = { id: '17', installation: '4711', publicPem };
    const [api, server] = [await startGithubServer(app, own), await startGitServer(own)];
    api.give('token', 3600);
    server.requireAuth('x-access-token', 'token');
    const { url } = await server.createRepository('team/repo', { 'a.yaml': 'a' });
    const credentials = {
      ...{ githubAppID: '17', githubAppInstallationID: '4711', githubAppPrivateKey },
      githubAppEnterpriseBaseUrl: api.url,
    };
    try {
      expect((await problemsOfListing(url, { credentials })).join()).toContain(
        `of ${new URL(api.url).host} is signed by an authority that is not trusted; register the authority: keelson cert add-tls 127.0.0.1`,
      );
      expect(await problemsOfListing(url, { ...own, credentials })).toEqual([]);
    } finally {
      await Promise.all([api.stop(), server.stop()]);
    }
  });
});
