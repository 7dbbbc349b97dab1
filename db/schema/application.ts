import { sql } from 'drizzle-orm';
import {
  bigint,
  foreignKey,
  index,
  integer,
  pgSequence,
  pgTable,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import type { ApplicationSpec } from '../../core/application/spec/spec.ts';
import type { ApplicationStatus, Condition, ResourceStatus } from '../../core/application/status.ts';
import type { DeletionFailure, RequestedDeletion } from '../../core/sync/walk/deletion.ts';
import type { StoredNode } from '../../core/wire/tree.ts';
import { jsonb } from './column.ts';
import { renders } from './manifest.ts';

export const resourceVersionSequence = pgSequence('resource_version_seq');

/** Grows with every visible change of any application; `metadata.resourceVersion` of the API. */
export const nextResourceVersion = sql`nextval('resource_version_seq')`;

/**
 * One Application as its owner wants it. What is observed of it changes far more often and is a row of its own: Postgres
 * writes a row anew as a whole, however little of it changes.
 */
export const applications = pgTable(
  'applications',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    namespace: text('namespace').notNull(),
    name: text('name').notNull(),
    project: text('project').notNull(),
    labels: jsonb('labels').$type<Record<string, string>>().notNull().default({}),
    annotations: jsonb('annotations').$type<Record<string, string>>().notNull().default({}),
    finalizers: jsonb('finalizers').$type<string[]>().notNull().default([]),
    spec: jsonb('spec').$type<ApplicationSpec>().notNull(),
    /** Grows when the spec alone changes: a render says which one it was made from. */
    generation: integer('generation').notNull().default(1),
    /** Grows when anything changes that counts for it; `metadata.generation` of the API. */
    specGeneration: integer('spec_generation').notNull().default(1),
    /** Digest of what `specGeneration` counts; null in rows of before it was kept. */
    specDigest: text('spec_digest'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    deletionRequestedAt: timestamp('deletion_requested_at', { withTimezone: true }),
    /** The deletion that was asked for and is to be carried out: set together with `deletionRequestedAt`. */
    deletion: jsonb('deletion').$type<RequestedDeletion>(),
    /** Why the last deletion did not come through; until somebody decides what becomes of the application. */
    deletionFailure: jsonb('deletion_failure').$type<DeletionFailure>(),
    /** Uid of the object in the home cluster that the row mirrors; null where the row itself is what holds. */
    homeUid: text('home_uid'),
    /** The newest resourceVersion of that object that is known; what is older is no news. */
    homeVersion: text('home_version'),
    /** Since when that object is the row's: an operation that was asked for before is one of another incarnation. */
    homeSince: timestamp('home_since', { withTimezone: true }),
    /** What the mirroring has to say of the application: why its object isn't what holds, or that it is another one now. */
    homeConditions: jsonb('home_conditions').$type<Condition[]>().notNull().default([]),
    /** What the destination is named by: its server without a slash at the end, or else its name; empty where it has none. */
    destinationServer: text('destination_server').generatedAlwaysAs(
      sql`rtrim(coalesce(spec -> 'destination' ->> 'server', ''), '/')`,
    ),
    destinationName: text('destination_name').generatedAlwaysAs(
      sql`coalesce(spec -> 'destination' ->> 'name', '')`,
    ),
  },
  (t) => [
    unique('applications_name').on(t.namespace, t.name),
    index('applications_destination_server').on(t.destinationServer),
    index('applications_destination_name').on(t.destinationName),
    // Lists are found in these alone, in the order of bytes: who may see what goes by project and name.
    index('applications_order').on(sql`name collate "C"`, sql`namespace collate "C"`, t.project, t.id),
    index('applications_project').on(
      sql`project collate "C"`,
      sql`name collate "C"`,
      sql`namespace collate "C"`,
      t.id,
    ),
  ],
);

/**
 * What is observed of an application, one row for each. It is made in the statement that makes the application, and is
 * locked after it. Every visible change of either raises its resourceVersion.
 */
export const applicationStatus = pgTable(
  'application_status',
  {
    applicationId: uuid('application_id')
      .primaryKey()
      .references(() => applications.id, { onDelete: 'cascade' }),
    resourceVersion: bigint('resource_version', { mode: 'number' }).notNull().default(nextResourceVersion),

    desiredRenderId: uuid('desired_render_id').references(() => renders.id),
    /** Revisions of all sources, joined by `joinRevisions`. */
    desiredRevision: text('desired_revision'),
    /** The `generation` whose spec `desiredRenderId` was made from. */
    desiredGeneration: integer('desired_generation'),
    renderError: text('render_error'),

    syncStatus: text('sync_status').$type<'Synced' | 'OutOfSync' | 'Unknown'>().notNull().default('Unknown'),
    healthStatus: text('health_status').notNull().default('Unknown'),
    healthMessage: text('health_message'),
    conditions: jsonb('conditions').$type<Condition[]>().notNull().default([]),
    resources: jsonb('resources').$type<ResourceStatus[]>().notNull().default([]),
    summary: jsonb('summary').$type<NonNullable<ApplicationStatus['summary']>>().notNull().default({}),
    sourceTypes: jsonb('source_types').$type<string[]>(),
    reconciledAt: timestamp('reconciled_at', { withTimezone: true }),
    /** Epoch of the cluster session that wrote the comparison. */
    sessionEpoch: bigint('session_epoch', { mode: 'number' }),
  },
  (t) => [
    index('application_status_render').on(t.desiredRenderId),
    // Counts of a list read this alone: a row has the application's resources beside its status.
    index('application_status_counts').on(t.applicationId, t.syncStatus, t.healthStatus),
  ],
);

/**
 * Refresh requests: `generation` grows with each request; the refresh copies it to `renderedGeneration` once the
 * desired state is current and the session to `comparedGeneration` once it has been compared. A signal that gets
 * lost changes nothing: whoever looks at the row sees what is still to do.
 */
export const dirty = pgTable('dirty', {
  applicationId: uuid('application_id')
    .primaryKey()
    .references(() => applications.id, { onDelete: 'cascade' }),
  generation: bigint('generation', { mode: 'number' }).notNull().default(1),
  renderedGeneration: bigint('rendered_generation', { mode: 'number' }).notNull().default(0),
  comparedGeneration: bigint('compared_generation', { mode: 'number' }).notNull().default(0),
  hard: integer('hard').notNull().default(0),
  /** Whether a person asks, for whom a render that kept failing is tried again. */
  asked: integer('asked').notNull().default(0),
  /** Whether a push asks that changes few applications, which shall not wait behind what concerns all. */
  urgent: integer('urgent').notNull().default(0),
  requestedAt: timestamp('requested_at', { withTimezone: true }).notNull().defaultNow(),
});

/** Live objects of an application's tree as the session last saw them, in the API's node shape. */
export const resourceNodes = pgTable(
  'resource_nodes',
  {
    applicationId: uuid('application_id').notNull(),
    /** Uid of the live object, or its key while it is missing. */
    nodeId: text('node_id').notNull(),
    node: jsonb('node').$type<StoredNode>().notNull(),
    epoch: bigint('epoch', { mode: 'number' }).notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    unique('resource_nodes_key').on(t.applicationId, t.nodeId),
    // Of the status, which whoever writes nodes has locked already.
    foreignKey({
      name: 'resource_nodes_status',
      columns: [t.applicationId],
      foreignColumns: [applicationStatus.applicationId],
    }).onDelete('cascade'),
  ],
);
