import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import type { DatabaseConnection } from './client.ts';

/** Postgres: unique_violation, duplicate_table, duplicate_object (the table's type): how `if not exists` loses a race. */
const createdMeanwhile: ReadonlySet<string> = new Set(['23505', '42P07', '42710']);

/**
 * Brings the schema up to date; several roles may call it at once. On a connection of its own, without the deadlines of
 * the pool: a migration of large tables takes as long as it takes, and the other roles wait for it.
 */
export async function migrateDatabase({ url }: Pick<DatabaseConnection, 'url'>): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'keelson migration',
  });
  // The statement that is under way fails, which is what counts.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query('set lock_timeout = 0');
    // The migrator has no lock of its own: a table lock on its journal makes the second caller wait for the first.
    await client
      .query('create table if not exists keelson_migrating (one int primary key)')
      .catch((error) => {
        // Two roles that start at once: the other one has just created it.
        if (!createdMeanwhile.has((error as { code?: string }).code ?? '')) throw error;
      });
    await client.query('begin; lock table keelson_migrating in access exclusive mode');
    // On the same connection: its commit also ends the lock.
    await migrate(drizzle(client), {
      migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)),
    });
  } finally {
    await client.end();
  }
}
