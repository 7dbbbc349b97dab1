import { KeelsonError } from '../../core/errors.ts';
import { closureOf } from '../../core/project/window/closure.ts';
import type { SyncRequest } from '../../core/sync/operation/operation.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import type { AuditEntry } from '../../db/queries/installation/audit.ts';
import type { ProjectReader } from '../../db/queries/project/effective-project.ts';
import { syncWindowsOf } from '../../db/queries/project/sync-windows.ts';
import { type Actor, auditOf, type Control, objectOf } from '../context.ts';

/** What sync windows are read with, and the clock by which they open. */
export type WindowControl = ProjectReader & { readonly now: () => Date };

/**
 * Lets a sync through the application's windows: they are open to it, or its author breaks the glass with the right to
 * that, of which the audit entry is answered. The right is needed also while they are open, for such a sync is not
 * stopped when they close.
 */
export async function passWindows(
  control: Pick<Control, 'config'> & WindowControl,
  author: Actor,
  row: ApplicationRow,
  { breakGlass }: Pick<SyncRequest, 'breakGlass'>,
): Promise<AuditEntry | undefined> {
  const object = objectOf(control, row);
  if (breakGlass !== undefined) author.require({ resource: 'windows', action: 'break-glass', object });
  const windows = await syncWindowsOf(control, row);
  const closure = closureOf(windows, { at: control.now().getTime(), manual: !author.by.automated });
  if (breakGlass === undefined) {
    if (closure === undefined) return undefined;
    throw new KeelsonError(
      'forbidden',
      `${closure.message}; wait for them, or sync with a reason (breakGlassReason, --break-glass) and the right windows, break-glass`,
    );
  }
  return auditOf(author, {
    action: 'windows.break-glass',
    object,
    reason: breakGlass.reason,
    details: { refusal: closure?.message ?? null },
  });
}
