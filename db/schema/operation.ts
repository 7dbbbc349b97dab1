import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { ApplicationSpec } from '../../core/application/spec/spec.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import type { StoredInitiator } from '../../core/sync/operation/initiator.ts';
import type {
  HookPhase,
  OperationKind,
  OperationPhase,
  ResultStatus,
  SyncRequest,
  WaitKind,
} from '../../core/sync/operation/operation.ts';
import type { ApplyStrategy, SyncPhase, SyncPlan } from '../../core/sync/plan/plan.ts';
import type { OrphanReport } from '../../core/sync/walk/deletion.ts';
import { applications } from './application.ts';
import { bytea, jsonb } from './column.ts';
import { renders } from './manifest.ts';

/**
 * One sync or deletion of one application, from request to end; never deleted with its application, so
 * `applicationId` and `applicationName` carry no foreign key.
 */
export const operations = pgTable(
  'operations',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    applicationId: uuid('application_id').notNull(),
    applicationName: text('application_name').notNull(),
    applicationNamespace: text('application_namespace').notNull(),
    /** The application's project when the operation was requested: whose rights it is read with, also once both are gone. */
    project: text('project').notNull(),
    kind: text('kind').$type<OperationKind>().notNull(),
    phase: text('phase').$type<OperationPhase>().notNull().default('Requested'),
    message: text('message').notNull().default(''),
    initiatedBy: jsonb('initiated_by').$type<StoredInitiator>().notNull(),
    request: jsonb('request').$type<SyncRequest>().notNull(),
    /** The spec that this operation carries out, as it was when the operation was requested. */
    spec: jsonb('spec').$type<ApplicationSpec>().notNull(),
    clusterId: uuid('cluster_id'),
    /** Revisions of all sources, joined by `joinRevisions`. */
    revision: text('revision'),
    renderId: uuid('render_id').references(() => renders.id),
    attempt: integer('attempt').notNull().default(1),
    historyId: integer('history_id'),
    terminateRequestedAt: timestamp('terminate_requested_at', { withTimezone: true }),
    /** Who asked that a deletion gives up its objects: set, it ends with the application gone. */
    orphanRequestedBy: text('orphan_requested_by'),
    /** What a deletion left behind. */
    orphans: jsonb('orphans').$type<OrphanReport>(),
    /** When the sync timeout ends the operation; fixed when it starts, null without a timeout. */
    deadline: timestamp('deadline', { withTimezone: true }),
    /** The operation that took over from this one, where one did. */
    supersededBy: uuid('superseded_by'),
    requestedAt: timestamp('requested_at', { withTimezone: true }).notNull().defaultNow(),
    startedAt: timestamp('started_at', { withTimezone: true }),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
    /** Milliseconds by part: `{ render, plan, apply, settle }`. */
    timings: jsonb('timings').$type<Record<string, number>>().notNull().default({}),
  },
  (t) => [
    uniqueIndex('operations_one_live').on(t.applicationId).where(sql`finished_at is null`),
    index('operations_application').on(t.applicationId, t.requestedAt),
    unique('operations_history').on(t.applicationId, t.historyId),
    index('operations_render').on(t.renderId).where(sql`render_id is not null`),
    index('operations_unfinished').on(t.requestedAt).where(sql`finished_at is null`),
    index('operations_finished').on(t.finishedAt).where(sql`finished_at is not null`),
  ],
);

/**
 * What follows a live automated sync: the newest state that the application should have, at most one row for each
 * application. Its being there asks the live operation to stop; the transaction that ends that one takes it.
 */
export const successors = pgTable('successors', {
  applicationId: uuid('application_id')
    .primaryKey()
    .references(() => applications.id, { onDelete: 'cascade' }),
  revision: text('revision').notNull(),
  /** Null where the application has come to the newest state by itself, so that nothing is left to do. */
  request: jsonb('request').$type<SyncRequest>(),
  spec: jsonb('spec').$type<ApplicationSpec>().notNull(),
  clusterId: uuid('cluster_id').notNull(),
  queuedAt: timestamp('queued_at', { withTimezone: true }).notNull().defaultNow(),
});

/**
 * Automated syncs that wait for their sync windows to open, at most one for each application: no operation is there yet.
 * At its time a row asks the application's session for another comparison, which decides anew.
 */
export const heldSyncs = pgTable(
  'held_syncs',
  {
    applicationId: uuid('application_id')
      .primaryKey()
      .references(() => applications.id, { onDelete: 'cascade' }),
    dueAt: timestamp('due_at', { withTimezone: true }).notNull(),
    /** When its time had come and the session was asked; null until then. */
    wokenAt: timestamp('woken_at', { withTimezone: true }),
  },
  (t) => [index('held_syncs_due').on(t.dueAt).where(sql`woken_at is null`)],
);

