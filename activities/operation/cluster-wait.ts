import { Context } from '@temporalio/activity';
import { shownTarget } from '../../core/application/home.ts';
import { KeelsonError } from '../../core/errors.ts';
import { deadlineOf } from '../../core/sync/operation/deadline.ts';
import { type ClusterConnection, clusterConnection } from '../../db/queries/cluster/session.ts';
import { getOperation } from '../../db/queries/operation/operation.ts';
import { announceWait, closeWaitsOfKind, type NewWait, nowhere } from '../../db/queries/operation/wait.ts';
import type { AttemptRef, ClusterAbsence, GroupRef } from '../../workflows/messages.ts';
import type { RecordDeps } from '../deps.ts';

/** Time that a cluster gets to answer before an operation ends with the connection's error. */
const unreachableGraceMilliseconds = 10_000;

export function clusterWaitActivities(deps: Pick<RecordDeps, 'db' | 'homeNamespace'>) {
  return {
    /**
     * Says in the operation why nothing moves while no session holds its cluster, or while that doesn't answer. A sync
     * doesn't outlast the latter: it throws `cluster-unreachable` once sessions have tried for a while.
     */
    async awaitCluster(ref: AttemptRef & { readonly absence: ClusterAbsence }): Promise<void> {
      const [operation, cluster] = await Promise.all([
        getOperation(deps.db, ref.operationId),
        clusterConnection(deps.db, ref.clusterId),
      ]);
      if (cluster === undefined) {
        throw new KeelsonError(
          'not-found',
          `cluster ${ref.clusterId} is not registered any more; choose another destination or add it again`,
        );
      }
      const isAway = ref.absence === 'cluster' || hasBeenFailing(cluster);
      if (isAway && operation?.kind !== 'delete') {
        throw new KeelsonError('cluster-unreachable', cluster.message, { retryable: false });
      }
      const kind = isAway ? 'cluster' : 'session';
      await closeWaitsOfKind(deps.db, ref.operationId, [isAway ? 'session' : 'cluster']);
      await announceWait(deps.db, ref, {
        ...{ clusterId: null, kind, ...nowhere, steps: [], keys: [] },
        reason: absenceReason(
          kind,
          cluster,
          operation === undefined ? '' : shownTarget(operation, deps.homeNamespace),
        ),
        deadline: operation === undefined ? null : deadlineOf(operation),
      });
    },

    /** What was asked of the cluster is done: nothing waits for it or its session any more. */
    async closeClusterWaits(ref: AttemptRef): Promise<void> {
      await closeWaitsOfKind(deps.db, ref.operationId, ['session', 'cluster']);
    },
  };
}

/** Why nothing moves, and what can be done about a deletion that waits for its cluster. */
function absenceReason(
  absence: ClusterAbsence,
  { name, message }: ClusterConnection,
  application: string,
): string {
  const why = message === '' ? '' : `: ${message}`;
  if (absence === 'session') return `waiting for the session of cluster ${name}${why}`;
  return (
    `cluster ${name} does not answer${why}; the deletion goes on when it does. ` +
    `To give its objects up: keelson app delete ${application} --orphan`
  );
}

function hasBeenFailing({ status, failingSince }: ClusterConnection): boolean {
  const failingFor = Date.now() - (failingSince?.getTime() ?? Date.now());
  return status === 'Failed' && failingFor > unreachableGraceMilliseconds;
}

/** Opens or renews the wait that says why something is asked of a cluster again and again. */
export async function openClusterWait(
  deps: Pick<RecordDeps, 'db'>,
  ref: AttemptRef | GroupRef,
  wait: Pick<NewWait, 'steps' | 'keys' | 'reason' | 'deadline'>,
): Promise<void> {
  const { phase, wave } = 'phase' in ref ? ref : nowhere;
  await announceWait(deps.db, ref, { clusterId: null, kind: 'cluster', phase, wave, ...wait });
}

/** Runs of an activity that fail without a word: the next one comes within a second. */
const quietRuns = 2;

/**
 * Runs an activity that needs the cluster. While it fails for a passing reason, and so is run again and again, the
 * operation says what could not be done and why.
 */
export async function reportingCluster<T>(
  deps: Pick<RecordDeps, 'db'>,
  ref: AttemptRef | GroupRef,
  what: string,
  run: () => Promise<T>,
): Promise<T> {
  const runs = Context.current().info.attempt;
  try {
    const done = await run();
    if (runs > quietRuns) await closeWaitsOfKind(deps.db, ref.operationId, ['cluster']);
    return done;
  } catch (error) {
    if (error instanceof KeelsonError && error.retryable && runs > quietRuns) {
      const reason = `${what} failed and is tried again: ${error.message}`;
      await openClusterWait(deps, ref, { steps: [], keys: [], reason, deadline: null });
    }
    throw error;
  }
}
