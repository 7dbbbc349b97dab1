import { KeelsonError } from '../../core/errors.ts';
import { groupAt } from '../../core/sync/plan/plan.ts';
import { clusterConnection } from '../../db/queries/cluster/session.ts';
import { getOperation } from '../../db/queries/operation/operation.ts';
import { findPlan } from '../../db/queries/operation/plan.ts';
import { closeWaitsOfKind, nowhere, tellWait } from '../../db/queries/operation/wait.ts';
import type { AttemptRef, GroupRef } from '../../workflows/messages.ts';
import type { RecordDeps } from '../deps.ts';
import { missingApproval } from './approval.ts';

/** Time that a cluster gets to answer before an operation ends with the connection's error. */
const unreachableGraceMilliseconds = 10_000;

export function waitActivities(deps: Pick<RecordDeps, 'db'>) {
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
      await tellWait(deps.db, ref, {
        clusterId: null,
        kind: 'session',
        ...nowhere,
        steps: [],
        keys: [],
        reason: `waiting for the session of cluster ${cluster.name}${cluster.message === '' ? '' : `: ${cluster.message}`}`,
        deadline: null,
      });
    },

    /** A session is there again, and has done what it was asked: nothing waits for it or its cluster any more. */
    async sessionFound(ref: AttemptRef): Promise<void> {
      await closeWaitsOfKind(deps.db, ref.operationId, ['session', 'cluster']);
    },

    /**
     * Whether somebody has approved the deletions of a group since the operation started; until then the wait for it
     * stands as a row.
     */
    async awaitApproval(
      ref: GroupRef & { readonly steps: readonly number[] },
    ): Promise<{ approved: boolean }> {
      const [operation, plan] = await Promise.all([
        getOperation(deps.db, ref.operationId),
        findPlan(deps.db, ref),
      ]);
      const group = plan && groupAt(plan.plan, ref);
      if (operation === undefined || plan === undefined || group === undefined) return { approved: false };
      const missing = await missingApproval(deps, operation, plan.plan, group);
      if (missing === undefined) {
        await closeWaitsOfKind(deps.db, ref.operationId, ['approval']);
        return { approved: true };
      }
      const steps = plan.plan.steps.filter((step) => ref.steps.includes(step.step));
      await tellWait(deps.db, ref, {
        clusterId: null,
        kind: 'approval',
        phase: ref.phase,
        wave: ref.wave,
        steps: [...ref.steps],
        keys: steps.map((step) => step.key),
        reason: missing,
        deadline: operation.deadline,
      });
      return { approved: false };
    },
  };
}
