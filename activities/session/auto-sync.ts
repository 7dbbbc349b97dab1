import {
  type ComparedResource,
  decideAutoSync,
  type LastOperation,
} from '../../core/application/autosync.ts';
import { sourcesOf } from '../../core/application/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { ApplicationRow } from '../../db/queries/application.ts';
import { listOperations, type OperationRow, requestOperation } from '../../db/queries/operation.ts';
import type { Deps } from '../deps.ts';
import type { Compared } from './compare.ts';

/**
 * Starts an automated sync where the application asks for one and nothing speaks against it. Answers when to look
 * again, where only the self-heal backoff does.
 */
export async function autoSync(
  deps: Deps,
  application: ApplicationRow,
  compared: readonly Compared[],
): Promise<{ againAt?: Date }> {
  if (application.spec.syncPolicy?.automated === undefined || application.clusterId === null) return {};
  const [latest] = await listOperations(deps.db, application.id, 1);
  const decision = decideAutoSync({
    syncPolicy: application.spec.syncPolicy,
    windowAllows: true,
    operationInProgress: latest !== undefined && latest.finishedAt === null,
    deleting: application.deletionRequestedAt !== null,
    syncStatus: application.syncStatus,
    revision: application.desiredRevision ?? '',
    sources: sourcesOf(application.spec),
    resources: compared.map(comparedResource),
    last: latest === undefined ? undefined : lastOperation(latest),
    nowUnix: Date.now() / 1000,
  });
  if (decision.action === 'wait') return { againAt: new Date(decision.untilUnix * 1000) };
  if (decision.action === 'none') return {};
  try {
    const operation = await requestOperation(deps.db, {
      application,
      kind: 'sync',
      initiatedBy: { username: '', automated: true },
      request: decision.request,
    });
    await deps.engine.startOperation({ ...operation, clusterId: application.clusterId });
  } catch (error) {
    // Somebody else's operation was committed first; its end brings the next comparison.
    if (!(error instanceof KeelsonError) || error.code !== 'precondition-failed') throw error;
  }
  return {};
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
