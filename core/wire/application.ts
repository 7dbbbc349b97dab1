import { z } from 'zod';
import { Application } from '../application/spec/spec.ts';
import { frame, ListMetadata, list, texts } from './shape.ts';

/** How many applications a list has, in all and by sync status and health. */
const StatusCounts = z.object({
  total: z.number().int(),
  sync: z.record(z.string(), z.number().int()),
  health: z.record(z.string(), z.number().int()),
});

/** Applications as the caller may see them: all or a page of them, which has a token for the next one. */
export const ApplicationList = z.object({
  metadata: ListMetadata.extend({ continue: z.string().exactOptional() }),
  items: list(Application),
  /** What Keelson alone tells, where it is asked for. */
  keelson: z.object({ counts: StatusCounts }).exactOptional(),
});
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
