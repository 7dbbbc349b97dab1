import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Engine, OperationHint } from './engine.ts';
import {
  clusterSessionWorkflowId,
  deleteWorkflowId,
  refreshRepositoriesWorkflowId,
  refreshWorkflowId,
  syncQueue,
  syncWorkflowId,
} from './ids.ts';
import { nudgeSignal, settledSignal, wakeSignal } from './messages.ts';

/** The engine on a Temporal client. Ids are deterministic, so every call may be repeated. */
export function createEngine(client: Client): Engine {
  const idOf = (operation: OperationHint): string =>
    (operation.kind === 'sync' ? syncWorkflowId : deleteWorkflowId)(operation.applicationId, operation.id);

  const startOnce = async (
    type: string,
    workflowId: string,
    args: unknown[],
    reuse: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE',
  ): Promise<void> => {
    try {
      await client.workflow.start(type, {
        taskQueue: syncQueue,
        workflowId,
        args,
        workflowIdReusePolicy: reuse,
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

  return {
    startOperation: (operation) =>
      startOnce(
        operation.kind === 'sync' ? 'syncApplication' : 'deleteApplication',
        idOf(operation),
        [
          {
            applicationId: operation.applicationId,
            operationId: operation.id,
            clusterId: operation.clusterId,
          },
        ],
        'REJECT_DUPLICATE',
      ),
    nudgeOperation: (operation) => signal(idOf(operation), nudgeSignal, []),
    hintSettled: (operation, place) => signal(idOf(operation), settledSignal, [place]),
    async refreshApplication(applicationId) {
      await client.workflow.signalWithStart('refreshApplication', {
        taskQueue: syncQueue,
        workflowId: refreshWorkflowId(applicationId),
        args: [{ applicationId }],
        signal: wakeSignal,
        signalArgs: [],
      });
    },
    refreshRepositories: () =>
      startOnce('refreshRepositories', refreshRepositoriesWorkflowId, [], 'ALLOW_DUPLICATE'),
    ensureClusterSession: (clusterId) =>
      startOnce('clusterSession', clusterSessionWorkflowId(clusterId), [{ clusterId }], 'ALLOW_DUPLICATE'),
  };
}
