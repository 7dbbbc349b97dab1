import {
  type AutoSyncDecision,
  type ComparedResource,
  decideAutoSync,
  type LastOperation,
} from '../../core/application/autosync.ts';
import { sourcesOf } from '../../core/application/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { SyncRequest } from '../../core/sync/operation.ts';
import type { ApplicationRow } from '../../db/queries/application.ts';
import { listOperations, type OperationRow, requestOperation } from '../../db/queries/operation.ts';
import type { Deps } from '../deps.ts';
import type { Compared } from './compare.ts';

/** Decides whether the application syncs by itself after this comparison; undefined where it never does. */
export async function decideFor(
  deps: Pick<Deps, 'db'>,
  application: ApplicationRow,
  syncStatus: ApplicationRow['syncStatus'],
  compared: readonly Compared[],
): Promise<AutoSyncDecision | undefined> {
  if (application.spec.syncPolicy?.automated === undefined || application.clusterId === null)
    return undefined;
  const [latest] = await listOperations(deps.db, application.id, 1);
  return decideAutoSync({
    syncPolicy: application.spec.syncPolicy,
    windowAllows: true,
    operationInProgress: latest !== undefined && latest.finishedAt === null,
    // Half deleted is what somebody wanted gone: it comes back only when somebody says so.
    deleting: application.deletionRequestedAt !== null || application.deletionFailure !== null,
    syncStatus,
    revision: application.desiredRevision ?? '',
    sources: sourcesOf(application.spec),
    resources: compared.map(comparedResource),
    last: latest === undefined ? undefined : lastOperation(latest),
    nowUnix: Date.now() / 1000,
  });
}

/** Requests an automated sync, unless somebody else's operation was committed first. */
export async function startAutoSync(
  deps: Pick<Deps, 'db' | 'engine'>,
  application: ApplicationRow,
  request: SyncRequest,
): Promise<void> {
  if (application.clusterId === null) return;
  try {
    const operation = await requestOperation(deps.db, {
      application,
      kind: 'sync',
      initiatedBy: { username: '', automated: true },
      request,
    });
    await deps.engine.startOperation({ ...operation, clusterId: application.clusterId });
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
