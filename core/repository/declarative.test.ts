import { describe, expect, test } from 'vitest';
import type { Manifest } from '../object/manifest/manifest.ts';
import { readDeclaredSources } from './declarative.ts';
import { wellKnownHosts } from './known-hosts.ts';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

function secret(type: string, words: Record<string, unknown>, block = 'stringData'): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'one', namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': type } },
    [block]: words,
  };
}

function configMap(name: string, data: Record<string, string>): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'argocd' }, data };
}

const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n';
const url = 'https://github.com/my-org/my-private-repo.git';

describe('core/repository/declarative', () => {
  test('reads a repository Secret from stringData and from data', () => {
    const words = { type: 'git', url, username: 'git', password: 'canary', project: 'team', depth: '3' };
    const encoded = Object.fromEntries(Object.entries(words).map(([name, text]) => [name, base64(text)]));
    for (const manifest of [secret('repository', words), secret('repository', encoded, 'data')]) {
      expect(readDeclaredSources([manifest])).toMatchObject({
        repositories: [
          {
            url,
            type: 'git',
            name: '',
            project: 'team',
            credentials: { username: 'git', password: 'canary', depth: 3 },
          },
        ],
        issues: [],
      });
    }
  });

  test('reads credential templates, old and new words, and every kind of credentials', () => {
    const declared = readDeclaredSources([
      secret('repo-creds', { url: 'https://github.com/my-org', password: 'x' }),
      secret('repository', {
        url: 'git@github.com:a/b.git',
        sshPrivateKey: key,
        insecureIgnoreHostKey: 'true',
      }),
      secret('repository', {
        url: 'registry-1.docker.io/bitnamicharts',
        type: 'helm',
        name: 'bitnami',
        enableOCI: 'true',
        insecure: 'false',
      }),
      secret('repository', {
        url: 'https://ghe.example.com/a/b',
        githubAppID: '12345',
        githubAppInstallationID: '67890',
        githubAppPrivateKey: key,
      }),
    ]);
    expect(declared.issues).toEqual([]);
    expect(declared.templates).toEqual([
      { url: 'https://github.com/my-org', type: 'git', credentials: { password: 'x' } },
    ]);
    expect(declared.repositories.map(({ credentials }) => credentials)).toEqual([
      { sshPrivateKey: key, insecure: true },
      { enableOCI: true },
      { githubAppID: '12345', githubAppInstallationID: '67890', githubAppPrivateKey: key },
    ]);
  });

  test('reads the ConfigMaps beside them and passes other objects over', () => {
    const [github] = wellKnownHosts;
    const line = `[ssh.github.com]:443,github.com ${github?.keyType} ${github?.key}`;
    const declared = readDeclaredSources([
      configMap('argocd-ssh-known-hosts-cm', { ssh_known_hosts: `# public hosts\n\n${line}\n` }),
      configMap('argocd-tls-certs-cm', { 'git.example.com': pem }),
      configMap('argocd-gpg-keys-cm', { '4AEE18F83AFDEB23': 'armored' }),
      configMap('argocd-cm', { url: 'https://x' }),
      secret('cluster', { name: 'x' }),
    ]);
    expect(declared.knownHosts.map(({ serverName }) => serverName)).toEqual([
      '[ssh.github.com]:443',
      'github.com',
    ]);
    expect(declared.certificates).toEqual([{ serverName: 'git.example.com', pem }]);
    expect(declared).toMatchObject({ gpgKeys: ['armored'], passedOver: 2, issues: [] });
  });

  test.each<[string, Manifest, RegExp]>([
    ['no URL', secret('repository', { password: 'canary' }), /url is missing; add/],
    ['an unknown type', secret('repository', { url, type: 'svn' }), /none of git, helm and oci/],
    ['an odd flag', secret('repository', { url, insecure: 'canary' }), /insecure is neither true nor false/],
    ['a depth in words', secret('repository', { url, depth: 'canary' }), /depth is not a whole number/],
    [
      'a cut key',
      secret('repository', { url, sshPrivateKey: 'canary' }),
      /sshPrivateKey is not a private key/,
    ],
    ['half a certificate', secret('repo-creds', { url, tlsClientCertData: pem }), /give both/],
    ['a nameless app', secret('repository', { url, githubAppPrivateKey: key }), /needs githubAppID/],
    ['broken base64', secret('repository', { url: 'canary!' }, 'data'), /data.url is not base64/],
    ['a number', secret('repository', { url, password: 123 }), /stringData.password must be a text/],
    [
      'an Azure identity',
      secret('repository', { url, useAzureWorkloadIdentity: 'true' }),
      /not supported yet/,
    ],
    ['no hosts', configMap('argocd-ssh-known-hosts-cm', {}), /ssh_known_hosts is missing/],
    [
      'an authority',
      configMap('argocd-ssh-known-hosts-cm', { ssh_known_hosts: '@cert-authority * ssh-rsa A' }),
      /not supported/,
    ],
    [
      'a cut host key',
      configMap('argocd-ssh-known-hosts-cm', { ssh_known_hosts: 'x ssh-rsa canary' }),
      /damaged/,
    ],
    [
      'no certificate',
      configMap('argocd-tls-certs-cm', { 'git.example.com': 'canary' }),
      /holds no certificate/,
    ],
  ])('names the object and the remedy for %s, and repeats no value', (_what, manifest, message) => {
    const { issues, repositories, templates, knownHosts, certificates } = readDeclaredSources([manifest]);
    expect(issues).toHaveLength(1);
    expect(issues[0]?.message).toMatch(message);
    expect(issues[0]?.path).toContain(manifest.metadata.name);
    expect(JSON.stringify(issues)).not.toContain('canary');
    expect([...repositories, ...templates, ...knownHosts, ...certificates]).toEqual([]);
  });
});
