import * as sources from '../../core/wire/requests/sources.ts';
import type { CertificateBody } from '../../core/wire/trust.ts';
import type { Sender } from './sender.ts';

/** The calls about repositories and how they are reached. */
export function sourceCalls({ call }: Sender) {
  return {
    listRepositories: async (choice: { readonly refresh: boolean }) =>
      (await call(sources.listRepositories(choice))).items,
    getRepository: (
      url: string,
      choice: { readonly project?: string | undefined; readonly refresh: boolean },
    ) => call(sources.getRepository(url, choice)),
    addRepository: (fields: sources.RepositoryFields, choice: sources.Upserting) =>
      call(sources.addRepository(fields, choice)),
    removeRepository: (url: string, project: string | undefined) =>
      call(sources.removeRepository(url, project)),
    /** Registers what manifests declare. */
    apply: (manifests: string) => call(sources.applySources(manifests)),
    listTemplates: async () => (await call(sources.listTemplates())).items,
    addTemplate: (fields: sources.RepositoryFields, choice: sources.Upserting) =>
      call(sources.addTemplate(fields, choice)),
    removeTemplate: (url: string) => call(sources.removeTemplate(url)),
    listCertificates: async (filter: sources.CertificateFilter) =>
      (await call(sources.listCertificates(filter))).items,
    addCertificates: async (items: NonNullable<CertificateBody['items']>, choice: sources.Upserting) =>
      (await call(sources.addCertificates({ items }, choice))).items,
    removeCertificates: async (filter: sources.CertificateFilter) =>
      (await call(sources.removeCertificates(filter))).items,
    listGpgKeys: async () => (await call(sources.listGpgKeys())).items,
    getGpgKey: (id: string) => call(sources.getGpgKey(id)),
    addGpgKeys: (keyData: string) => call(sources.addGpgKeys(keyData)),
    removeGpgKey: (id: string) => call(sources.removeGpgKey(id)),
  };
}