/**
 * Who may write for an application. An operation takes the fence when it is admitted and closes it when it ends;
 * each activity attempt raises `token` before its first write and checks it before each batch, so an attempt that
 * was given up, or a whole operation that was replaced, finds the fence changed and stops.
 */
export const fences = pgTable('fences', {
  applicationId: uuid('application_id').primaryKey(),
  operationId: uuid('operation_id').notNull(),
  attempt: integer('attempt').notNull(),
  token: bigint('token', { mode: 'number' }).notNull(),
  open: boolean('open').notNull(),
});

/** The plan of one attempt. `schemaVersion` guards against a worker of another release. */
export const plans = pgTable(
  'plans',
  {
    operationId: uuid('operation_id')
      .notNull()
      .references(() => operations.id, { onDelete: 'cascade' }),
    attempt: integer('attempt').notNull(),
    schemaVersion: integer('schema_version').notNull(),
    digest: text('digest').notNull(),
    plan: jsonb('plan').$type<SyncPlan>().notNull(),
    warnings: jsonb('warnings').$type<string[]>().notNull().default([]),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.operationId, t.attempt] }), index('plans_created').on(t.createdAt)],
);

/**
 * Result of one step. The row is written as soon as the object was written; a hook's row then says Running, and
 * is completed when the hook has ended. A step with a row is never written again.
 */
export const stepResults = pgTable(
  'step_results',
  {
    operationId: uuid('operation_id')
      .notNull()
      .references(() => operations.id, { onDelete: 'cascade' }),
    attempt: integer('attempt').notNull(),
    step: integer('step').notNull(),
    status: text('status').$type<ResultStatus>().notNull(),
    hookPhase: text('hook_phase').$type<HookPhase>().notNull(),
    message: text('message').notNull().default(''),
    /** Identity and version of the object as the write left it. */
    uid: text('uid'),
    objectVersion: text('object_version'),
    startedAt: timestamp('started_at', { withTimezone: true }).notNull(),
    appliedAt: timestamp('applied_at', { withTimezone: true }).notNull(),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
    /** How the object was written in the end, where that may differ from the plan's strategy. */
    strategy: text('strategy').$type<ApplyStrategy>(),
  },
  (t) => [
    primaryKey({ columns: [t.operationId, t.attempt, t.step] }),
    // Tells which objects are this installation's own; `appliedObjects` goes on with it once these rows are gone.
    index('step_results_uid').on(t.uid).where(sql`uid is not null`),
  ],
);

/**
 * What operations have applied whose steps are rows no longer: of each name the object that was written last. It tells
 * this installation's own objects from those that only carry its marks, so it stays as long as the application.
 */
export const appliedObjects = pgTable(
  'applied_objects',
  {
    applicationId: uuid('application_id').notNull(),
    clusterId: uuid('cluster_id').notNull(),
    /** The object's key as its plan writes it. */
    key: text('key').notNull(),
    uid: text('uid').notNull(),
    appliedAt: timestamp('applied_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.applicationId, t.clusterId, t.key] }),
    index('applied_objects_uid').on(t.uid),
  ],
);

/** Plans, steps and waits of an operation that ended long ago, compressed; the rows themselves are gone. */
export const packedOperations = pgTable('packed_operations', {
  operationId: uuid('operation_id')
    .primaryKey()
    .references(() => operations.id, { onDelete: 'cascade' }),
  packed: bytea('packed').notNull(),
});

/** What an operation waits for. The row is the truth; the signal that follows its end is only a hint. */
export const waits = pgTable(
  'waits',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    operationId: uuid('operation_id')
      .notNull()
      .references(() => operations.id, { onDelete: 'cascade' }),
    attempt: integer('attempt').notNull(),
    clusterId: uuid('cluster_id'),
    kind: text('kind').$type<WaitKind>().notNull(),
    /** Empty for waits that belong to no phase. */
    phase: text('phase').$type<SyncPhase | ''>().notNull().default(''),
    wave: integer('wave').notNull().default(0),
    /** Steps of the plan that the wait is about. */
    steps: jsonb('steps').$type<number[]>().notNull().default([]),
    keys: jsonb('keys').$type<ResourceKey[]>().notNull().default([]),
    reason: text('reason').notNull(),
    deadline: timestamp('deadline', { withTimezone: true }),
    openedAt: timestamp('opened_at', { withTimezone: true }).notNull().defaultNow(),
    closedAt: timestamp('closed_at', { withTimezone: true }),
  },
  (t) => [
    uniqueIndex('waits_one_open')
      .on(t.operationId, t.attempt, t.kind, t.phase, t.wave)
      .where(sql`closed_at is null`),
    index('waits_open').on(t.clusterId).where(sql`closed_at is null`),
    index('waits_opened').on(t.openedAt),
  ],
);

/** Processes that carry out operations, each with the time at which it last said that it lives. */
export const workers = pgTable('workers', {
  instance: text('instance').primaryKey(),
  seenAt: timestamp('seen_at', { withTimezone: true }).notNull(),
});
