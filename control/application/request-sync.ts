import { automationOf, isPaused } from '../../core/application/automation/automation.ts';
import { joinNamed } from '../../core/application/source/revisions.ts';
import type { ApplicationSpec } from '../../core/application/spec/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { homeHold } from '../../core/home/conditions.ts';
import { formatIssues } from '../../core/issue.ts';
import { skipReconcileAnnotation } from '../../core/object/annotations.ts';
import { writerOf } from '../../core/project/roles/writer.ts';
import { applicationIssues } from '../../core/project/rules/refusal.ts';
import type { SyncRequest } from '../../core/sync/operation/operation.ts';
import type { Database } from '../../db/client.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { getCluster } from '../../db/queries/cluster/cluster.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import type { OperationRow } from '../../db/queries/operation/operation.ts';
import { requestOperation } from '../../db/queries/operation/operation-request.ts';
import { forgetDeletionFailure } from '../../db/queries/operation/removal.ts';
import { findEffectiveProject } from '../../db/queries/project/effective-project.ts';
import { type Actor, auditOf, type Control, nameOf, objectOf } from '../context.ts';
import { sendHint } from '../hint.ts';
import { homeFault } from './home.ts';
import { passWindows, type WindowControl } from './pass-windows.ts';

/** A sync that somebody asks for. */
export type WantedSync = {
  readonly request: SyncRequest;
  /** What is brought to the cluster; the application's own spec unless an earlier one is rolled back to. */
  readonly spec?: ApplicationSpec;
  /** The audit's word for it. */
  readonly action: 'application.sync' | 'application.rollback';
  readonly details?: Readonly<Record<string, unknown>>;
  /** Is written with the operation or not at all. */
  readonly along?: (tx: Database, operation: OperationRow) => Promise<void>;
};

/** Throws for an application on which no sync can be started at all. */
export async function checkSyncable(
  control: Pick<Control, 'config' | 'db' | 'settings'>,
  row: ApplicationRow,
): Promise<void> {
  const fault = await homeFault(control, control.config.controlPlaneNamespace, row);
  if (fault !== undefined) {
    throw new KeelsonError(
      'precondition-failed',
      `application "${nameOf(control, row)}" can't be synced: ${fault}`,
    );
  }
  const hold = homeHold(row);
  if (hold !== undefined) {
    throw new KeelsonError(
      'precondition-failed',
      `application "${nameOf(control, row)}" can't be synced: ${hold}`,
    );
  }
  if (isPaused(row)) {
    throw new KeelsonError(
      'precondition-failed',
      `application "${nameOf(control, row)}" can't be synced: its annotation ${skipReconcileAnnotation} has it left alone; take it off`,
    );
  }
  if (row.deletionRequestedAt === null) return;
  throw new KeelsonError(
    'precondition-failed',
    `application "${nameOf(control, row)}" is being deleted; it can't be synced`,
  );
}

/** Whether the application syncs by itself. */
export function isAutomated(spec: ApplicationSpec): boolean {
  return automationOf(spec.syncPolicy) !== undefined;
}

/**
 * Commits the operation with its audit rows and tells the engine. Throws `forbidden` while sync windows are closed, unless
 * the request breaks the glass.
 */
export async function requestSync(
  control: Pick<Control, 'config' | 'db' | 'engine' | 'log'> & WindowControl,
  author: Actor,
  row: ApplicationRow,
  wanted: WantedSync,
): Promise<OperationRow> {
  const { clusterId } = row;
  if (clusterId === null) {
    throw new KeelsonError(
      'precondition-failed',
      `application "${nameOf(control, row)}" has a destination that is no known cluster; add the cluster or change spec.destination`,
    );
  }
  const { request } = wanted;
  await requirePermitted(control, { ...row, clusterId, spec: wanted.spec ?? row.spec });
  const passed = await passWindows(control, author, row, request);
  const operation = await control.db.transaction(async (tx) => {
    if (!request.dryRun) await forgetDeletionFailure(tx, row.id);
    const requested = await requestOperation(tx, {
      application: { ...row, spec: wanted.spec ?? row.spec },
      kind: 'sync',
      initiatedBy: author.by,
      request,
    });
    await recordAudit(
      tx,
      auditOf(author, {
        action: wanted.action,
        object: objectOf(control, row),
        details: {
          operation: requested.id,
          revision: joinNamed(request) ?? null,
          dryRun: request.dryRun,
          ...wanted.details,
        },
      }),
    );
    if (passed !== undefined) {
      await recordAudit(tx, { ...passed, details: { ...passed.details, operation: requested.id } });
    }
    await wanted.along?.(tx, requested);
    return requested;
  });
  const hint = { id: operation.id, applicationId: row.id, kind: 'sync', clusterId } as const;
  sendHint(control, control.engine.startOperation(hint));
  return operation;
}

/** Refuses a sync of what the project doesn't permit, before anything of it is rendered. */
async function requirePermitted(
  control: Pick<Control, 'config' | 'db' | 'settings'>,
  row: Pick<ApplicationRow, 'name' | 'namespace' | 'spec'> & { readonly clusterId: string },
): Promise<void> {
  const { namespace, spec, clusterId } = row;
  const [project, cluster] = await Promise.all([
    findEffectiveProject(control, spec.project),
    getCluster(control.db, clusterId),
  ]);
  const ground = { project, cluster };
  const issues = applicationIssues(ground, { namespace, spec }, control.config.controlPlaneNamespace);
  const writer = writerOf(control.settings.current(), ground, { namespace, spec });
  const words = issues.length > 0 ? formatIssues(issues) : writer.refusal;
  if (words === undefined) return;
  throw new KeelsonError(
    'precondition-failed',
    `application "${nameOf(control, row)}" can't be synced: ${words}`,
  );
}
