import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { connectDatabase, type DatabaseConnection } from '../../db/client.ts';
import { migrateDatabase } from '../../db/migrate.ts';

/** A migrated database of its own on the test server; dropped when the connection is closed. */
export async function openTestDatabase(): Promise<DatabaseConnection> {
  const server = process.env['KEELSON_TEST_POSTGRES_URL'] ?? inject('postgresUrl');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const connection = connectDatabase(url.href, { connections: 6, onError: () => {} });
  await migrateDatabase(connection);
  return {
    ...connection,
    async close() {
      if (!connection.pool.ended) await connection.close();
      await onServer(server, `drop database if exists ${name} with (force)`);
    },
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the superuser on the test run's PostgreSQL. */
    readonly postgresUrl: string;
  }
}
