import { sql } from 'drizzle-orm';
import { index, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { DeletionState, DeletionWay, HeldAnswer } from '../../core/home/deletion/deletion-guard.ts';
import { jsonb } from './column.ts';

/**
 * Deletions of Application objects in the home cluster, by the uid of the object. A row outlasts its application, so that
 * the finalizers go after it, and no list that still has the object makes it anew.
 */
export const homeDeletions = pgTable(
  'home_deletions',
  {
    uid: text('uid').primaryKey(),
    /** Without a foreign key: the application goes first. */
    applicationId: uuid('application_id').notNull(),
    namespace: text('namespace').notNull(),
    name: text('name').notNull(),
    way: text('way').$type<DeletionWay>().notNull(),
    state: text('state').$type<DeletionState>().notNull().default('pending'),
    /** The object's finalizers when the deletion was first seen. */
    finalizers: jsonb('finalizers').$type<string[]>().notNull().default([]),
    /** The object's deletionTimestamp; null while Keelson has only announced that it is about to delete it. */
    deletedAt: timestamp('deleted_at', { withTimezone: true }),
    seenAt: timestamp('seen_at', { withTimezone: true }).notNull().defaultNow(),
    /** What somebody has decided about a deletion that was held, and who. */
    answer: text('answer').$type<HeldAnswer>(),
    answeredBy: text('answered_by'),
    releasedAt: timestamp('released_at', { withTimezone: true }),
  },
  (t) => [
    index('home_deletions_application').on(t.applicationId),
    index('home_deletions_open').on(t.namespace).where(sql`state <> 'released'`),
  ],
);

/**
 * Operations that clients have set on objects, each once: taken or refused first, cleared from the object afterwards. What
 * is not cleared yet may be seen again in later versions of the object.
 */
export const homeOperations = pgTable(
  'home_operations',
  {
    uid: text('uid').notNull(),
    /** The version of the object in which it was first seen. */
    resourceVersion: text('resource_version').notNull(),
    digest: text('digest').notNull(),
    /** Null where it was refused. */
    operationId: uuid('operation_id'),
    /** The version of the object that has it no more; null until then. */
    clearedVersion: text('cleared_version'),
    at: timestamp('at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.uid, t.resourceVersion] }), index('home_operations_at').on(t.at)],
);
