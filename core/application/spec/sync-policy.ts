import { z } from 'zod';
import { ApplicationSource } from '../source/source-spec.ts';

/** The cluster, by server or by name, and the namespace for objects that name none. */
export const Destination = z.looseObject({
  server: z.string().optional(),
  name: z.string().optional(),
  namespace: z.string().optional(),
});
export type Destination = z.infer<typeof Destination>;

/** How often and how fast a failed sync is tried again; durations as written, such as `5s`. */
export const RetryStrategy = z.looseObject({
  limit: z.number().int().optional(),
  backoff: z
    .looseObject({
      duration: z.string().optional(),
      factor: z.number().int().optional(),
      maxDuration: z.string().optional(),
    })
    .optional(),
  refresh: z.boolean().optional(),
});
export type RetryStrategy = z.infer<typeof RetryStrategy>;

/** Automated sync; its presence turns it on unless `enabled` is false. */
export const AutomatedSync = z.looseObject({
  prune: z.boolean().optional(),
  selfHeal: z.boolean().optional(),
  allowEmpty: z.boolean().optional(),
  enabled: z.boolean().optional(),
});
export type AutomatedSync = z.infer<typeof AutomatedSync>;

/** Labels and annotations of the namespace that CreateNamespace=true makes. */
export const NamespaceMetadata = z.looseObject({
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
export type NamespaceMetadata = z.infer<typeof NamespaceMetadata>;

/** When and how an application is synced. */
export const SyncPolicy = z.looseObject({
  automated: AutomatedSync.optional(),
  syncOptions: z.array(z.string()).optional(),
  retry: RetryStrategy.optional(),
  managedNamespaceMetadata: NamespaceMetadata.optional(),
});
export type SyncPolicy = z.infer<typeof SyncPolicy>;

/** Fields of matching objects that comparisons leave out. */
export const IgnoreDifference = z.looseObject({
  group: z.string().optional(),
  kind: z.string(),
  name: z.string().optional(),
  namespace: z.string().optional(),
  jsonPointers: z.array(z.string()).optional(),
  jqPathExpressions: z.array(z.string()).optional(),
  managedFieldsManagers: z.array(z.string()).optional(),
});
export type IgnoreDifference = z.infer<typeof IgnoreDifference>;

/** A `name: value` line shown with an application or operation. */
export const NamedValue = z.looseObject({ name: z.string(), value: z.string() });
export type NamedValue = z.infer<typeof NamedValue>;

const StrategyForce = z.looseObject({ force: z.boolean().optional() });

/** The sync that an operation asks for, in the words of the Application object. */
export const SyncOperation = z.looseObject({
  revision: z.string().optional(),
  revisions: z.array(z.string()).optional(),
  prune: z.boolean().optional(),
  dryRun: z.boolean().optional(),
  syncStrategy: z.looseObject({ apply: StrategyForce.optional(), hook: StrategyForce.optional() }).optional(),
  resources: z
    .array(
      z.looseObject({
        group: z.string().optional(),
        kind: z.string(),
        name: z.string(),
        namespace: z.string().optional(),
      }),
    )
    .optional(),
  source: ApplicationSource.optional(),
  sources: z.array(ApplicationSource).optional(),
  manifests: z.array(z.string()).optional(),
  syncOptions: z.array(z.string()).optional(),
  autoHealAttemptsCount: z.number().int().optional(),
});
export type SyncOperation = z.infer<typeof SyncOperation>;

/** The `operation` field of an Application: a request that somebody made on the object itself. */
export const ApplicationOperation = z.looseObject({
  sync: SyncOperation.optional(),
  retry: RetryStrategy.optional(),
  initiatedBy: z
    .looseObject({ username: z.string().optional(), automated: z.boolean().optional() })
    .optional(),
  info: z.array(NamedValue).optional(),
});
export type ApplicationOperation = z.infer<typeof ApplicationOperation>;
