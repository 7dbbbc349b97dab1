import type { RepositoryCredentials } from './access.ts';
import type { RepositoryType } from './words.ts';

/** A repository as somebody registers it. */
export type RepositoryRecord = {
  readonly url: string;
  readonly type: RepositoryType;
  readonly name: string;
  /** Whose applications it is for; empty for all. */
  readonly project: string;
  readonly credentials: RepositoryCredentials;
};

/** Credentials for all repositories below an address. */
export type TemplateRecord = {
  readonly url: string;
  readonly type: RepositoryType;
  readonly credentials: RepositoryCredentials;
};

/** A certificate bundle that is trusted for one host instead of the system's. */
export type TlsCertificate = { readonly serverName: string; readonly pem: string };

export const credentialTexts = [
  'username',
  'password',
  'bearerToken',
  'sshPrivateKey',
  'tlsClientCertData',
  'tlsClientCertKey',
  'githubAppID',
  'githubAppInstallationID',
  'githubAppPrivateKey',
  'githubAppEnterpriseBaseUrl',
  'gcpServiceAccountKey',
  'proxy',
  'noProxy',
] as const satisfies readonly (keyof RepositoryCredentials)[];

export const credentialFlags = [
  'insecure',
  'insecureOCIForceHttp',
  'enableLfs',
  'enableOCI',
  'forceHttpBasicAuth',
] as const satisfies readonly (keyof RepositoryCredentials)[];

/** Why credentials can't work as they are, with the remedy; undefined when nothing is wrong to the eye. */
export function credentialsFault(credentials: RepositoryCredentials): string | undefined {
  const { sshPrivateKey, tlsClientCertData, tlsClientCertKey, githubAppPrivateKey } = credentials;
  if (sshPrivateKey !== undefined && !isPrivateKey(sshPrivateKey)) {
    return 'sshPrivateKey is not a private key; give the whole file, from -----BEGIN to -----END';
  }
  if ((tlsClientCertData === undefined) !== (tlsClientCertKey === undefined)) {
    return 'a TLS client certificate needs tlsClientCertData and tlsClientCertKey; give both';
  }
  if (tlsClientCertData !== undefined && pemBlocks(tlsClientCertData, 'CERTIFICATE').length === 0) {
    return 'tlsClientCertData is not a certificate; give it in PEM';
  }
  if (tlsClientCertKey !== undefined && !isPrivateKey(tlsClientCertKey)) {
    return 'tlsClientCertKey is not a private key; give it in PEM';
  }
  if (githubAppPrivateKey === undefined) return undefined;
  if (!isPrivateKey(githubAppPrivateKey)) return 'githubAppPrivateKey is not a private key; give it in PEM';
  const ids = [credentials.githubAppID, credentials.githubAppInstallationID];
  if (ids.every((id) => /^[1-9]\d*$/.test(id ?? ''))) return undefined;
  return 'a GitHub App needs githubAppID and githubAppInstallationID, both numbers; add them';
}

function isPrivateKey(text: string): boolean {
  const begin = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/.exec(text);
  if (begin === null) return false;
  return /-----END [A-Z ]{0,40}PRIVATE KEY-----/.test(text.slice(begin.index + begin[0].length + 1));
}

/** The blocks of a PEM text with this label. */
export function pemBlocks(text: string, label: string): string[] {
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
  const blocks: string[] = [];
  for (let start = text.indexOf(begin); start !== -1; ) {
    const body = start + begin.length;
    // No base64 has a dash, so the first one has to begin the end.
    const stop = text.indexOf('-', body);
    if (stop === -1) break;
    if (text.startsWith(end, stop) && /^[A-Za-z0-9+/=\s]+$/.test(text.slice(body, stop))) {
      blocks.push(text.slice(start, stop + end.length));
    }
    start = text.indexOf(begin, stop);
  }
  return blocks;
}
