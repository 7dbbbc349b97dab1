import { bigserial, index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { bytea, jsonb } from './column.ts';

/** Every visible change, in order; streams read it from where they left off, NOTIFY only wakes them. */
export const changes = pgTable(
  'changes',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    type: text('type').$type<'ADDED' | 'MODIFIED' | 'DELETED'>().notNull(),
    topic: text('topic')
      .$type<
        'application' | 'tree' | 'desired' | 'cluster' | 'wait' | 'settings' | 'login' | 'projects' | 'rules'
      >()
      .notNull(),
    applicationId: uuid('application_id'),
    clusterId: uuid('cluster_id'),
    /** The project whose applications go by other rules now. */
    project: text('project'),
    /** The last state of a deleted application, for the DELETED event. */
    final: jsonb('final'),
    at: timestamp('at', { withTimezone: true }).notNull().defaultNow(),
  },
  // Rows come in the order of their times, so a summary of blocks finds the old ones and costs writers nothing.
  (t) => [index('changes_at').using('brin', t.at)],
);

/** Who did what, or was refused it: one row per change that a person or the engine asked for. */
export const audit = pgTable(
  'audit',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    at: timestamp('at', { withTimezone: true }).notNull().defaultNow(),
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    object: text('object').notNull(),
    /** Address of the request; empty where the installation did it by itself. */
    sourceAddress: text('source_address').notNull().default(''),
    decision: text('decision').$type<'allowed' | 'denied'>().notNull().default('allowed'),
    /** Why it was refused, or the reason that its author gave. */
    reason: text('reason').notNull().default(''),
    /** Keyed digests of what the object was and became, where it has a content of its own. */
    beforeDigest: text('before_digest'),
    afterDigest: text('after_digest'),
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [index('audit_at').using('brin', t.at)],
);

/** Settings by key; every value is sealed since some are secrets. */
export const settings = pgTable('settings', {
  key: text('key').primaryKey(),
  sealed: bytea('sealed').notNull(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
});

/** Logins, and single tokens, that were revoked before their end. */
export const revokedTokens = pgTable('revoked_tokens', {
  id: text('id').primaryKey(),
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
});

/** Which logins of an account count: those that carry its number, 0 where there is no row. */
export const accountLogins = pgTable('account_logins', {
  account: text('account').primaryKey(),
  generation: integer('generation').notNull(),
  /** When the ones before were ended. */
  endedAt: timestamp('ended_at', { withTimezone: true }).notNull().defaultNow(),
});

/** Logins that were tried and did not succeed, by a digest of name and address. */
export const loginAttempts = pgTable(
  'login_attempts',
  {
    key: text('key').primaryKey(),
    tries: integer('tries').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull().defaultNow(),
    /** Before this time nothing more is tried. */
    nextAt: timestamp('next_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [index('login_attempts_at').on(table.at)],
);
