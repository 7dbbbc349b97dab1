import {
  type AutoSyncDecision,
  type ComparedResource,
  decideAutoSync,
  type LastOperation,
} from '../../core/application/autosync.ts';
import { joinNamed } from '../../core/application/revisions.ts';
import { hasMultipleSources, sourcesOf } from '../../core/application/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { SyncRequest } from '../../core/sync/operation.ts';
import { isOutdated } from '../../core/sync/supersede.ts';
import type { ApplicationRow } from '../../db/queries/application.ts';
import { type OperationRow, requestOperation } from '../../db/queries/operation.ts';
import { asSession } from '../../db/queries/session.ts';
import { dropSuccessor, queueSuccessor } from '../../db/queries/succession.ts';
import type { Deps } from '../deps.ts';
import type { Compared } from './compare.ts';
import type { LiveCluster } from './live-clusters.ts';

/** What follows from a comparison for automated sync. */
export type AutoSync = {
  /** Undefined where the application never syncs by itself. */
  readonly decision: AutoSyncDecision | undefined;
  /** The automated sync that is live, and whether what was compared is newer than it. */
  readonly running?: { readonly operation: OperationRow; readonly outdated: boolean };
};

/** Decides whether the application syncs by itself after this comparison. */
export function decideFor(
  application: ApplicationRow,
  latest: OperationRow | null,
  syncStatus: ApplicationRow['syncStatus'],
  compared: readonly Compared[],
): AutoSync {
  if (application.spec.syncPolicy?.automated === undefined || application.clusterId === null) {
    return { decision: undefined };
  }
  // Revisions count by position: those of a list that has changed since would go to the wrong sources.
  const current = application.desiredGeneration === application.generation;
  if (hasMultipleSources(application.spec) && !current) return { decision: undefined };
  const running = latest === null || latest.finishedAt !== null ? undefined : runningOf(application, latest);
  const decision = decideAutoSync({
    syncPolicy: application.spec.syncPolicy,
    windowAllows: true,
    operationInProgress: running?.outdated === false,
    // Half deleted is what somebody wanted gone: it comes back only when somebody says so.
    deleting: application.deletionRequestedAt !== null || application.deletionFailure !== null,
    syncStatus,
    revision: application.desiredRevision ?? '',
    several: hasMultipleSources(application.spec),
    sources: sourcesOf(application.spec),
    resources: compared.map(comparedResource),
    last: latest === null ? undefined : lastOperation(latest),
    nowUnix: Date.now() / 1000,
  });
  return running === undefined ? { decision } : { decision, running };
}

function runningOf(application: ApplicationRow, operation: OperationRow) {
  const live = {
    kind: operation.kind,
    initiatedBy: operation.initiatedBy,
    revision: operation.revision ?? joinNamed(operation.request) ?? '',
    sources: sourcesOf(operation.spec),
  };
  const newest = { revision: application.desiredRevision ?? '', sources: sourcesOf(application.spec) };
  return { operation, outdated: isOutdated(live, newest) };
}

/**
 * Does what was decided: requests the sync, or queues it behind the automated sync of an older revision, which gives
 * way at its next step. Only the session that has the cluster may: an earlier one could know an older revision.
 */
export async function followDecision(
  deps: Pick<Deps, 'db' | 'engine'>,
  live: Pick<LiveCluster, 'clusterId' | 'epoch'>,
  compared: Comparison,
  { decision, running }: AutoSync,
): Promise<void> {
  const { application, syncStatus } = compared;
  if (application.clusterId === null) return;
  const { clusterId } = live;
  if (running === undefined) {
    if (decision?.action === 'sync') await startAutoSync(deps, live, compared, decision.request);
    return;
  }
  const { operation, outdated } = running;
  if (!outdated) {
    if (operation.initiatedBy.automated) await dropSuccessor(deps.db, application.id);
    return;
  }
  const request = decision?.action === 'sync' ? decision.request : null;
  if (request === null && syncStatus !== 'Synced') return;
  const queued = await asSession(deps.db, live, (tx) =>
    queueSuccessor(tx, operation, {
      application: { ...application, clusterId },
      revision: application.desiredRevision ?? '',
      request,
    }),
  );
  if (queued) await deps.engine.nudgeOperation(operation);
}

/** What was compared, and what came of it. */
export type Comparison = {
  readonly application: ApplicationRow;
  readonly syncStatus: ApplicationRow['syncStatus'];
  /** The render to bring, where it is certain to be that of the application's current spec. */
  readonly render?: { readonly id: string; readonly revision: string };
};

/** Requests an automated sync, unless somebody else's operation was committed first. */
async function startAutoSync(
  deps: Pick<Deps, 'db' | 'engine'>,
  live: Pick<LiveCluster, 'clusterId' | 'epoch'>,
  { application, render }: Comparison,
  request: SyncRequest,
): Promise<void> {
  const { clusterId } = live;
  try {
    const operation = await asSession(deps.db, live, (tx) =>
      requestOperation(tx, {
        application,
        kind: 'sync',
        initiatedBy: { username: '', automated: true },
        request,
        ...(render?.revision === joinNamed(request) ? { render } : {}),
      }),
    );
    await deps.engine.startOperation({ ...operation, clusterId });
  } catch (error) {
    // The end of the other operation brings the next comparison.
    if (!(error instanceof KeelsonError) || error.code !== 'precondition-failed') throw error;
  }
}

function comparedResource({ status }: Compared): ComparedResource {
  return {
    group: status.group ?? '',
    kind: status.kind ?? '',
    name: status.name ?? '',
    ...(status.namespace === undefined ? {} : { namespace: status.namespace }),
    status: status.status,
    requiresPruning: status.requiresPruning ?? false,
  };
}

function lastOperation(row: OperationRow): LastOperation {
  return {
    phase: row.phase,
    message: row.message,
    ...(row.revision === null ? {} : { revision: row.revision }),
    sources: sourcesOf(row.spec),
    ...(row.finishedAt === null ? {} : { finishedAtUnix: row.finishedAt.getTime() / 1000 }),
    selfHealAttempts: row.request.selfHealAttempts,
  };
}
