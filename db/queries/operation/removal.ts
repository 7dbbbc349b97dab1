import { eq, sql } from 'drizzle-orm';
import type { ApplicationSpec } from '../../../core/application/spec/spec.ts';
import { formatKey } from '../../../core/object/key.ts';
import { applicationObject } from '../../../core/rbac/request.ts';
import {
  type DeletionFailure,
  mostOrphans,
  type OrphanReport,
  orphanCount,
  orphanWords,
} from '../../../core/sync/walk/deletion.ts';
import type { Database } from '../../client.ts';
import { applications } from '../../schema/application.ts';
import { operations } from '../../schema/operation.ts';
import {
  type ApplicationRow,
  lockApplication,
  nextGeneration,
  removeApplication,
} from '../application/application.ts';
import { recordAudit } from '../installation/audit.ts';
import type { OperationRow } from './operation.ts';
import { endOperation } from './operation-life.ts';

/** How a deletion that left its application in place has ended. */
export type FailedDeletion = {
  readonly phase: 'Failed' | 'Error' | 'Superseded';
  readonly message: string;
  /** Keelson's own namespace, for the application's name in the audit. */
  readonly home: string;
  /** Whether somebody stopped it, so that the application has nothing to say of a failure. */
  readonly terminated?: boolean;
  readonly preDeleteDone: boolean;
};

/** Ends a deletion and removes its application in one transaction; operations and their results stay. */
export function endDeletion(db: Database, operation: OperationRow, message: string): Promise<void> {
  return db.transaction(async (tx) => {
    await endOperation(tx, operation, { phase: 'Succeeded', message, inHistory: false });
    await removeApplication(tx, operation.applicationId);
  });
}

/** Removes an application whose objects are given up: what stays is told by the operation and in the audit. */
export function endOrphaning(
  db: Database,
  operation: OperationRow,
  given: { readonly actor: string; readonly home: string; readonly report: OrphanReport },
): Promise<void> {
  const { actor, home, report } = given;
  const { project, applicationName: name, applicationNamespace: namespace } = operation;
  return db.transaction(async (tx) => {
    await recordOrphans(tx, operation.id, report);
    await recordAudit(tx, {
      actor,
      action: 'application.orphan',
      object: applicationObject({ project, name, namespace }, home),
      details: {
        operation: operation.id,
        cluster: report.cluster,
        count: orphanCount(report),
        objects: report.objects.slice(0, auditedOrphans).map(({ key }) => formatKey(key)),
      },
    });
    await endDeletion(tx, operation, `application removed without its objects; ${orphanWords(report)}`);
  });
}

/** Objects that an audit row names; the operation has them all. */
const auditedOrphans = 100;

/** Stores what a deletion left behind. */
export async function recordOrphans(db: Database, operationId: string, report: OrphanReport): Promise<void> {
  await db.update(operations).set({ orphans: report }).where(eq(operations.id, operationId));
}

/**
 * Ends a deletion that did not come through. The application stays and can be deleted again; unless somebody has
 * asked meanwhile to give its objects up, in which case it goes without them. Where an object of the home cluster is being
 * deleted, that can't be taken back: the application stays as deleted, says why nothing goes on, and goes on when asked.
 */
export function endFailedDeletion(
  db: Database,
  operation: OperationRow,
  outcome: FailedDeletion,
): Promise<void> {
  return db.transaction(async (tx) => {
    const application = await lockApplication(tx, operation.applicationId);
    const [now] = await tx.select().from(operations).where(eq(operations.id, operation.id)).for('update');
    if (application === undefined || now === undefined || now.finishedAt !== null) return;
    if (now.orphanRequestedBy !== null) {
      const report = now.orphans ?? lastKnown(application);
      return endOrphaning(tx, now, { actor: now.orphanRequestedBy, home: outcome.home, report });
    }
    const { phase, message, preDeleteDone, terminated = false } = outcome;
    const failure = { operationId: operation.id, message, at: new Date().toISOString(), preDeleteDone };
    const stopped = application.deletion?.object === undefined ? undefined : application.deletion;
    await tx
      .update(applications)
      .set(
        stopped === undefined
          ? takenBack(application, terminated ? undefined : failure)
          : { deletion: { ...stopped, stopped: true }, deletionFailure: failure },
      )
      .where(eq(applications.id, operation.applicationId));
    await endOperation(tx, operation, { phase, message, inHistory: false });
  });
}

/** The application as it was before its deletion was asked for, with what it says of the failure. */
function takenBack(application: ApplicationRow, failure: DeletionFailure | undefined) {
  const finalizers = [...(application.deletion?.finalizers ?? application.finalizers)];
  return {
    deletionRequestedAt: sql`null`,
    deletion: sql`null`,
    deletionFailure: failure ?? sql`null`,
    finalizers,
    ...nextGeneration(application, { ...application, finalizers }),
  };
}

/** Forgets that a deletion failed: somebody has decided that the application lives on. */
export async function forgetDeletionFailure(db: Database, applicationId: string): Promise<void> {
  await db.update(applications).set({ deletionFailure: sql`null` }).where(eq(applications.id, applicationId));
}

/** What the last comparison saw of an application in its cluster. */
export function lastKnown(row: Pick<ApplicationRow, 'resources' | 'spec'>): OrphanReport {
  // A hook is listed whether there is an object of it or not; only an object has health.
  const seen = row.resources.filter(
    ({ health, hook }) => health?.status !== 'Missing' && (hook !== true || health !== undefined),
  );
  return {
    at: new Date().toISOString(),
    cluster: destinationOf(row.spec),
    source: 'last-known',
    objects: seen.slice(0, mostOrphans).map(({ group = '', kind = '', namespace = '', name = '' }) => ({
      key: { group, kind, namespace, name },
      finalizers: [],
    })),
    more: Math.max(0, seen.length - mostOrphans),
  };
}

/** The cluster of an application, as its owner names it. */
export function destinationOf({ destination }: ApplicationSpec): string {
  return destination.name || destination.server || 'without a name';
}
