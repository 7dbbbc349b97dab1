import {
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import type { ConnectionStatus, RepositoryType } from '../../core/repository/words.ts';
import { bytea, jsonb } from './column.ts';

/** A repository that applications use; known either because somebody added it or because an application names it. */
export const repositories = pgTable(
  'repositories',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    url: text('url').notNull(),
    /** The same for all ways to write the address; empty in rows of before it was kept. */
    urlKey: text('url_key').notNull().default(''),
    /** Whether somebody registered it; else an application only names it. */
    registered: boolean('registered').notNull().default(false),
    type: text('type').$type<RepositoryType>().notNull().default('git'),
    name: text('name').notNull().default(''),
    project: text('project').notNull().default(''),
    /** Sealed; null when the repository is read anonymously. */
    credentials: bytea('credentials'),
    /** Refs of the last listing, by name; the next listing is compared with it. */
    refs: jsonb('refs').$type<Record<string, string>>(),
    connectionStatus: text('connection_status').$type<ConnectionStatus>().notNull().default('Unknown'),
    connectionMessage: text('connection_message').notNull().default(''),
    connectionAt: timestamp('connection_at', { withTimezone: true }),
    /** When the next revision check is due; jittered. */
    nextDueAt: timestamp('next_due_at', { withTimezone: true }).notNull().defaultNow(),
    failures: integer('failures').notNull().default(0),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    unique('repositories_url').on(t.url, t.project),
    index('repositories_url_key').on(t.urlKey),
    index('repositories_due').on(t.nextDueAt),
  ],
);

/** Credentials for all repositories whose address begins in one way. */
export const repositoryTemplates = pgTable('repository_templates', {
  url: text('url').primaryKey(),
  type: text('type').$type<RepositoryType>().notNull().default('git'),
  /** Sealed. */
  credentials: bytea('credentials').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});

/** What servers prove themselves with: host keys of SSH, and bundles of certificates that TLS trusts. */
export const certificates = pgTable(
  'certificates',
  {
    type: text('type').$type<'ssh' | 'https'>().notNull(),
    serverName: text('server_name').notNull(),
    /** Type of the host key; empty for TLS, where one bundle stands for a host. */
    keyType: text('key_type').notNull().default(''),
    /** Base64 of the host key, or PEM. */
    content: text('content').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.type, t.serverName, t.keyType] })],
);

/** Public keys whose signatures on commits are believed. */
export const gpgKeys = pgTable('gpg_keys', {
  /** The last 16 hex digits of the fingerprint, in upper case. */
  keyId: text('key_id').primaryKey(),
  fingerprint: text('fingerprint').notNull(),
  owner: text('owner').notNull(),
  keyType: text('key_type').notNull(),
  /** Armored, this key alone. */
  content: text('content').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});

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
  (t) => [
    primaryKey({ columns: [t.provider, t.deliveryId] }),
    index('webhook_deliveries_received').using('brin', t.receivedAt),
  ],
);

/** Files that somebody sent to be rendered; they are gone as soon as that is done. */
export const uploads = pgTable('uploads', {
  id: uuid('id').primaryKey().defaultRandom(),
  /** Sealed gzipped tar archive. */
  content: bytea('content').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});
