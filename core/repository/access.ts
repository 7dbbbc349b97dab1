import type { RepositoryType } from './words.ts';

/** What somebody has given to reach a repository, a registry or a template of them; all optional, empty is anonymous. */
export type RepositoryCredentials = {
  readonly username?: string;
  readonly password?: string;
  readonly bearerToken?: string;
  /** PEM or OpenSSH text. */
  readonly sshPrivateKey?: string;
  /** PEM. */
  readonly tlsClientCertData?: string;
  /** PEM. */
  readonly tlsClientCertKey?: string;
  readonly githubAppID?: string;
  readonly githubAppInstallationID?: string;
  /** PEM. */
  readonly githubAppPrivateKey?: string;
  readonly githubAppEnterpriseBaseUrl?: string;
  /** The JSON of a Google service account's key. */
  readonly gcpServiceAccountKey?: string;
  /** Whether the server's certificate or host key is not checked. */
  readonly insecure?: boolean;
  /** Whether an OCI registry is spoken to without TLS. */
  readonly insecureOCIForceHttp?: boolean;
  readonly enableLfs?: boolean;
  readonly enableOCI?: boolean;
  readonly proxy?: string;
  /** Comma-separated hosts that are reached without the proxy. */
  readonly noProxy?: string;
  readonly forceHttpBasicAuth?: boolean;
  /** Commits of history to fetch; zero or none is all that a render needs. */
  readonly depth?: number;
};

/** Everything that reading one repository takes, from its own record, the templates and the certificates. */
export type RepositoryAccess = {
  /** As the application writes it. */
  readonly url: string;
  readonly type: RepositoryType;
  readonly credentials: RepositoryCredentials;
  /** Lines of a known_hosts file; empty when none is registered. */
  readonly knownHosts: string;
  /** PEM bundle that is trusted for the repository's host instead of the system's. */
  readonly caBundle?: string;
  /** Whether a source named the address and nothing is registered for it: it may not be private unless it is opened. */
  readonly fromSource?: boolean;
};

/** Access with nothing but what one knows of the repository itself: no templates, no certificates. */
export function accessTo(url: string, credentials: RepositoryCredentials = {}): RepositoryAccess {
  return { url, type: 'git', credentials, knownHosts: '' };
}
