import { z } from 'zod';
import { listOf } from './replies.ts';

/** A repository without its secrets. */
export const RepositoryReply = z.looseObject({
  repo: z.string(),
  type: z.string().nullish(),
  name: z.string().nullish(),
  project: z.string().nullish(),
  insecure: z.boolean().nullish(),
  enableOCI: z.boolean().nullish(),
  enableLfs: z.boolean().nullish(),
  hasCredentials: z.boolean().nullish(),
  inheritedCreds: z.boolean().nullish(),
  connectionState: z.looseObject({ status: z.string().nullish(), message: z.string().nullish() }).nullish(),
});
export type RepositoryReply = z.infer<typeof RepositoryReply>;

export const RepositoryListReply = listOf(RepositoryReply);

/** A credential template without its secrets. */
export const TemplateReply = z.looseObject({
  url: z.string(),
  type: z.string().nullish(),
  username: z.string().nullish(),
  hasCredentials: z.boolean().nullish(),
});
export type TemplateReply = z.infer<typeof TemplateReply>;

export const TemplateListReply = listOf(TemplateReply);

/** A host key or a certificate; its content is base64. */
export const CertificateReply = z.looseObject({
  serverName: z.string(),
  certType: z.string(),
  certSubType: z.string().nullish(),
  certData: z.string().nullish(),
  certInfo: z.string().nullish(),
});
export type CertificateReply = z.infer<typeof CertificateReply>;

export const CertificateListReply = listOf(CertificateReply);

/** A GnuPG key. */
export const GpgKeyReply = z.looseObject({
  keyID: z.string(),
  fingerprint: z.string().nullish(),
  owner: z.string().nullish(),
  subType: z.string().nullish(),
  keyData: z.string().nullish(),
});
export type GpgKeyReply = z.infer<typeof GpgKeyReply>;

export const GpgKeyListReply = listOf(GpgKeyReply);

export const GpgCreatedReply = z.looseObject({
  created: z.looseObject({ items: z.array(GpgKeyReply).nullish() }).nullish(),
  skipped: z.array(z.string()).nullish(),
});
export type GpgCreatedReply = z.infer<typeof GpgCreatedReply>;

/** Objects that sources render to, as JSON texts. */
export const ManifestsReply = z.looseObject({
  manifests: z.array(z.string()).nullish(),
  revision: z.string().nullish(),
});

/** How many of each a file declared. */
export const DeclaredReply = z.looseObject({
  repositories: z.number(),
  templates: z.number(),
  knownHosts: z.number(),
  certificates: z.number(),
  gpgKeys: z.number(),
  passedOver: z.number(),
});
export type DeclaredReply = z.infer<typeof DeclaredReply>;

export const EmptyReply = z.looseObject({});
