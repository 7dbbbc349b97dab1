import { index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { ResourceKey } from '../../core/object/key.ts';
import type { Input } from '../../core/render/input.ts';
import { bytea, jsonb } from './column.ts';

/** Manifests by keyed digest: compressed and sealed, written once, shared by every render that produced them. */
export const manifests = pgTable(
  'manifests',
  {
    digest: text('digest').primaryKey(),
    sealed: bytea('sealed').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    /** When somebody last stored it, to the quarter of the time for which it is kept unnamed. */
    usedAt: timestamp('used_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index('manifests_used').on(t.usedAt)],
);

/** One rendered object: where it goes and which manifest it is. */
export type RenderedObject = {
  readonly key: ResourceKey;
  readonly apiVersion: string;
  readonly digest: string;
};

/** What a render read of one source, and a digest of its state in the commit that it was made from. */
export type SourceInputs = { readonly read: readonly Input[]; readonly state: string };

/** What a render read, so that another commit can be told to give the same without rendering it. */
export type RenderInputs = {
  /** By position of the source; null for one that its revision alone tells apart. */
  readonly sources: readonly (SourceInputs | null)[];
  /** Whether the revision itself is in what was rendered. */
  readonly usesRevision: boolean;
  /** Whether something was fetched that may change without a commit. */
  readonly fetches: boolean;
  /** Whether it was told which versions the cluster serves, and may have looked. */
  readonly cluster: boolean;
};

/** The desired state of one application at one revision, by digest. */
export const renders = pgTable(
  'renders',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    /** Digest of everything the render read; equal keys share a row. */
    renderKey: text('render_key').notNull().unique(),
    /** Revisions of all sources that it was first made from, joined by `joinRevisions`; later ones may give the same. */
    revision: text('revision').notNull(),
    /** What renders each source, by position; empty for a source that only lends its files. */
    sourceTypes: jsonb('source_types').$type<string[]>().notNull(),
    objects: jsonb('objects').$type<RenderedObject[]>().notNull(),
    warnings: jsonb('warnings').$type<string[]>().notNull().default([]),
    /** Null for what was uploaded. */
    inputs: jsonb('inputs').$type<RenderInputs>(),
    /** By kind, whether the cluster said that it is namespaced (null: it didn't know): what the objects' places rest on. */
    scopes: jsonb('scopes').$type<Record<string, boolean | null>>().notNull().default({}),
    /** When it is no longer taken for equal, although all that is known is the same. */
    expiresAt: timestamp('expires_at', { withTimezone: true }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    /** When somebody last took it for an application or an operation, to the same precision. */
    usedAt: timestamp('used_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index('renders_used').on(t.usedAt)],
);

/** Renders that failed, by the key that they would have had: what fails again and again is left alone for a while. */
export const renderFailures = pgTable('render_failures', {
  renderKey: text('render_key').primaryKey(),
  failures: integer('failures').notNull().default(1),
  firstFailedAt: timestamp('first_failed_at', { withTimezone: true }).notNull().defaultNow(),
  message: text('message').notNull(),
});
