import { KeelsonError } from '../../core/errors.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { requestTermination } from '../../db/queries/operation/operation.ts';
import { type Author, auditOf, type Control, objectOf } from '../context.ts';
import { sendHint } from '../hint.ts';

/** Asks the running operation of an application to end at its next step; throws when none runs. */
export async function stopOperation(
  control: Pick<Control, 'config' | 'db' | 'engine' | 'log'>,
  author: Author,
  row: ApplicationRow,
): Promise<void> {
  const { id, kind } = await control.db.transaction(async (tx) => {
    const stopped = await requestTermination(tx, row.id);
    if (stopped === undefined) {
      throw new KeelsonError(
        'precondition-failed',
        'Unable to terminate operation. No operation is in progress',
      );
    }
    await recordAudit(
      tx,
      auditOf(author, {
        action: 'application.terminate',
        object: objectOf(control, row),
        details: { operation: stopped.id },
      }),
    );
    return stopped;
  });
  sendHint(control, control.engine.nudgeOperation({ id, applicationId: row.id, kind }));
}
