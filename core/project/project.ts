import { z } from 'zod';
import { ApplicationMetadata } from '../application/spec/spec.ts';

const texts = z.array(z.string()).optional();

/** A cluster and a namespace that a project deploys to, each a glob or, after `!`, one that it doesn't. */
export const ProjectDestination = z.looseObject({
  server: z.string().optional(),
  name: z.string().optional(),
  namespace: z.string().optional(),
});
export type ProjectDestination = z.infer<typeof ProjectDestination>;

/** Kinds that a list of a project names, by patterns; a name counts among cluster-scoped kinds only. */
export const ProjectKind = z.looseObject({
  group: z.string(),
  kind: z.string(),
  name: z.string().optional(),
});
export type ProjectKind = z.infer<typeof ProjectKind>;

/** A token of a project's role, without its secret part. */
export const RoleToken = z.looseObject({
  iat: z.number().int(),
  exp: z.number().int().optional(),
  id: z.string().optional(),
});
export type RoleToken = z.infer<typeof RoleToken>;

/** A role of a project: its policies, the groups that have it, its tokens. */
export const ProjectRole = z.looseObject({
  name: z.string(),
  description: z.string().optional(),
  policies: texts,
  groups: texts,
  jwtTokens: z.array(RoleToken).optional(),
});
export type ProjectRole = z.infer<typeof ProjectRole>;

/** A time in which applications may be synced, or may not. */
export const SyncWindow = z.looseObject({
  kind: z.string().optional(),
  schedule: z.string().optional(),
  duration: z.string().optional(),
  applications: texts,
  namespaces: texts,
  clusters: texts,
  manualSync: z.boolean().optional(),
  timeZone: z.string().optional(),
  /** Whether all lists that are set have to fit; else one of them is enough. */
  andOperator: z.boolean().optional(),
  syncOverrun: z.boolean().optional(),
  description: z.string().optional(),
});
export type SyncWindow = z.infer<typeof SyncWindow>;

/** The account that objects of a destination are applied as. */
export const DestinationServiceAccount = z.looseObject({
  server: z.string(),
  namespace: z.string().optional(),
  defaultServiceAccount: z.string(),
});
export type DestinationServiceAccount = z.infer<typeof DestinationServiceAccount>;

const OrphanedResources = z.looseObject({
  warn: z.boolean().optional(),
  ignore: z
    .array(
      z.looseObject({
        group: z.string().optional(),
        kind: z.string().optional(),
        name: z.string().optional(),
      }),
    )
    .optional(),
});

/** What a project permits its applications and grants to people. */
export const ProjectSpec = z.looseObject({
  description: z.string().optional(),
  sourceRepos: texts,
  destinations: z.array(ProjectDestination).optional(),
  sourceNamespaces: texts,
  /** Without one, no cluster-scoped kind is permitted. */
  clusterResourceWhitelist: z.array(ProjectKind).optional(),
  clusterResourceBlacklist: z.array(ProjectKind).optional(),
  /** Without one, every namespaced kind is permitted; with an empty one, none. */
  namespaceResourceWhitelist: z.array(ProjectKind).optional(),
  namespaceResourceBlacklist: z.array(ProjectKind).optional(),
  orphanedResources: OrphanedResources.optional(),
  signatureKeys: z.array(z.looseObject({ keyID: z.string() })).optional(),
  roles: z.array(ProjectRole).optional(),
  syncWindows: z.array(SyncWindow).optional(),
  destinationServiceAccounts: z.array(DestinationServiceAccount).optional(),
  permitOnlyProjectScopedClusters: z.boolean().optional(),
});
export type ProjectSpec = z.infer<typeof ProjectSpec>;

/** What is recorded of a project: the tokens of its roles that are in force. */
export const ProjectStatus = z.looseObject({
  jwtTokensByRole: z.record(z.string(), z.looseObject({ items: z.array(RoleToken).optional() })).optional(),
});
export type ProjectStatus = z.infer<typeof ProjectStatus>;

/** The AppProject object that users write; fields that Keelson doesn't know pass through untouched. */
export const AppProject = z.looseObject({
  apiVersion: z.literal('argoproj.io/v1alpha1'),
  kind: z.literal('AppProject'),
  metadata: ApplicationMetadata,
  spec: ProjectSpec,
  status: ProjectStatus.optional(),
});
export type AppProject = z.infer<typeof AppProject>;
