import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe } from 'vitest';
import { formatIssue } from '../../../core/issue.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { readDeclaredSources } from '../../../core/repository/declarative.ts';
import { formatKnownHosts, wellKnownHosts } from '../../../core/repository/known-hosts.ts';
import { repositoryUrlFault } from '../../../core/repository/url-fault.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { readCertificates } from '../../../platform/keys/certificate.ts';
import { readPgpKeys } from '../../../platform/keys/pgp-key.ts';
import { type Followed, followEach, problemsOf } from '../../support/hostile/remedies.ts';
import { armoredKey } from '../../support/render/pgp-key.ts';

const problemsOfManifest = (manifest: Manifest): string[] =>
  readDeclaredSources([manifest]).issues.map(formatIssue);

function secret(stringData: Record<string, unknown>, data: Record<string, unknown> = {}): Manifest {
  const labels = { 'argocd.argoproj.io/secret-type': 'repository' };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'one', labels }, stringData, data };
}

const configMap = (name: string, data: Record<string, unknown>): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

const url = 'https://git.example.com/a.git';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

/** Rows of the words of a repository's Secret. */
const words = (says: string, fault: object, helped: object): Followed<Manifest> => [
  says,
  secret({ url, ...fault }),
  secret({ url, ...helped }),
];
const app = { githubAppPrivateKey: key, githubAppID: '1', githubAppInstallationID: '2' };

describe('the Secret of a repository', () => {
  followEach(problemsOfManifest, [
    ['url is missing; add the address of the repository', secret({}), secret({ url })],
    ...['git', 'helm', 'oci'].map((type) =>
      words('type is none of git, helm and oci; correct it', { type: 'svn' }, { type }),
    ),
    words('enableLfs is neither true nor false; correct it', { enableLfs: 'yes' }, { enableLfs: 'true' }),
    words('depth is not a whole number; correct it', { depth: 'few' }, { depth: '3' }),
    words(
      'Azure identities are not supported yet; use username and password or a token',
      { useAzureWorkloadIdentity: 'true' },
      { username: 'a', password: 'b' },
    ),
    words(
      'Azure identities are not supported yet; use username and password or a token',
      { useAzureWorkloadIdentity: 'true' },
      { bearerToken: 'b' },
    ),
    [
      'data.url is not base64; encode it or move it to stringData',
      secret({}, { url }),
      secret({}, { url: btoa(url) }),
    ],
    ['data.url is not base64; encode it or move it to stringData', secret({}, { url }), secret({ url })],
    [
      'stringData.depth must be a text; put it in quotes',
      secret({ url, depth: 3 }),
      secret({ url, depth: '3' }),
    ],
    words(
      'sshPrivateKey is not a private key; give the whole file, from -----BEGIN to -----END',
      { sshPrivateKey: key.split('\n').slice(1, -2).join('\n') },
      { sshPrivateKey: key },
    ),
    words(
      'a TLS client certificate needs tlsClientCertData and tlsClientCertKey; give both',
      { tlsClientCertData: certificate },
      { tlsClientCertData: certificate, tlsClientCertKey: key },
    ),
    words(
      'tlsClientCertData is not a certificate; give it in PEM',
      { tlsClientCertData: 'MIIB', tlsClientCertKey: key },
      { tlsClientCertData: certificate, tlsClientCertKey: key },
    ),
    words(
      'tlsClientCertKey is not a private key; give it in PEM',
      { tlsClientCertData: certificate, tlsClientCertKey: 'MIIB' },
      { tlsClientCertData: certificate, tlsClientCertKey: key },
    ),
    words(
      'githubAppPrivateKey is not a private key; give it in PEM',
      { ...app, githubAppPrivateKey: 'MIIB' },
      app,
    ),
    words(
      'a GitHub App needs githubAppID and githubAppInstallationID, both numbers; add them',
      { ...app, githubAppID: '' },
      app,
    ),
  ]);
});

const hosts = (text: unknown): Manifest => configMap('argocd-ssh-known-hosts-cm', { ssh_known_hosts: text });
const line = formatKnownHosts(wellKnownHosts.slice(0, 1));
const [host = '', type = '', hostKey = ''] = line.trim().split(' ');

