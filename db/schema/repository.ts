import {
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { bytea } from './column.ts';

/** A repository that applications use; known either because somebody added it or because an application names it. */
export const repositories = pgTable(
  'repositories',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    url: text('url').notNull(),
    type: text('type').$type<'git' | 'helm' | 'oci'>().notNull().default('git'),
    name: text('name').notNull().default(''),
    project: text('project').notNull().default(''),
    /** Sealed; null when the repository is read anonymously. */
    credentials: bytea('credentials'),
    /** Refs of the last listing, by name; the next listing is compared with it. */
    refs: jsonb('refs').$type<Record<string, string>>(),
    connectionStatus: text('connection_status')
      .$type<'Unknown' | 'Successful' | 'Failed'>()
      .notNull()
      .default('Unknown'),
    connectionMessage: text('connection_message').notNull().default(''),
    connectionAt: timestamp('connection_at', { withTimezone: true }),
    /** When the next revision check is due; jittered. */
    nextDueAt: timestamp('next_due_at', { withTimezone: true }).notNull().defaultNow(),
    failures: integer('failures').notNull().default(0),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [unique('repositories_url').on(t.url, t.project), index('repositories_due').on(t.nextDueAt)],
);

/** Webhook deliveries that were accepted: one seen before changes nothing. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    provider: text('provider').notNull(),
    deliveryId: text('delivery_id').notNull(),
    repositoryUrls: jsonb('repository_urls').$type<string[]>().notNull(),
    ref: text('ref').notNull(),
    defaultBranch: text('default_branch'),
    receivedAt: timestamp('received_at', { withTimezone: true }).notNull().defaultNow(),
    doneAt: timestamp('done_at', { withTimezone: true }),
  },
  (t) => [primaryKey({ columns: [t.provider, t.deliveryId] })],
);
