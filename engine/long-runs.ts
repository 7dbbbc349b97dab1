import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { mapBounded } from '../core/bounded.ts';
import { refreshShards, refreshWorkflowId } from '../workflows/ids.ts';

/** A run that was ended, since its history had grown too long. */
export type LongRun = { readonly workflowId: string; readonly events: number };

/** A run as a list of runs names it; of a workflow that is known by its id the one that runs now. */
type Execution = { readonly workflowId: string; readonly runId?: string };

/** Which runs are looked at, and ended. */
type RunLimits = {
  readonly mostEvents: number;
  /** A run that is younger has not had the time to grow so long, and most end before. */
  readonly youngMilliseconds: number;
};

/**
 * Runs hand over at 400 events. A signal that comes while one ends makes Temporal refuse the end, so that under many
 * signals a run tries again and again and grows; beyond this it would soon be too long to be replayed in time.
 */
const usualLimits: RunLimits = { mostEvents: 1000, youngMilliseconds: 60_000 };
/** Runs that one look asks about, a few side by side; the next look goes on behind them. */
const lookedAtOnce = 100;
const parallelLooks = 5;
/** NOT_FOUND of gRPC. */
const grpcNotFound = 5;

/**
 * Ends runs whose histories have grown too long, and answers with them. Only the server knows how long a history is that
 * is still written, and only of one run at a time: each look asks about the refreshes of all applications, which are
 * signalled the most, and about one page of all other runs. Any number of processes may look: each run is ended once.
 */
export function createLongRunGuard(
  client: Client,
  { mostEvents, youngMilliseconds } = usualLimits,
): () => Promise<LongRun[]> {
  const { namespace } = client.options;
  const refreshes: Execution[] = Array.from({ length: refreshShards }, (_, shard) => ({
    workflowId: refreshWorkflowId(shard),
  }));
  let page: Uint8Array | undefined;

  const nextPage = async (): Promise<Execution[]> => {
    // A page that can't be read is passed over: the next look begins anew.
    const nextPageToken = page ?? null;
    page = undefined;
    const before = new Date(Date.now() - youngMilliseconds).toISOString();
    const listed = await client.workflowService.listWorkflowExecutions({
      namespace,
      query: `ExecutionStatus = 'Running' AND StartTime < '${before}'`,
      pageSize: lookedAtOnce,
      nextPageToken,
    });
    page = listed.nextPageToken?.length ? listed.nextPageToken : undefined;
    return listed.executions.flatMap(({ execution }) =>
      execution?.workflowId && execution.runId
        ? [{ workflowId: execution.workflowId, runId: execution.runId }]
        : [],
    );
  };

  return async () => {
    const found = await mapBounded([...refreshes, ...(await nextPage())], parallelLooks, (execution) =>
      endIfLong(client, execution, mostEvents),
    );
    return found.filter((one) => one !== undefined);
  };
}

async function endIfLong(
  client: Client,
  execution: Execution,
  mostEvents: number,
): Promise<LongRun | undefined> {
  const { namespace } = client.options;
  try {
    const { workflowExecutionInfo: run } = await client.workflowService.describeWorkflowExecution({
      namespace,
      execution,
    });
    const events = Number(run?.historyLength ?? 0);
    const runId = run?.execution?.runId;
    // The run that was asked about and no other: one that has followed it meanwhile is short.
    if (events <= mostEvents || !runId || run.closeTime) return undefined;
    const reason = `its history has ${events} events, and ${mostEvents} at most are replayed in time`;
    await client.workflow.getHandle(execution.workflowId, runId).terminate(reason);
    return { workflowId: execution.workflowId, events };
  } catch (error) {
    // It has ended by itself, or another process was faster.
    if (isGone(error)) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError) return true;
  return isGrpcServiceError(error) && error.code === grpcNotFound;
}