describe('the ConfigMaps of hosts and certificates', () => {
  followEach(problemsOfManifest, [
    ['ssh_known_hosts is missing; add it', configMap('argocd-ssh-known-hosts-cm', {}), hosts(line)],
    [
      "@cert-authority lines are not supported; register the host's own key instead",
      hosts(`@cert-authority ${line}`),
      hosts(line),
    ],
    [
      `"${host}" is no type of a host key; write it as ssh-keyscan prints it: HOST TYPE KEY`,
      hosts(`${type} ${host} ${hostKey}`),
      hosts(line),
    ],
    [
      'the key is damaged; copy the whole line again',
      hosts(`${host} ${type} ${hostKey.slice(20)}`),
      hosts(line),
    ],
    [
      'holds no certificate; give it in PEM, from -----BEGIN CERTIFICATE-----',
      configMap('argocd-tls-certs-cm', { 'a.example.com': 'MIIB' }),
      configMap('argocd-tls-certs-cm', { 'a.example.com': certificate }),
    ],
  ]);
});

describe('the URL of a repository', () => {
  followEach(
    (text: string) => [repositoryUrlFault(text) ?? []].flat(),
    [
      ['is empty; name the repository', '', url],
      [`"${url} " has white space; remove it`, `${url} `, url],
      [
        '"https://git.example.com/a/../b" has a folder "." or ".."; write the address without it',
        'https://git.example.com/a/../b',
        'https://git.example.com/b',
      ],
      ...[url, 'ssh://git@git.example.com/a', 'git@git.example.com:a.git'].map(
        (helped): Followed<string> => [
          '"git.example.com/a" is not a repository URL; write it as https://host/path, ssh://user@host/path or user@host:path',
          'git.example.com/a',
          helped,
        ],
      ),
      ...['https', 'ssh'].map(
        (scheme): Followed<string> => [
          '"ftp://" can\'t be read; use https:// or ssh://',
          'ftp://git.example.com/a',
          `${scheme}://git.example.com/a`,
        ],
      ),
      [
        'carries a password; remove it and add the repository with its credentials instead',
        'https://a:b@git.example.com/a',
        'https://git.example.com/a',
      ],
      ['names no host; add it after the slashes', 'ssh:///a', 'ssh://git.example.com/a'],
    ],
  );
});

const packet = Buffer.from(armoredKey.split('\n').slice(2, 7).join(''), 'base64');
const blockOf = (bytes: Buffer): string =>
  `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${bytes.toString('base64')}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
const older = Buffer.from(packet);
older[2] = 3;

describe('a GnuPG key', () => {
  followEach(
    (text: string) => problemsOf(() => readPgpKeys(text)),
    [
      ['is no armored key; export it with gpg --armor --export', packet.toString('latin1'), armoredKey],
      [
        'is a secret key, which stays with its owner; export the public one with gpg --armor --export',
        armoredKey.replace('mDMEawHM', 'lDMEawHM').replaceAll('PUBLIC', 'PRIVATE'),
        armoredKey,
      ],
      ['holds no public key; export it with gpg --armor --export', blockOf(Buffer.alloc(0)), armoredKey],
      ['has a version that is not supported; use a version 4 key', blockOf(older), armoredKey],
      ['is damaged; export it again', blockOf(packet.subarray(0, -9)), armoredKey],
    ],
  );
});

describe('a certificate', () => {
  followEach(
    (text: string) => problemsOf(() => readCertificates(text, 'git.example.com')),
    [
      ['git.example.com: holds no certificate; give it in PEM', 'MIIB', rootCertificates[0] ?? ''],
      [
        'git.example.com: a certificate is damaged; copy it again as a whole',
        certificate,
        rootCertificates[0] ?? '',
      ],
    ],
  );
});

describe('KEELSON_ENCRYPTION_KEY', () => {
  const old = generateKey();
  const sealed = createKeyring(old).seal('setting', 'settings/a', Buffer.from('kept'));
  followEach(
    (ring) => problemsOf(() => createKeyring(ring).open('setting', 'settings/a', sealed)),
    [
      [
        'encryption key k1 is not in KEELSON_ENCRYPTION_KEY; add it after the active key, separated by a comma',
        generateKey().replace('k1:', 'k2:'),
        `${generateKey().replace('k1:', 'k2:')},${old}`,
      ],
    ],
  );
});

describe('KEELSON_ENCRYPTION_KEY as it is written', () => {
  const key = randomBytes(32).toString('base64');
  followEach(
    (spec: string) => problemsOf(() => createKeyring(spec)),
    [
      [
        'correct it, as what is stored can be read with the same key only; a new installation makes one with openssl rand -base64 32',
        key.slice(3),
        key,
      ],
      [
        'write k2:<new key>,k1:<key so far>, each key with the id that it has always had',
        `${randomBytes(32).toString('base64')},${key}`,
        `k2:${randomBytes(32).toString('base64')},k1:${key}`,
      ],
    ],
  );
});
