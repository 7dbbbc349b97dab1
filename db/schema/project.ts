import { bigint, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { Condition } from '../../core/application/status.ts';
import { nextResourceVersion } from './application.ts';
import { jsonb } from './column.ts';

/** An AppProject: who may deploy what from where to where. */
export const projects = pgTable('projects', {
  id: uuid('id').primaryKey().defaultRandom(),
  name: text('name').notNull().unique(),
  labels: jsonb('labels').$type<Record<string, string>>().notNull().default({}),
  annotations: jsonb('annotations').$type<Record<string, string>>().notNull().default({}),
  finalizers: jsonb('finalizers').$type<string[]>().notNull().default([]),
  spec: jsonb('spec').$type<Record<string, unknown>>().notNull(),
  /** The roles of the last spec whose roles could all be read, as long as the present ones can't. */
  goodRoles: jsonb('good_roles').$type<unknown>(),
  status: jsonb('status').$type<Record<string, unknown>>().notNull().default({}),
  resourceVersion: bigint('resource_version', { mode: 'number' }).notNull().default(nextResourceVersion),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  /** The object in the home cluster that the row mirrors, as `applications` has it. */
  homeUid: text('home_uid'),
  homeVersion: text('home_version'),
  homeConditions: jsonb('home_conditions').$type<Condition[]>().notNull().default([]),
});
