import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import type { DatabaseConnection } from './client.ts';

/** Postgres: unique_violation and duplicate_table, the two ways in which `if not exists` loses a race. */
const createdMeanwhile: ReadonlySet<string> = new Set(['23505', '42P07']);

/** Brings the schema up to date; several roles may call it at once. */
export async function migrateDatabase(connection: DatabaseConnection): Promise<void> {
  const client = await connection.pool.connect();
  try {
    // The migrator has no lock of its own: a table lock on its journal makes the second caller wait for the first.
    await client
      .query('create table if not exists keelson_migrating (one int primary key)')
      .catch((error) => {
        // Two roles that start at once: the other one has just created it.
        if (!createdMeanwhile.has((error as { code?: string }).code ?? '')) throw error;
      });
    await client.query('begin; lock table keelson_migrating in access exclusive mode');
    // On the same connection, so that a pool of one is enough; its commit also ends the lock.
    await migrate(drizzle(client), {
      migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)),
    });
  } finally {
    client.release();
  }
}
