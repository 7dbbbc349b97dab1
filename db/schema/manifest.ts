import { jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { ResourceKey } from '../../core/object/key.ts';
import { bytea } from './column.ts';

/** Manifests by keyed digest: compressed and sealed, written once, shared by every render that produced them. */
export const manifests = pgTable('manifests', {
  digest: text('digest').primaryKey(),
  sealed: bytea('sealed').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});

/** One rendered object: where it goes and which manifest it is. */
export type RenderedObject = {
  readonly key: ResourceKey;
  readonly apiVersion: string;
  readonly digest: string;
};

/** The desired state of one application at one revision, by digest. */
export const renders = pgTable('renders', {
  id: uuid('id').primaryKey().defaultRandom(),
  /** Digest of everything the render read; equal keys share a row. */
  renderKey: text('render_key').notNull().unique(),
  /** Revisions of all sources, joined by `joinRevisions`. */
  revision: text('revision').notNull(),
  /** What renders each source, by position; empty for a source that only lends its files. */
  sourceTypes: jsonb('source_types').$type<string[]>().notNull(),
  objects: jsonb('objects').$type<RenderedObject[]>().notNull(),
  warnings: jsonb('warnings').$type<string[]>().notNull().default([]),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});
