import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { tables } from './schema/tables.ts';

/** The database, or a transaction on it: queries take either. */
export type Database = NodePgDatabase<typeof tables>;
