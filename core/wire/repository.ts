import { z } from 'zod';
import { sourceTypes } from '../application/words.ts';
import { ParameterAnnouncement } from '../plugin/plugin-file.ts';
import type { SourceDetails as Details } from '../repository/inspection.ts';
import { repositoryTypes } from '../repository/words.ts';
import { ConnectionState, list, listReply, plainList, texts } from './shape.ts';

/** How a repository is spoken to. */
const RepositoryType = z.enum(repositoryTypes);

/** What of credentials may be shown: how a repository is read, never with which secret. */
const ShownCredentials = z.object({
  username: z.string().exactOptional(),
  githubAppID: z.number().exactOptional(),
  githubAppInstallationID: z.number().exactOptional(),
  githubAppEnterpriseBaseUrl: z.string().exactOptional(),
  proxy: z.string().exactOptional(),
  noProxy: z.string().exactOptional(),
  depth: z.number().int().exactOptional(),
  insecure: z.boolean().exactOptional(),
  insecureOCIForceHttp: z.boolean().exactOptional(),
  enableLfs: z.boolean().exactOptional(),
  enableOCI: z.boolean().exactOptional(),
  forceHttpBasicAuth: z.boolean().exactOptional(),
});
export type ShownCredentials = z.infer<typeof ShownCredentials>;

/** A registered repository, without its secrets. */
export const Repository = z.object({
  repo: z.string(),
  type: RepositoryType,
  name: z.string().exactOptional(),
  /** Whose applications it is for; absent where it is for all. */
  project: z.string().exactOptional(),
  ...ShownCredentials.shape,
  hasCredentials: z.boolean().exactOptional(),
  /** Whether it is read with the credentials of a template. */
  inheritedCreds: z.boolean().exactOptional(),
  connectionState: ConnectionState,
});
export type Repository = z.infer<typeof Repository>;

/** Registered repositories. */
export const RepositoryList = listReply(Repository);
export type RepositoryList = z.infer<typeof RepositoryList>;

/** Credentials for all repositories below an address, without the secrets. */
export const RepositoryTemplate = z.object({
  url: z.string(),
  type: RepositoryType,
  ...ShownCredentials.shape,
  hasCredentials: z.boolean(),
});
export type RepositoryTemplate = z.infer<typeof RepositoryTemplate>;

/** Credential templates. */
export const RepositoryTemplateList = listReply(RepositoryTemplate);
export type RepositoryTemplateList = z.infer<typeof RepositoryTemplateList>;

/** The refs of a Git repository. */
export const RepositoryRefs = z.object({ branches: texts, tags: texts });
export type RepositoryRefs = z.infer<typeof RepositoryRefs>;

/** Folders of a Git repository that hold a chart or a kustomization. */
export const SourceFolderList = plainList(z.object({ path: z.string(), type: z.enum(sourceTypes) }));
export type SourceFolderList = z.infer<typeof SourceFolderList>;

/** Charts of a Helm repository with their versions. */
export const ChartList = plainList(z.object({ name: z.string(), versions: texts }));
export type ChartList = z.infer<typeof ChartList>;

/** The tool of a source, and what of it can be set. */
export const SourceDetails = z.object({
  type: z.enum(sourceTypes),
  helm: z
    .object({
      name: z.string(),
      valueFiles: texts,
      parameters: list(z.object({ name: z.string(), value: z.string() })),
      values: z.string(),
      fileParameters: texts,
    })
    .exactOptional(),
  kustomize: z.object({ images: texts }).exactOptional(),
  directory: z.object({}).exactOptional(),
  plugin: z.object({ parametersAnnouncement: list(ParameterAnnouncement) }).exactOptional(),
}) satisfies z.ZodType<Details>;
export type SourceDetails = z.infer<typeof SourceDetails>;

/** How many of each a file declared, and how many objects were passed over. */
export const DeclaredCounts = z.object({
  repositories: z.number().int(),
  templates: z.number().int(),
  knownHosts: z.number().int(),
  certificates: z.number().int(),
  gpgKeys: z.number().int(),
  passedOver: z.number().int(),
});
export type DeclaredCounts = z.infer<typeof DeclaredCounts>;
