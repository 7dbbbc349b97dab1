import { z } from 'zod';
import type { ShownInitiator } from '../sync/operation/initiator.ts';
import {
  hookPhases,
  operationKinds,
  operationPhases,
  type SyncRequest as Request,
  resultStatuses,
  waitKinds,
} from '../sync/operation/operation.ts';
import { applyStrategies, type PlanGroup as Group, planPhases, stepActions } from '../sync/plan/plan.ts';
import { type OrphanReport as Orphans, orphanSources } from '../sync/walk/deletion.ts';
import { ObjectKey } from './object-key.ts';
import { list, plainList, texts } from './shape.ts';

/** Who asked for an operation: an account, or nobody and automated. */
const Initiator = z.object({
  username: z.string(),
  automated: z.boolean(),
}) satisfies z.ZodType<ShownInitiator>;

/** What was asked for; fixed when the operation is written. */
const SyncRequest = z.object({
  revision: z.string().exactOptional(),
  revisions: texts.exactOptional(),
  rollbackTo: z.number().int().exactOptional(),
  manifests: texts.exactOptional(),
  prune: z.boolean(),
  dryRun: z.boolean(),
  strategy: z.enum(['hook', 'apply']),
  force: z.boolean(),
  resources: list(
    z.object({
      group: z.string(),
      kind: z.string(),
      name: z.string(),
      namespace: z.string().exactOptional(),
    }),
  ),
  syncOptions: texts,
  retry: z.object({
    limit: z.number(),
    backoff: z.object({
      durationSeconds: z.number(),
      factor: z.number(),
      maxDurationSeconds: z.number(),
    }),
    refresh: z.boolean(),
  }),
  selfHealAttempts: z.number().int(),
  info: list(z.object({ name: z.string(), value: z.string() })),
  breakGlass: z.object({ reason: z.string() }).exactOptional(),
  deletion: z
    .object({
      cascade: z.enum(['foreground', 'background', 'none']),
      deadlineSeconds: z.number().exactOptional(),
      skipPreDelete: z.boolean().exactOptional(),
      hooksAlone: z.boolean().exactOptional(),
    })
    .exactOptional(),
}) satisfies z.ZodType<Request>;

/** The steps of one phase and wave. */
const PlanGroup = z.object({
  phase: z.enum(planPhases),
  wave: z.number().int(),
  first: z.number().int(),
  count: z.number().int(),
  settle: z.boolean(),
  approval: list(z.number().int()).exactOptional(),
}) satisfies z.ZodType<Group>;

/** One step of the current attempt with its result so far. */
export const StepView = z.object({
  attempt: z.number().int(),
  step: z.number().int(),
  phase: z.enum(planPhases),
  wave: z.number().int(),
  action: z.enum(stepActions),
  key: ObjectKey,
  apiVersion: z.string(),
  strategy: z.enum(applyStrategies).exactOptional(),
  hook: z.boolean(),
  status: z.enum(resultStatuses).exactOptional(),
  hookPhase: z.enum(hookPhases).exactOptional(),
  message: z.string().exactOptional(),
  startedAt: z.string().exactOptional(),
  finishedAt: z.string().exactOptional(),
});
export type StepView = z.infer<typeof StepView>;

/** Why an operation is not moving, and until when at most. */
export const WaitView = z.object({
  kind: z.enum(waitKinds),
  /** The attempt that waits or waited. */
  attempt: z.number().int(),
  phase: z.enum(planPhases).exactOptional(),
  wave: z.number().int().exactOptional(),
  reason: z.string(),
  keys: list(ObjectKey),
  openedAt: z.string(),
  deadline: z.string().exactOptional(),
  closedAt: z.string().exactOptional(),
});
export type WaitView = z.infer<typeof WaitView>;

/** What a deletion left in the cluster. */
const OrphanReport = z.object({
  at: z.string(),
  cluster: z.string(),
  source: z.enum(orphanSources),
  objects: list(
    z.object({ key: ObjectKey, finalizers: texts, deletionTimestamp: z.string().exactOptional() }),
  ),
  more: z.number().int(),
}) satisfies z.ZodType<Orphans>;

/** One operation as it is shown: plan, steps, waits with reasons, and timings (RFC 3339). */
export const OperationView = z.object({
  id: z.string(),
  application: z.string(),
  /** Of the application, as it was then: it may be gone. */
  namespace: z.string(),
  project: z.string(),
  kind: z.enum(operationKinds),
  phase: z.enum(operationPhases),
  message: z.string(),
  initiatedBy: Initiator,
  request: SyncRequest,
  revision: z.string().exactOptional(),
  /** Instead of `revision` where the spec has several sources, by position. */
  revisions: texts.exactOptional(),
  /** From 1; grows with each retry. */
  attempt: z.number().int(),
  /** Position in the application's sync history; only successful full syncs have one. */
  historyId: z.number().int().exactOptional(),
  requestedAt: z.string(),
  startedAt: z.string().exactOptional(),
  finishedAt: z.string().exactOptional(),
  /** When the sync timeout ends it, where one is set. */
  deadline: z.string().exactOptional(),
  /** The operation that took over from a superseded one. */
  supersededBy: z.string().exactOptional(),
  planDigest: z.string().exactOptional(),
  groups: list(PlanGroup),
  failureGroups: list(PlanGroup),
  steps: list(StepView),
  waits: list(WaitView),
  /** What a deletion left behind, where it left something. */
  orphans: OrphanReport.exactOptional(),
  /** Milliseconds spent per part of the sync, e.g. `{ render: 40, plan: 12, apply: 80 }`. */
  timings: z.record(z.string(), z.number()),
});
export type OperationView = z.infer<typeof OperationView>;

/** Operations of an application, newest first, without their steps and waits. */
export const OperationList = plainList(OperationView);
export type OperationList = z.infer<typeof OperationList>;
