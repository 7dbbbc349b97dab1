import { deletionApprovedAnnotation } from '../../core/object/annotations.ts';
import { formatKey } from '../../core/object/key.ts';
import { strangerReason } from '../../core/sync/installation/stranger.ts';
import { isApproved } from '../../core/sync/walk/approval.ts';
import { someOf } from '../../core/text/some-of.ts';
import { getApplication } from '../../db/queries/application/application.ts';
import { clusterConnection } from '../../db/queries/cluster/session.ts';
import { getOperation, type OperationRow } from '../../db/queries/operation/operation.ts';
import { findPlan } from '../../db/queries/operation/plan.ts';
import { closeWaitsOfKind, nowhere, tellWait, type WaitRow } from '../../db/queries/operation/wait.ts';
import type { AttemptRef } from '../../workflows/messages.ts';
import type { RecordDeps } from '../deps.ts';
import { goneError } from './subject.ts';

/** What is asked of a running deletion: to end, or to end at the latest after some time. */
export type AskedDeletion = { readonly terminating: boolean; readonly deadlineSeconds?: number };

const shownObjects = 3;

export function deletionActivities(deps: RecordDeps) {
  return {
    /** Reads what is asked of a running deletion; the time that is left is never below zero. */
    async readDeletion(ref: AttemptRef): Promise<AskedDeletion> {
      const row = await getOperation(deps.db, ref.operationId);
      if (row === undefined) return { terminating: true };
      const terminating = row.terminateRequestedAt !== null;
      const deadline = deadlineOf(row);
      if (deadline === null) return { terminating };
      return { terminating, deadlineSeconds: Math.max(0, (deadline.getTime() - Date.now()) / 1000) };
    },

    /** Whether the objects that ask for it are confirmed to go; until then the wait says how to confirm. */
    async awaitConfirmation(ref: AttemptRef): Promise<{ confirmed: boolean }> {
      const [operation, application, plan] = await Promise.all([
        getOperation(deps.db, ref.operationId),
        getApplication(deps.db, ref.applicationId),
        findPlan(deps.db, ref),
      ]);
      if (operation === undefined || application === undefined) throw goneError(ref.operationId);
      const since = application.deletionRequestedAt ?? operation.requestedAt;
      const asking = (plan?.plan.steps ?? []).filter((step) => step.needsApproval === true);
      const approved = application.annotations[deletionApprovedAnnotation];
      if (asking.length === 0 || isApproved(approved, since)) {
        await closeWaitsOfKind(deps.db, ref.operationId, ['approval']);
        return { confirmed: true };
      }
      const named = asking.map(({ key }) => formatKey(key));
      await say(deps, operation, ref, {
        kind: 'approval',
        steps: asking.map(({ step }) => step),
        keys: asking.map(({ key }) => key),
        reason:
          `waiting for confirmation that ${someOf(named, shownObjects)} may be deleted; confirm with ` +
          `keelson app confirm-deletion ${application.name}, or annotate the application with ` +
          `${deletionApprovedAnnotation} and the time${strangerReason(asking)}`,
      });
      return { confirmed: false };
    },

    /** Says that a deletion stands still because its cluster does not answer, and what can be done about it. */
    async awaitCluster(ref: AttemptRef): Promise<void> {
      const [operation, cluster] = await Promise.all([
        getOperation(deps.db, ref.operationId),
        clusterConnection(deps.db, ref.clusterId),
      ]);
      if (operation === undefined) throw goneError(ref.operationId);
      const message = cluster?.message === undefined || cluster.message === '' ? '' : `: ${cluster.message}`;
      await say(deps, operation, ref, {
        kind: 'session',
        steps: [],
        keys: [],
        reason:
          `cluster ${cluster?.name ?? ref.clusterId} does not answer${message}; the deletion goes on when it does. ` +
          `To give its objects up: keelson app delete ${operation.applicationName} --orphan`,
      });
    },

    /** Closes what a deletion has said of its cluster, which answers again. */
    async closeClusterWait(ref: AttemptRef): Promise<void> {
      await closeWaitsOfKind(deps.db, ref.operationId, ['session']);
    },
  };
}

/** When a deletion ends as failed, if it has not come through before. */
export function deadlineOf(operation: Pick<OperationRow, 'request' | 'requestedAt'>): Date | null {
  const seconds = operation.request.deletion?.deadlineSeconds;
  return seconds === undefined ? null : new Date(operation.requestedAt.getTime() + seconds * 1000);
}

async function say(
  deps: RecordDeps,
  operation: OperationRow,
  ref: AttemptRef,
  wait: Pick<WaitRow, 'kind' | 'steps' | 'keys' | 'reason'>,
): Promise<void> {
  await tellWait(deps.db, ref, {
    clusterId: null,
    ...nowhere,
    ...wait,
    deadline: deadlineOf(operation),
  });
}
