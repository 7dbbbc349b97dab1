import { z } from 'zod';
import { list, listReply, texts } from './shape.ts';

/** A host key of SSH or a certificate that is trusted for TLS; the content is base64. */
export const Certificate = z.object({
  serverName: z.string(),
  certType: z.enum(['ssh', 'https']),
  certSubType: z.string(),
  certData: z.string(),
  /** Fingerprint of a host key, subject of a certificate. */
  certInfo: z.string(),
});
export type Certificate = z.infer<typeof Certificate>;

/** Host keys and certificates. */
export const CertificateList = listReply(Certificate);
export type CertificateList = z.infer<typeof CertificateList>;

/** What is registered of a host key or certificate; the rest is read from its content. */
export const CertificateBody = z.object({
  items: list(
    z.object({
      serverName: z.string(),
      certType: z.enum(['ssh', 'https']),
      certSubType: z.string().nullish(),
      certData: z.string(),
    }),
  ).nullish(),
});
export type CertificateBody = z.infer<typeof CertificateBody>;

/** A public key of GnuPG whose signatures are believed. */
export const GpgKey = z.object({
  keyID: z.string(),
  fingerprint: z.string(),
  owner: z.string(),
  subType: z.string(),
  trust: z.string(),
  keyData: z.string(),
});
export type GpgKey = z.infer<typeof GpgKey>;

/** Registered keys. */
export const GpgKeyList = listReply(GpgKey);
export type GpgKeyList = z.infer<typeof GpgKeyList>;

/** What of the keys of a text was registered, and the ids of those that were there. */
export const CreatedGpgKeys = z.object({ created: listReply(GpgKey), skipped: texts });
export type CreatedGpgKeys = z.infer<typeof CreatedGpgKeys>;
