import { boolean, index, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';
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
