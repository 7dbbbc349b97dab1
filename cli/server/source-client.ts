import type { Caller } from './client.ts';
import {
  CertificateListReply,
  type CertificateReply,
  DeclaredReply,
  EmptyReply,
  GpgCreatedReply,
  GpgKeyListReply,
  GpgKeyReply,
  RepositoryListReply,
  RepositoryReply,
  TemplateListReply,
  TemplateReply,
} from './source-replies.ts';

/** Fields of a repository or template; those that are left out are not set. */
export type RepositoryFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Which certificates are meant; a pattern is a glob over host names. */
export type CertificateFilter = {
  readonly hostNamePattern?: string | undefined;
  readonly certType?: string | undefined;
  readonly certSubType?: string | undefined;
};

/** The calls about repositories and how they are reached. */
export type SourceCalls = {
  listRepositories(options: { refresh: boolean }): Promise<RepositoryReply[]>;
  getRepository(
    url: string,
    options: { project?: string | undefined; refresh: boolean },
  ): Promise<RepositoryReply>;
  addRepository(fields: RepositoryFields, options: { upsert: boolean }): Promise<RepositoryReply>;
  removeRepository(url: string, project: string | undefined): Promise<void>;
  applySources(manifests: string): Promise<DeclaredReply>;
  listTemplates(): Promise<TemplateReply[]>;
  addTemplate(fields: RepositoryFields, options: { upsert: boolean }): Promise<TemplateReply>;
  removeTemplate(url: string): Promise<void>;
  listCertificates(filter: CertificateFilter): Promise<CertificateReply[]>;
  addCertificates(
    items: readonly CertificateReply[],
    options: { upsert: boolean },
  ): Promise<CertificateReply[]>;
  removeCertificates(filter: CertificateFilter): Promise<CertificateReply[]>;
  listGpgKeys(): Promise<GpgKeyReply[]>;
  getGpgKey(id: string): Promise<GpgKeyReply>;
  addGpgKeys(keyData: string): Promise<GpgCreatedReply>;
  removeGpgKey(id: string): Promise<void>;
};

const base = '/api/v1';
const asFlag = (on: boolean): string | undefined => (on ? 'true' : undefined);

/** The calls on a way to make them. */
export function sourceCalls(call: Caller): SourceCalls {
  const upserting = ({ upsert }: { upsert: boolean }) => ({ upsert: asFlag(upsert) });
  return {
    listRepositories: ({ refresh }) =>
      call(RepositoryListReply, `${base}/repositories`, { query: { forceRefresh: asFlag(refresh) } }),
    getRepository: (url, { project, refresh }) =>
      call(RepositoryReply, `${base}/repositories/${inPath(url)}`, {
        query: { appProject: project, forceRefresh: asFlag(refresh) },
      }),
    addRepository: (body, options) =>
      call(RepositoryReply, `${base}/repositories`, { method: 'POST', query: upserting(options), body }),
    async removeRepository(url, project) {
      const query = { appProject: project };
      await call(EmptyReply, `${base}/repositories/${inPath(url)}`, { method: 'DELETE', query });
    },
    applySources: (manifests) =>
      call(DeclaredReply, `${base}/keelson/sources/apply`, { method: 'POST', body: { manifests } }),
    listTemplates: () => call(TemplateListReply, `${base}/repocreds`),
    addTemplate: (body, options) =>
      call(TemplateReply, `${base}/repocreds`, { method: 'POST', query: upserting(options), body }),
    async removeTemplate(url) {
      await call(EmptyReply, `${base}/repocreds/${inPath(url)}`, { method: 'DELETE' });
    },
    listCertificates: (query) => call(CertificateListReply, `${base}/certificates`, { query }),
    addCertificates: (items, options) =>
      call(CertificateListReply, `${base}/certificates`, {
        method: 'POST',
        query: upserting(options),
        body: { items },
      }),
    removeCertificates: (query) =>
      call(CertificateListReply, `${base}/certificates`, { method: 'DELETE', query }),
    listGpgKeys: () => call(GpgKeyListReply, `${base}/gpgkeys`),
    getGpgKey: (id) => call(GpgKeyReply, `${base}/gpgkeys/${encodeURIComponent(id)}`),
    addGpgKeys: (keyData) => call(GpgCreatedReply, `${base}/gpgkeys`, { method: 'POST', body: { keyData } }),
    async removeGpgKey(id) {
      await call(EmptyReply, `${base}/gpgkeys`, { method: 'DELETE', query: { keyID: id } });
    },
  };
}

/** Encoded twice: routers in front of the server may decode once. */
function inPath(url: string): string {
  return encodeURIComponent(encodeURIComponent(url));
}
