import { describe, expect, it } from 'vitest';
import { credentialsFromClusterSecret } from '../../../../cluster/access/cluster-secret.ts';
import type { Manifest } from '../../../object/manifest/manifest.ts';
import { encodeBase64, encodeSecret } from '../../../object/manifest/secret.ts';
import { readRepositoryWords, readTemplateWords } from '../../../repository/declarative.ts';
import type { RepositoryRecord } from '../../../repository/record.ts';
import { readSettingsObject } from '../settings-object.ts';
import { clusterSecret } from './cluster-secret.ts';
import { clusterSecretName, sourceSecretName } from './secret-name.ts';
import { valuesOfSecret } from './secret-values.ts';
import { changedRepositorySecret, repositorySecret, templateSecret } from './source-secret.ts';
import { withCertificates, withKnownHosts } from './trust-maps.ts';

const pem = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;

const record: RepositoryRecord = {
  url: 'https://example.com/team/repository.git',
  type: 'git',
  name: 'ours',
  project: 'team',
  credentials: {
    username: 'user',
    password: 'secret',
    sshPrivateKey: pem('OPENSSH PRIVATE KEY'),
    tlsClientCertData: pem('CERTIFICATE'),
    tlsClientCertKey: pem('PRIVATE KEY'),
    githubAppID: '1',
    githubAppInstallationID: '2',
    githubAppPrivateKey: pem('RSA PRIVATE KEY'),
    githubAppEnterpriseBaseUrl: 'https://github.example.com/api/v3',
    gcpServiceAccountKey: '{}',
    bearerToken: 'token',
    proxy: 'http://proxy.example.com:3128',
    noProxy: 'example.org',
    insecure: true,
    insecureOCIForceHttp: true,
    enableLfs: true,
    enableOCI: true,
    forceHttpBasicAuth: true,
    depth: 3,
  },
};

describe('names of Secrets', () => {
  it.each([
    ['git://git@github.com:argoproj/ARGO-cd.git', '', 'repo-83273445'],
    ['git://git@github.com:argoproj/ARGO-cd.git', 'foobar', 'repo-2733415816'],
    ['https://github.com/argoproj/ARGO-cd', '', 'repo-1890113693'],
    ['https://github.com/argoproj/ARGO-cd', 'foobar', 'repo-4161185408'],
  ])('are those of the reference: %s of project "%s"', (url, project, name) => {
    expect(sourceSecretName('repo', { url, project })).toBe(name);
  });

  it.each([
    ['http://[fe80::1ff:fe23:4567:890a]:8000', 'cluster-fe80--1ff-fe23-4567-890a-664858999'],
    ['https://K8S.example.com:6443', /^cluster-k8s\.example\.com-\d+$/],
  ])('of clusters hold the host: %s', (server, name) => {
    expect(clusterSecretName(server)).toMatch(name);
  });
});

describe('a repository as a Secret', () => {
  it('says everything that is known of it', () => {
    const secret = encodeSecret(repositorySecret('argocd', record));
    expect(secret.metadata).toEqual({
      namespace: 'argocd',
      name: sourceSecretName('repo', record),
      labels: { 'argocd.argoproj.io/secret-type': 'repository' },
      annotations: { 'managed-by': 'argocd.argoproj.io' },
    });
    expect(readSettingsObject(secret)).toMatchObject({ role: 'repository' });
    expect(readRepositoryWords(valuesOfSecret(secret))).toEqual({ record });
  });

  it('leaves out what is not set', () => {
    const plain = { ...record, name: '', project: '', credentials: {} };
    expect(repositorySecret('argocd', plain)['stringData']).toEqual({ url: record.url, type: 'git' });
  });

  it('is a template without name and project', () => {
    const { name: _, project: __, ...template } = record;
    const secret = encodeSecret(templateSecret('argocd', template));
    expect(readSettingsObject(secret)).toMatchObject({ role: 'template' });
    expect(readTemplateWords(valuesOfSecret(secret))).toEqual({ record: template });
  });
});

