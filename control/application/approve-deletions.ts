import { KeelsonError } from '../../core/errors.ts';
import { deletionApprovedAnnotation } from '../../core/object/annotations.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { liveOperation } from '../../db/queries/operation/operation.ts';
import { type Author, auditOf, type Control, nameOf, objectOf } from '../context.ts';
import { sendHint } from '../hint.ts';

/** Approves the deletions that the running operation waits with, and those it still comes to. */
export async function approveDeletions(
  control: Pick<Control, 'config' | 'db' | 'engine' | 'log' | 'store'>,
  author: Author,
  row: ApplicationRow,
): Promise<void> {
  const audit = auditOf(author, {
    action: 'application.confirm-deletion',
    object: objectOf(control, row),
  });
  if (!(await control.store.approveDeletions(row, audit))) {
    throw new KeelsonError('not-found', `application "${nameOf(control, row)}" was deleted meanwhile`);
  }
  await announceApproval(control, row);
}

/** Whether a change of an application's annotations approves deletions anew. */
export function approvesDeletions(
  before: Pick<ApplicationRow, 'annotations'>,
  after: Pick<ApplicationRow, 'annotations'>,
): boolean {
  const now = after.annotations[deletionApprovedAnnotation];
  return now !== undefined && now !== before.annotations[deletionApprovedAnnotation];
}

/** Tells the operation that may be waiting for an approval to look at it. */
export async function announceApproval(
  control: Pick<Control, 'db' | 'engine' | 'log'>,
  row: Pick<ApplicationRow, 'id'>,
): Promise<void> {
  const operation = await liveOperation(control.db, row.id);
  if (operation === undefined) return;
  const { id, kind } = operation;
  sendHint(control, control.engine.nudgeOperation({ id, applicationId: row.id, kind }));
}
