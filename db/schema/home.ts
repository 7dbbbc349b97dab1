import { bigint, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { HomeKinds } from '../../core/home/kind-state.ts';
import { jsonb } from './column.ts';

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
