import { KeelsonError } from '../../core/errors.ts';
import { withHomeCondition } from '../../core/home/conditions.ts';
import type { HeldAnswer } from '../../core/home/deletion/deletion-guard.ts';
import {
  type ApplicationRow,
  lockApplication,
  updateHome,
} from '../../db/queries/application/application.ts';
import { moveDeletion } from '../../db/queries/home/home-deletion.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { type Actor, auditOf, type Control, nameOf, objectOf } from '../context.ts';

/**
 * Decides what becomes of an application whose object's deletion is held: its objects go with it, they stay without it, or
 * it comes back as it was. Throws where nothing is held.
 */
export async function answerHeldDeletion(
  control: Pick<Control, 'config' | 'db'>,
  actor: Actor,
  { id }: Pick<ApplicationRow, 'id'>,
  answer: HeldAnswer,
): Promise<void> {
  await control.db.transaction(async (tx) => {
    const row = await lockApplication(tx, id);
    if (row === undefined) throw new KeelsonError('not-found', 'application was deleted meanwhile');
    const object = objectOf(control, row);
    actor.require({ resource: 'approvals', action: 'approve', object });
    const uid = row.deletion?.object ?? '';
    const state = answer === 're-create' ? 'recreating' : 'pending';
    if (!(await moveDeletion(tx, uid, ['held'], { state, answer, answeredBy: actor.by.username }))) {
      throw new KeelsonError(
        'precondition-failed',
        `no deletion of application "${nameOf(control, row)}" is held`,
      );
    }
    const homeConditions = withHomeCondition(row.homeConditions, 'DeletionHeld', undefined, new Date());
    await updateHome(tx, row, { homeConditions }, { shown: true });
    await recordAudit(
      tx,
      auditOf(actor, { action: 'application.answer-held-deletion', object, details: { answer, uid } }),
    );
  });
}
