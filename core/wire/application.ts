import { z } from 'zod';
import { Application } from '../application/spec/spec.ts';
import { frame, listReply, texts } from './shape.ts';

/** Applications as the caller may see them, and the newest resource version among them. */
export const ApplicationList = listReply(Application);
export type ApplicationList = z.infer<typeof ApplicationList>;

/** What has happened to an application. */
export const ApplicationEvent = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED']),
  application: Application,
});
export type ApplicationEvent = z.infer<typeof ApplicationEvent>;

/** One message of the applications' stream. */
export const ApplicationFrame = frame(ApplicationEvent);
export type ApplicationFrame = z.infer<typeof ApplicationFrame>;

/** What an application's sources render to, as JSON texts. */
export const Manifests = z.object({
  manifests: texts,
  revision: z.string(),
  sourceType: z.string(),
  /** One for each source, where there are several. */
  sourceTypes: texts.exactOptional(),
  namespace: z.string(),
  server: z.string(),
  commands: texts,
});
export type Manifests = z.infer<typeof Manifests>;

/** A commit of a source; charts and artifacts have none, and the reply is empty. */
export const RevisionMetadata = z.union([
  z.object({
    author: z.string(),
    date: z.string(),
    message: z.string(),
    tags: texts,
    /** What is said of the signature, where the project demands one. */
    signatureInfo: z.string().exactOptional(),
  }),
  z.object({}),
]);
export type RevisionMetadata = z.infer<typeof RevisionMetadata>;

/** What a chart says of itself. */
export const ChartDetails = z.object({
  description: z.string(),
  home: z.string(),
  maintainers: texts,
});
export type ChartDetails = z.infer<typeof ChartDetails>;

/** A patch of an application, as a JSON text. */
export const PatchBody = z.object({
  patch: z.string(),
  patchType: z.string().optional(),
  project: z.string().optional(),
  appNamespace: z.string().optional(),
});
export type PatchBody = z.infer<typeof PatchBody>;
