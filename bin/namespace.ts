import type { Connection } from '@temporalio/client';

/** Ended workflows stay readable in Temporal for this long; Keelson's own history is in Postgres. */
const retentionSeconds = 7 * 24 * 60 * 60;
/** gRPC: ALREADY_EXISTS. */
const alreadyExists = 6;

/** Registers Keelson's Temporal namespace unless it is there. */
export async function ensureNamespace(connection: Connection, namespace: string): Promise<void> {
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: retentionSeconds as never },
    });
  } catch (error) {
    if ((error as { code?: number }).code !== alreadyExists) throw error;
  }
}
