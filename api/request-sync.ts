import { automationOf } from '../core/application/automation.ts';
import { joinNamed } from '../core/application/revisions.ts';
import type { ApplicationSpec } from '../core/application/spec.ts';
import { KeelsonError } from '../core/errors.ts';
import type { SyncRequest } from '../core/sync/operation.ts';
import type { ApplicationRow } from '../db/queries/application.ts';
import { recordAudit } from '../db/queries/audit.ts';
import { requestOperation } from '../db/queries/operation-request.ts';
import { forgetDeletionFailure } from '../db/queries/removal.ts';
import { permissionName } from './application-lookup.ts';
import { showApplication } from './application-show.ts';
import { subjectOf } from './auth/enforce.ts';
import type { ApiContext } from './context.ts';
import { sendHint } from './hint.ts';

/** A sync that somebody asks for. */
export type WantedSync = {
  readonly request: SyncRequest;
  /** What is brought to the cluster; the application's own spec unless an earlier one is rolled back to. */
  readonly spec?: ApplicationSpec;
  /** The audit's word for it. */
  readonly action: 'application.sync' | 'application.rollback';
  readonly details?: Readonly<Record<string, unknown>>;
};

/** Throws for an application on which no sync can be started at all. */
export function checkSyncable(row: ApplicationRow): void {
  if (row.deletionRequestedAt === null) return;
  throw new KeelsonError(
    'precondition-failed',
    `application "${row.name}" is being deleted; it can't be synced`,
  );
}

/** Whether the application syncs by itself. */
export function isAutomated(spec: ApplicationSpec): boolean {
  return automationOf(spec.syncPolicy) !== undefined;
}

/** Commits the operation with its audit row, tells the engine, and answers with the application. */
export async function requestSync(c: ApiContext, row: ApplicationRow, wanted: WantedSync) {
  const { db, engine } = c.var.deps;
  const { clusterId } = row;
  if (clusterId === null) {
    throw new KeelsonError(
      'precondition-failed',
      `application "${row.name}" has a destination that is no known cluster; add the cluster or change spec.destination`,
    );
  }
  const { username } = subjectOf(c);
  const { request } = wanted;
  const operation = await db.transaction(async (tx) => {
    if (!request.dryRun) await forgetDeletionFailure(tx, row.id);
    const requested = await requestOperation(tx, {
      application: { ...row, spec: wanted.spec ?? row.spec },
      kind: 'sync',
      initiatedBy: { username, automated: false },
      request,
    });
    await recordAudit(tx, {
      actor: username,
      action: wanted.action,
      object: permissionName(row),
      details: {
        operation: requested.id,
        revision: joinNamed(request) ?? null,
        dryRun: request.dryRun,
        ...wanted.details,
      },
    });
    return requested;
  });
  sendHint(c, engine.startOperation({ id: operation.id, applicationId: row.id, kind: 'sync', clusterId }));
  c.header('keelson-operation-id', operation.id);
  return showApplication(c, row.id);
}
