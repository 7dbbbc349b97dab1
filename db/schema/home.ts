import { bigint, boolean, index, integer, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';
import type { HomeKinds } from '../../core/home/kind-state.ts';
import type { Notice } from '../../core/home/settings/notice.ts';
import type { SettingsRole } from '../../core/home/settings/settings-object.ts';
import { bytea, jsonb } from './column.ts';

/** Objects of the home cluster that set this installation, as they were last seen; what follows from them are other rows. */
export const homeSettings = pgTable(
  'home_settings',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    kind: text('kind').$type<'ConfigMap' | 'Secret'>().notNull(),
    namespace: text('namespace').notNull(),
    name: text('name').notNull(),
    uid: text('uid').notNull(),
    resourceVersion: text('resource_version').notNull(),
    role: text('role').$type<SettingsRole>().notNull(),
    /** Whether references may name it. */
    labelled: boolean('labelled').notNull(),
    /** The address that it speaks of, equal for all ways to write it; empty where it speaks of none. */
    address: text('address').notNull().default(''),
    project: text('project').notNull().default(''),
    /** Sealed: labels, annotations and values; of a Secret the last ones that could be read. */
    sealed: bytea('sealed').notNull(),
    /** Whether what is sealed can be used. */
    usable: boolean('usable').notNull().default(true),
    notices: jsonb('notices').$type<Notice[]>().notNull().default([]),
    noticedAt: timestamp('noticed_at', { withTimezone: true }),
    /** When the API server made the object. */
    objectCreatedAt: timestamp('object_created_at', { withTimezone: true }).notNull(),
    /** Since when it is known to be gone, while what it said stays in force. */
    goneAt: timestamp('gone_at', { withTimezone: true }),
  },
  (t) => [
    unique('home_settings_object').on(t.kind, t.namespace, t.name),
    index('home_settings_address').on(t.role, t.address),
  ],
);

/**
 * Who mirrors the objects of the home cluster: one row, or none before the first time. As with the sessions of clusters,
 * whoever takes it raises the epoch, and every write of a session is conditional on its own.
 */
export const homeSessions = pgTable('home_sessions', {
  id: integer('id').primaryKey().default(1),
  epoch: bigint('epoch', { mode: 'number' }).notNull(),
  owner: text('owner').notNull(),
  version: text('version').notNull(),
  takenAt: timestamp('taken_at', { withTimezone: true }).notNull().defaultNow(),
  /** Since when objects are what holds; null while rows are. */
  turnedOnAt: timestamp('turned_on_at', { withTimezone: true }),
  /** How the mirroring of each kind stands. */
  kinds: jsonb('kinds').$type<HomeKinds>().notNull().default({}),
});
