import { sql } from 'drizzle-orm';
import { bigint, boolean, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { ConnectionStatus } from '../../core/repository/words.ts';
import { bytea, jsonb } from './column.ts';

/** What a cluster can do, as rendering and planning need it. */
export type ClusterCapabilities = {
  readonly kubeVersion: string;
  /** `v1`, `apps/v1`, ... and `apps/v1/Deployment` forms, sorted. */
  readonly apiVersions: readonly string[];
  /** `<group>/<Kind>` → whether objects of the kind live in a namespace. */
  readonly namespaced: Readonly<Record<string, boolean>>;
};

/** A destination cluster; its credentials are sealed. */
export const clusters = pgTable(
  'clusters',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    name: text('name').notNull(),
    server: text('server').notNull().unique(),
    credentials: bytea('credentials').notNull(),
    labels: jsonb('labels').$type<Record<string, string>>().notNull().default({}),
    annotations: jsonb('annotations').$type<Record<string, string>>().notNull().default({}),
    namespaces: jsonb('namespaces').$type<string[]>().notNull().default([]),
    clusterResources: boolean('cluster_resources').notNull().default(true),
    project: text('project'),
    capabilities: jsonb('capabilities').$type<ClusterCapabilities>(),
    connectionStatus: text('connection_status').$type<ConnectionStatus>().notNull().default('Unknown'),
    connectionMessage: text('connection_message').notNull().default(''),
    connectionAt: timestamp('connection_at', { withTimezone: true }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  // Each project may have one of a name beside the one for all.
  (t) => [uniqueIndex('clusters_name').on(t.name, sql`coalesce(${t.project}, '')`)],
);

/**
 * Who holds a cluster's live cache. A session takes the row by raising the epoch; every write it makes later is
 * conditional on that epoch, so a session that was replaced can't overwrite its successor's view.
 */
export const clusterSessions = pgTable('cluster_sessions', {
  clusterId: uuid('cluster_id')
    .primaryKey()
    .references(() => clusters.id, { onDelete: 'cascade' }),
  epoch: bigint('epoch', { mode: 'number' }).notNull(),
  /** Identity of the session host. */
  owner: text('owner').notNull(),
  /** Release of the session's code. */
  version: text('version').notNull(),
  takenAt: timestamp('taken_at', { withTimezone: true }).notNull().defaultNow(),
  syncedAt: timestamp('synced_at', { withTimezone: true }),
});
