import { connectDatabase, type Database, type DatabaseConnection } from '../../../db/client.ts';
import { openFence, takeFence } from '../../../db/queries/operation/fence.ts';
import { recordSteps, type StepRecord } from '../../../db/queries/operation/plan.ts';
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

/** Records a step the way a worker does: by a run that has just taken the operation's fence. */
export async function recordAsRun(db: Database, applicationId: string, result: StepRecord): Promise<void> {
  const holder = { applicationId, operationId: result.operationId, attempt: result.attempt };
  await openFence(db, holder);
  await recordSteps(db, [result], { holder, token: await takeFence(db, holder) });
}
