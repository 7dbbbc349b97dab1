import type { RepositoryCredentials } from './access.ts';
import { coveredBy } from './address.ts';

/** Credentials for every repository whose address a prefix covers. */
export type CredentialTemplate = { readonly url: string };

/** Fields that say as whom a repository is read; one of them set keeps every template away. */
const identity = [
  'username',
  'password',
  'bearerToken',
  'sshPrivateKey',
  'tlsClientCertData',
  'githubAppPrivateKey',
  'gcpServiceAccountKey',
] as const satisfies readonly (keyof RepositoryCredentials)[];

/** Whether a repository's own record says as whom it is read. */
export function hasIdentity(credentials: RepositoryCredentials | undefined): boolean {
  return identity.some((field) => (credentials?.[field] ?? '') !== '');
}

/** The template with the longest prefix that covers a repository; the first of equals. */
export function templateFor<Template extends CredentialTemplate>(
  templates: readonly Template[],
  url: string,
): Template | undefined {
  let best: { readonly template: Template; readonly length: number } | undefined;
  for (const template of templates) {
    const length = coveredBy(template.url, url);
    if (length !== undefined && (best === undefined || length > best.length)) best = { template, length };
  }
  return best?.template;
}

/**
 * A repository's credentials completed from its template. What the repository says itself stays; whether certificates
 * are checked, LFS and depth are never the template's business.
 */
export function completedBy(
  own: RepositoryCredentials | undefined,
  template: RepositoryCredentials,
): RepositoryCredentials {
  const { insecure: _insecure, enableLfs: _lfs, depth: _depth, ...given } = template;
  return { ...given, ...own };
}