describe('a changed Secret', () => {
  const live = (data: Record<string, string>): Manifest => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'by-hand', namespace: 'argocd', labels: { team: 'a' } },
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, encodeBase64(text)])),
  });
  const of = (credentials: RepositoryRecord['credentials']): RepositoryRecord => ({
    ...{ url: 'https://example.com/a.git', type: 'git', name: '', project: '', credentials },
  });
  const known = { url: 'https://example.com/a.git', username: 'user', password: 'old\n' };

  it('keeps what nobody changes as it was written, what is nothing of ours, and its own name and labels', () => {
    const before = live({ ...known, note: 'ours' });
    const after = changedRepositorySecret(before, of({ username: 'other', password: 'old' }));
    expect(after.metadata).toEqual(before.metadata);
    expect(valuesOfSecret(after)).toEqual({ ...known, username: 'other', note: 'ours' });
  });

  it('loses what the repository has no longer', () => {
    const before = live({ ...known, insecureIgnoreHostKey: 'true', sshPrivateKey: 'broken' });
    const after = changedRepositorySecret(before, of({ password: 'new' }));
    expect(readRepositoryWords(valuesOfSecret(after))).toEqual({ record: of({ password: 'new' }) });
  });

  it('trusts a host as its old name says only for as long as the repository does', () => {
    const before = live({ ...known, insecureIgnoreHostKey: 'true' });
    const same = changedRepositorySecret(before, of({ username: 'ann', password: 'old', insecure: true }));
    expect(valuesOfSecret(same)).toEqual({ ...known, username: 'ann', insecureIgnoreHostKey: 'true' });
    const after = changedRepositorySecret(before, of({ username: 'user', password: 'old' }));
    expect(valuesOfSecret(after)).toEqual(known);
  });

  it('keeps bytes that are no text', () => {
    const before = { ...live(known), data: { ...(live(known)['data'] as object), raw: '/w==' } };
    expect(changedRepositorySecret(before, of({}))['data']).toMatchObject({ raw: '/w==' });
  });
});

describe('a cluster as a Secret', () => {
  const cluster = {
    name: 'production',
    server: 'https://k8s.example.com:6443/',
    project: 'team',
    namespaces: ['a', 'b'],
    clusterResources: true,
    labels: { environment: 'production' },
    annotations: { note: 'ours' },
    credentials: {
      tls: {
        caData: pem('CERTIFICATE'),
        certData: pem('CERTIFICATE'),
        keyData: pem('PRIVATE KEY'),
        serverName: 'k8s',
      },
      bearerToken: 'token',
    },
  };

  it('says how it is reached and what of it is ours', () => {
    const { secret } = clusterSecret('argocd', cluster);
    const object = readSettingsObject(encodeSecret(secret as Manifest));
    expect(object).toMatchObject({
      role: 'cluster',
      labels: { environment: 'production' },
      annotations: { note: 'ours', 'managed-by': 'argocd.argoproj.io' },
      values: {
        name: 'production',
        server: 'https://k8s.example.com:6443',
        project: 'team',
        namespaces: 'a,b',
        clusterResources: 'true',
      },
    });
    const config = object?.values['config'] ?? '';
    expect(credentialsFromClusterSecret('production', 'https://k8s.example.com:6443', config)).toMatchObject({
      tls: cluster.credentials.tls,
      bearerToken: 'token',
    });
  });

  it.each([
    [{ exec: { command: 'aws' } }, 'a command of this machine'],
    [{ tokenFile: '/token' }, 'a token in a file of this machine'],
    [{ impersonate: { user: 'a' } }, 'as somebody else'],
  ])('is none where its identity belongs to this machine: %j', (identity, words) => {
    const { secret, fault } = clusterSecret('argocd', { ...cluster, credentials: { tls: {}, ...identity } });
    expect(secret).toBeUndefined();
    expect(fault).toContain(words);
  });
});

describe('maps of what servers prove themselves with', () => {
  const text = '# ours\na.example.com,b.example.com ssh-rsa AAAA comment\nc.example.com ssh-rsa BBBB';

  it('have a host key replaced or forgotten, and keep the other lines and comments', () => {
    const key = { serverName: 'b.example.com', keyType: 'ssh-rsa', key: 'CCCC' };
    expect(withKnownHosts(text, [key])).toBe(
      '# ours\na.example.com ssh-rsa AAAA comment\nc.example.com ssh-rsa BBBB\nb.example.com ssh-rsa CCCC\n',
    );
    const gone = { serverName: 'c.example.com', keyType: 'ssh-rsa' };
    expect(withKnownHosts(text, [], [gone])).toBe(
      '# ours\na.example.com,b.example.com ssh-rsa AAAA comment\n',
    );
    expect(withKnownHosts(text, [], [{ ...gone, keyType: 'ssh-ed25519' }])).toBe(`${text}\n`);
    expect(withKnownHosts('', [key])).toBe('b.example.com ssh-rsa CCCC\n');
  });

  it('have a bundle replaced or forgotten in whatever case its host is written', () => {
    const values = { 'A.example.com': 'old', 'b.example.com': 'kept' };
    expect(withCertificates(values, [{ serverName: 'a.example.com', pem: 'new' }])).toEqual({
      'b.example.com': 'kept',
      'a.example.com': 'new',
    });
    expect(withCertificates(values, [], [{ serverName: 'a.example.com' }])).toEqual({
      'b.example.com': 'kept',
    });
  });
});
