import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Engine, OperationHint } from './engine.ts';
import {
  clusterSessionWorkflowId,
  deleteWorkflowId,
  refreshRepositoriesWorkflowId,
  refreshShardOf,
  refreshWorkflowId,
  syncQueue,
  syncWorkflowId,
} from './ids.ts';
import { nudgeSignal, settledSignal, wakeSignal } from './messages.ts';

/** The engine on a Temporal client. Ids are deterministic, so every call may be repeated. */
export function createEngine(client: Client): Engine {
  const idOf = (operation: OperationHint): string =>
    (operation.kind === 'sync' ? syncWorkflowId : deleteWorkflowId)(operation.applicationId, operation.id);

  /**
   * Starts a workflow unless it runs. One that ended may be started anew: a live row whose workflow was lost or stopped
   * by force needs another, and a workflow whose row has ended finds that out and ends at once.
   */
  const startOnce = async (type: string, workflowId: string, args: unknown[]): Promise<void> => {
    try {
      await client.workflow.start(type, {
        taskQueue: syncQueue,
        workflowId,
        args,
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  };

  const signal = async (workflowId: string, name: string, args: unknown[]): Promise<void> => {
    try {
      await client.workflow.getHandle(workflowId).signal(name, ...args);
    } catch (error) {
      // Ended or not started yet: its row says all that the hint would have.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  };

  const wake = oneAtATime((shard: number) =>
    client.workflow.signalWithStart('refreshApplications', {
      taskQueue: syncQueue,
      workflowId: refreshWorkflowId(shard),
      args: [{ shard }],
      signal: wakeSignal,
      signalArgs: [],
    }),
  );

  return {
    startOperation: (operation) =>
      startOnce(operation.kind === 'sync' ? 'syncApplication' : 'deleteApplication', idOf(operation), [
        {
          applicationId: operation.applicationId,
          operationId: operation.id,
          clusterId: operation.clusterId,
        },
      ]),
    nudgeOperation: (operation) => signal(idOf(operation), nudgeSignal, []),
    hintSettled: (operation, place) => signal(idOf(operation), settledSignal, [place]),
    refreshApplication: (applicationId) => wake(refreshShardOf(applicationId)),
    refreshRepositories: () => startOnce('refreshRepositories', refreshRepositoriesWorkflowId, []),
    ensureClusterSession: (clusterId) =>
      startOnce('clusterSession', clusterSessionWorkflowId(clusterId), [{ clusterId }]),
  };
}

/**
 * Sends one hint per shard at a time: callers that come while one is under way share the next. The hint says only that
 * rows were committed, so one sent after the last commit tells of all of them.
 */
function oneAtATime(send: (shard: number) => Promise<unknown>): (shard: number) => Promise<void> {
  const running = new Map<number, Promise<unknown>>();
  const next = new Map<number, Promise<void>>();
  const start = async (shard: number): Promise<void> => {
    next.delete(shard);
    const sent = send(shard);
    running.set(shard, sent);
    try {
      await sent;
    } finally {
      if (running.get(shard) === sent) running.delete(shard);
    }
  };
  return (shard) => {
    const before = running.get(shard);
    if (before === undefined) return start(shard);
    const shared =
      next.get(shard) ??
      before.then(
        () => start(shard),
        () => start(shard),
      );
    next.set(shard, shared);
    return shared;
  };
}
