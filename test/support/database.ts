import { connectDatabase, type DatabaseConnection } from '../../db/client.ts';
import { testPlatform } from './platform.ts';

/** A migrated database of a test file's own; dropped when the connection is closed. */
export async function openTestDatabase(): Promise<DatabaseConnection> {
  const { databaseUrl, drop } = await testPlatform().createDatabase();
  const connection = connectDatabase(databaseUrl, { connections: 6, onError: () => {} });
  return {
    ...connection,
    async close() {
      if (!connection.pool.ended) await connection.close();
      await drop();
    },
  };
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the superuser on the test run's PostgreSQL. */
    readonly postgresUrl: string;
  }
}
