import { z } from 'zod';
import { ApplicationSource } from './source/source-spec.ts';
import {
  ApplicationOperation,
  Destination,
  IgnoreDifference,
  NamespaceMetadata,
} from './spec/sync-policy.ts';
import { healthStatuses, syncStatuses } from './words.ts';

/** Health of an object or application with the reason in words. */
export const Health = z.looseObject({
  status: z.enum(healthStatuses).optional(),
  message: z.string().optional(),
  lastTransitionTime: z.string().optional(),
});
export type Health = z.infer<typeof Health>;

/** Something about an application that people should know, kept until it no longer holds. */
export const Condition = z.looseObject({
  type: z.string(),
  message: z.string(),
  lastTransitionTime: z.string().optional(),
});
export type Condition = z.infer<typeof Condition>;

/** One object of an application as its status lists it. */
export const ResourceStatus = z.looseObject({
  group: z.string().optional(),
  version: z.string().optional(),
  kind: z.string().optional(),
  namespace: z.string().optional(),
  name: z.string().optional(),
  status: z.enum(syncStatuses).optional(),
  health: Health.optional(),
  hook: z.boolean().optional(),
  requiresPruning: z.boolean().optional(),
  requiresDeletionConfirmation: z.boolean().optional(),
  syncWave: z.number().optional(),
});
export type ResourceStatus = z.infer<typeof ResourceStatus>;

/** What one sync did to one object. */
export const ResourceResult = z.looseObject({
  group: z.string(),
  version: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  status: z.string().optional(),
  message: z.string().optional(),
  hookType: z.string().optional(),
  hookPhase: z.string().optional(),
  syncPhase: z.string().optional(),
  images: z.array(z.string()).optional(),
});
export type ResourceResult = z.infer<typeof ResourceResult>;

/** Result of a sync over all its objects. */
export const SyncResult = z.looseObject({
  revision: z.string().optional(),
  revisions: z.array(z.string()).optional(),
  resources: z.array(ResourceResult).optional(),
  source: ApplicationSource.optional(),
  sources: z.array(ApplicationSource).optional(),
  managedNamespaceMetadata: NamespaceMetadata.optional(),
});
export type SyncResult = z.infer<typeof SyncResult>;

/** The running or last operation of an application. */
export const OperationState = z.looseObject({
  operation: ApplicationOperation,
  phase: z.enum(['Running', 'Terminating', 'Failed', 'Error', 'Succeeded']),
  message: z.string().optional(),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  retryCount: z.number().optional(),
  syncResult: SyncResult.optional(),
});
export type OperationState = z.infer<typeof OperationState>;

/** One successful sync that can be rolled back to. */
export const HistoryEntry = z.looseObject({
  id: z.number(),
  revision: z.string().optional(),
  revisions: z.array(z.string()).optional(),
  source: ApplicationSource.optional(),
  sources: z.array(ApplicationSource).optional(),
  deployStartedAt: z.string().optional(),
  deployedAt: z.string(),
  initiatedBy: z
    .looseObject({ username: z.string().optional(), automated: z.boolean().optional() })
    .optional(),
});
export type HistoryEntry = z.infer<typeof HistoryEntry>;

/** The outcome of the last comparison and what it compared. */
export const SyncState = z.looseObject({
  status: z.enum(syncStatuses),
  revision: z.string().optional(),
  revisions: z.array(z.string()).optional(),
  comparedTo: z
    .looseObject({
      source: ApplicationSource.optional(),
      sources: z.array(ApplicationSource).optional(),
      destination: Destination,
      ignoreDifferences: z.array(IgnoreDifference).optional(),
    })
    .optional(),
});
export type SyncState = z.infer<typeof SyncState>;

/** The status of an Application, in the shape that dashboards and scripts read. */
export const ApplicationStatus = z.looseObject({
  sync: SyncState.optional(),
  health: Health.optional(),
  conditions: z.array(Condition).optional(),
  resources: z.array(ResourceStatus).optional(),
  operationState: OperationState.optional(),
  history: z.array(HistoryEntry).optional(),
  summary: z
    .looseObject({
      externalURLs: z.array(z.string()).optional(),
      images: z.array(z.string()).optional(),
      isAppOfApps: z.boolean().optional(),
    })
    .optional(),
  reconciledAt: z.string().optional(),
  sourceType: z.string().optional(),
  sourceTypes: z.array(z.string()).optional(),
  resourceHealthSource: z.string().optional(),
  controllerNamespace: z.string().optional(),
});
export type ApplicationStatus = z.infer<typeof ApplicationStatus>;
