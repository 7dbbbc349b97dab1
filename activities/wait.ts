import { KeelsonError } from '../core/errors.ts';
import { recordChange } from '../db/queries/change.ts';
import { openRetryWait } from '../db/queries/operation-life.ts';
import { clusterConnection } from '../db/queries/session.ts';
import { nowhere, openWait } from '../db/queries/wait.ts';
import type { AttemptRef } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';

/** Time that a cluster gets to answer before an operation ends with the connection's error. */
const unreachableGraceMilliseconds = 10_000;

export function waitActivities(deps: Deps) {
  return {
    /**
     * Says in the operation why nothing moves while no session holds its cluster. Throws `cluster-unreachable`
     * when the sessions that tried report that the cluster doesn't answer.
     */
    async awaitSession(ref: AttemptRef): Promise<void> {
      const cluster = await clusterConnection(deps.db, ref.clusterId);
      if (cluster === undefined) {
        throw new KeelsonError(
          'not-found',
          `cluster ${ref.clusterId} is not registered any more; choose another destination or add it again`,
        );
      }
      const failingFor = Date.now() - (cluster.failingSince?.getTime() ?? Date.now());
      if (cluster.status === 'Failed' && failingFor > unreachableGraceMilliseconds) {
        throw new KeelsonError('cluster-unreachable', cluster.message, { retryable: false });
      }
      await openWait(deps.db, {
        operationId: ref.operationId,
        attempt: ref.attempt,
        clusterId: null,
        kind: 'session',
        ...nowhere,
        steps: [],
        keys: [],
        reason: `waiting for the session of cluster ${cluster.name}${cluster.message === '' ? '' : `: ${cluster.message}`}`,
        deadline: null,
      });
      await recordChange(deps.db, {
        type: 'MODIFIED',
        topic: 'application',
        applicationId: ref.applicationId,
      });
    },

    /** Shows the pause before a retry as a wait with its end. */
    async openRetryWait(ref: AttemptRef & { delaySeconds: number }): Promise<void> {
      await openRetryWait(deps.db, {
        operationId: ref.operationId,
        attempt: ref.attempt,
        seconds: ref.delaySeconds,
      });
    },
  };
}
