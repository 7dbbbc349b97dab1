import type { CertificateBody } from '../trust.ts';
import { type ApiRequest, flag } from './request.ts';

const repositories = 'api/v1/repositories';
const templates = 'api/v1/repocreds';
const certificates = 'api/v1/certificates';
const gpgKeys = 'api/v1/gpgkeys';

/** Fields of a repository or template; those that are left out are not set. */
export type RepositoryFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Whether what is there is changed, instead of a refusal. */
export type Upserting = { readonly upsert: boolean };

/** Which certificates are meant; a pattern is a glob over host names. */
export type CertificateFilter = {
  readonly hostNamePattern?: string | undefined;
  readonly certType?: string | undefined;
  readonly certSubType?: string | undefined;
};

/** Registered repositories; with `refresh` their connections are tested first. */
export function listRepositories({
  refresh = false,
}: {
  readonly refresh?: boolean;
} = {}): ApiRequest<'RepositoryList'> {
  return {
    method: 'GET',
    path: repositories,
    query: { forceRefresh: flag(refresh) },
    reply: 'RepositoryList',
  };
}

/** One registered repository. */
export function getRepository(
  url: string,
  { project, refresh }: { readonly project?: string | undefined; readonly refresh: boolean },
): ApiRequest<'Repository'> {
  const query = { appProject: project, forceRefresh: flag(refresh) };
  return { method: 'GET', path: `${repositories}/${inPath(url)}`, query, reply: 'Repository' };
}

/** Registers a repository after a connection test. */
export function addRepository(body: RepositoryFields, { upsert }: Upserting): ApiRequest<'Repository'> {
  return { method: 'POST', path: repositories, query: { upsert: flag(upsert) }, body, reply: 'Repository' };
}

/** Forgets a repository. */
export function removeRepository(url: string, project: string | undefined): ApiRequest<'Empty'> {
  const query = { appProject: project };
  return { method: 'DELETE', path: `${repositories}/${inPath(url)}`, query, reply: 'Empty' };
}

/** Registers what manifests declare. */
export function applySources(manifests: string): ApiRequest<'DeclaredCounts'> {
  const path = 'api/v1/keelson/sources/apply';
  return { method: 'POST', path, body: { manifests }, reply: 'DeclaredCounts' };
}

/** Credential templates. */
export function listTemplates(): ApiRequest<'RepositoryTemplateList'> {
  return { method: 'GET', path: templates, reply: 'RepositoryTemplateList' };
}

/** Registers a credential template. */
export function addTemplate(body: RepositoryFields, { upsert }: Upserting): ApiRequest<'RepositoryTemplate'> {
  return {
    method: 'POST',
    path: templates,
    query: { upsert: flag(upsert) },
    body,
    reply: 'RepositoryTemplate',
  };
}

/** Forgets a credential template. */
export function removeTemplate(url: string): ApiRequest<'Empty'> {
  return { method: 'DELETE', path: `${templates}/${inPath(url)}`, reply: 'Empty' };
}

/** Host keys and certificates. */
export function listCertificates(query: CertificateFilter): ApiRequest<'CertificateList'> {
  return { method: 'GET', path: certificates, query, reply: 'CertificateList' };
}

/** Registers host keys and certificates. */
export function addCertificates(body: CertificateBody, { upsert }: Upserting): ApiRequest<'CertificateList'> {
  return {
    method: 'POST',
    path: certificates,
    query: { upsert: flag(upsert) },
    body,
    reply: 'CertificateList',
  };
}

/** Forgets host keys and certificates. */
export function removeCertificates(query: CertificateFilter): ApiRequest<'CertificateList'> {
  return { method: 'DELETE', path: certificates, query, reply: 'CertificateList' };
}

/** Keys of GnuPG. */
export function listGpgKeys(): ApiRequest<'GpgKeyList'> {
  return { method: 'GET', path: gpgKeys, reply: 'GpgKeyList' };
}

/** One key of GnuPG. */
export function getGpgKey(id: string): ApiRequest<'GpgKey'> {
  return { method: 'GET', path: `${gpgKeys}/${encodeURIComponent(id)}`, reply: 'GpgKey' };
}

/** Registers the keys of an armored text. */
export function addGpgKeys(keyData: string): ApiRequest<'CreatedGpgKeys'> {
  return { method: 'POST', path: gpgKeys, body: { keyData }, reply: 'CreatedGpgKeys' };
}

/** Forgets a key of GnuPG. */
export function removeGpgKey(id: string): ApiRequest<'Empty'> {
  return { method: 'DELETE', path: gpgKeys, query: { keyID: id }, reply: 'Empty' };
}

/** Encoded twice: routers in front of the server may decode once. */
function inPath(url: string): string {
  return encodeURIComponent(encodeURIComponent(url));
}
