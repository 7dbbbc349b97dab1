import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';

/** Ended workflows stay readable in Temporal for this long; Keelson's own history is in Postgres. */
const retentionSeconds = 7 * 24 * 60 * 60;
/** gRPC status codes. */
const [notFound, alreadyExists] = [5, 6];

/**
 * Registers Keelson's Temporal namespace unless it is there. One that is there is only looked at: a hosted Temporal
 * lets nobody register namespaces in this way.
 */
export async function ensureNamespace(connection: Connection, namespace: string): Promise<void> {
  if (await isThere(connection, namespace)) return;
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: proto.google.protobuf.Duration.fromObject({
        seconds: retentionSeconds,
      }),
    });
  } catch (error) {
    if (codeOf(error) !== alreadyExists) throw error;
  }
}

async function isThere(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch (error) {
    if (codeOf(error) !== notFound) throw error;
    return false;
  }
}

function codeOf(error: unknown): number | undefined {
  return (error as { code?: number }).code;
}
