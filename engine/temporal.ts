import {
  type Client,
  isGrpcDeadlineError,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { type SignalDefinition, TimeoutFailure, type Workflow } from '@temporalio/common';
import type { ActionOutcome } from '../core/action/outcome.ts';
import { ownField } from '../core/own-field.ts';
import type {
  InspectionFailure,
  InspectionKind,
  InspectionOutcome,
  InspectionRequest,
} from '../core/repository/inspection.ts';
import {
  actionWorkflowId,
  clusterSessionWorkflowId,
  deleteWorkflowId,
  homeSessionWorkflowId,
  inspectWorkflowId,
  refreshRepositoriesWorkflowId,
  refreshRepositoryWorkflowId,
  refreshShardOf,
  refreshWorkflowId,
  subjectOfId,
  syncQueue,
  syncWorkflowId,
} from '../workflows/ids.ts';
import type * as workflows from '../workflows/index.ts';
import { nudgeSignal, settledSignal, wakeSignal } from '../workflows/signals.ts';
import type { Engine, OperationHint } from './engine.ts';
import { createLongRunGuard } from './long-runs.ts';
import { shareHints } from './share-hints.ts';

/** The workflows by the names under which they are started. */
type Workflows = typeof workflows;

/** NOT_FOUND of gRPC. */
const grpcNotFound = 5;

/** While applications come in crowds, one wake-up tells of all that came meanwhile: each costs a workflow task. */
const wakePauseMilliseconds = 300;

/** Sessions run for ever: whether one does is asked once for all the applications that are created in so long. */
const sessionPauseMilliseconds = 2000;

/** The engine on a Temporal client. Ids are deterministic, so every call may be repeated. */
export function createEngine(client: Client): Engine {
  const idOf = (operation: OperationHint): string =>
    (operation.kind === 'sync' ? syncWorkflowId : deleteWorkflowId)(operation.applicationId, operation.id);

  /**
   * Starts a workflow unless it runs. One that ended may be started anew: a live row whose workflow was lost or stopped
   * by force needs another, and a workflow whose row has ended finds that out and ends at once.
   */
  const startOnce = async <Name extends keyof Workflows>(
    type: Name,
    workflowId: string,
    args: Parameters<Workflows[Name]>,
  ): Promise<void> => {
    try {
      await client.workflow.start<Workflow>(type, {
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

  const signal = async <Args extends unknown[]>(
    workflowId: string,
    definition: SignalDefinition<Args>,
    ...args: Args
  ): Promise<void> => {
    try {
      await client.workflow.getHandle(workflowId).signal(definition, ...args);
    } catch (error) {
      // Ended or not started yet: its row says all that the hint would have.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  };

  const wake = shareHints(wakePauseMilliseconds, (shard: number) =>
    client.workflow.signalWithStart<Workflows['refreshApplications']>('refreshApplications', {
      taskQueue: syncQueue,
      workflowId: refreshWorkflowId(shard),
      args: [{ shard }],
      signal: wakeSignal,
      signalArgs: [],
    }),
  );

  const startAction = (actionId: string): Promise<void> =>
    startOnce('runAction', actionWorkflowId(actionId), [{ actionId }]);

  const ensureClusterSession = shareHints(sessionPauseMilliseconds, (clusterId: string) =>
    startOnce('clusterSession', clusterSessionWorkflowId(clusterId), [{ clusterId }]),
  );

  const ensureHomeSession = (): Promise<void> => startOnce('homeSession', homeSessionWorkflowId, []);

  const refreshRepository = async (repositoryId: string): Promise<void> => {
    await client.workflow.signalWithStart<Workflows['refreshRepository']>('refreshRepository', {
      taskQueue: syncQueue,
      workflowId: refreshRepositoryWorkflowId(repositoryId),
      args: [{ repositoryId }],
      signal: wakeSignal,
      signalArgs: [],
    });
  };

  /** How a workflow that is no operation's is begun again, by the kind that its id names. */
  const beginAgain: Readonly<Record<string, (subject: string) => Promise<void>>> = {
    refresh: (shard) => wake(Number(shard)),
    'refresh-repository': refreshRepository,
    'cluster-session': ensureClusterSession,
    'home-session': ensureHomeSession,
    action: startAction,
  };
  const endLong = createLongRunGuard(client);

  return {
    startOperation: (operation) =>
      startOnce(operation.kind === 'sync' ? 'syncApplication' : 'deleteApplication', idOf(operation), [
        {
          applicationId: operation.applicationId,
          operationId: operation.id,
          clusterId: operation.clusterId,
        },
      ]),
    nudgeOperation: (operation) => signal(idOf(operation), nudgeSignal),
    hintSettled: (operation, place) => signal(idOf(operation), settledSignal, place),
    refreshApplication: (applicationId) => wake(refreshShardOf(applicationId)),
    refreshApplications: async (applicationIds) => {
      await Promise.all([...new Set(applicationIds.map(refreshShardOf))].map(wake));
    },
    refreshRepository,
    refreshRepositories: () => startOnce('refreshRepositories', refreshRepositoriesWorkflowId, []),
    ensureClusterSession,
    ensureHomeSession,
    startAction,
    runAction: (actionId, deadlineSeconds) =>
      inTime(client, deadlineSeconds, async () => {
        await startAction(actionId);
        return client.workflow.getHandle<Workflows['runAction']>(actionWorkflowId(actionId)).result();
      }),
    inspect: (request, deadlineSeconds) => inspect(client, request, deadlineSeconds),
    forgetEnded: (before) => forgetEnded(client, before),
    endLongRuns: async () => {
      const ended = await endLong();
      for (const { workflowId } of ended) {
        const { kind, subject } = subjectOfId(workflowId);
        await ownField(beginAgain, kind)?.(subject);
      }
      return ended;
    },
  };
}

/** What is waited for, or undefined when it takes longer or Temporal is away: its row is committed, so it comes about. */
async function inTime(
  client: Client,
  seconds: number,
  wait: () => Promise<ActionOutcome>,
): Promise<ActionOutcome | undefined> {
  try {
    return await client.withDeadline(Date.now() + seconds * 1000, wait);
  } catch (error) {
    if (isGrpcDeadlineError(error) || isAway(error)) return undefined;
    throw error;
  }
}

/** Removed by one call, a few side by side; the next call goes on. */
const forgottenAtOnce = 400;
const parallelRemovals = 10;

async function forgetEnded(client: Client, before: Date): Promise<boolean> {
  const { namespace } = client.options;
  const query = `ExecutionStatus != 'Running' AND CloseTime < '${before.toISOString()}'`;
  const { executions } = await client.workflowService.listWorkflowExecutions({
    namespace,
    query,
    pageSize: forgottenAtOnce,
  });
  const queue = executions.values();
  const remove = async ({ execution }: (typeof executions)[number]): Promise<void> => {
    try {
      await client.workflowService.deleteWorkflowExecution({
        namespace,
        workflowExecution: execution ?? null,
      });
    } catch (error) {
      // Another worker was faster.
      if (!isGrpcServiceError(error) || error.code !== grpcNotFound) throw error;
    }
  };
  const lane = async (): Promise<void> => {
    for (const ended of queue) await remove(ended);
  };
  await Promise.all(Array.from({ length: parallelRemovals }, lane));
  return executions.length === forgottenAtOnce;
}

/** Room for the engine itself to say that a run has timed out. */
const graceMilliseconds = 2000;

async function inspect<Kind extends InspectionKind>(
  client: Client,
  request: InspectionRequest<Kind>,
  deadlineSeconds: number,
): Promise<InspectionOutcome<Kind>> {
  const deadline = Date.now() + deadlineSeconds * 1000 + graceMilliseconds;
  // The client asks again and again while Temporal is away, until the deadline: who never got through tells it apart.
  let isAsked = false;
  try {
    const outcome: InspectionOutcome<Kind> = await client.withDeadline(deadline, async () => {
      const run = await client.workflow.start('inspectSource', {
        taskQueue: syncQueue,
        workflowId: inspectWorkflowId(crypto.randomUUID()),
        args: [request],
        workflowExecutionTimeout: deadlineSeconds * 1000,
      });
      isAsked = true;
      return run.result();
    });
    return outcome;
  } catch (error) {
    const isLate =
      isGrpcDeadlineError(error) ||
      (error instanceof WorkflowFailedError && error.cause instanceof TimeoutFailure);
    if (isLate) return { failure: isAsked ? noAnswer(deadlineSeconds) : engineAway };
    if (error instanceof WorkflowFailedError) return { failure: brokenLook };
    if (isAway(error)) return { failure: engineAway };
    throw error;
  }
}

const brokenLook: InspectionFailure = {
  code: 'internal',
  message: 'source could not be looked at; the log of the workers has the cause',
  retryable: true,
};

const grpcUnavailable = 14;

function isAway(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && Number(cause.code) === grpcUnavailable;
}

const engineAway: InspectionFailure = {
  code: 'unavailable',
  message: 'no worker could be asked, for Temporal is not reachable; try again once it is',
  retryable: true,
};

function noAnswer(seconds: number): InspectionFailure {
  return {
    code: 'timeout',
    message: `source was not looked at within ${seconds} s; check that a worker runs and reaches the host, and try again`,
    retryable: true,
  };
}
