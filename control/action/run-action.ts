import type { ActionValues } from '../../core/action/action.ts';
import { performAction } from '../../core/action/perform.ts';
import type { ActionWrite } from '../../core/action/write.ts';
import { KeelsonError } from '../../core/errors.ts';
import { formatKey } from '../../core/object/key.ts';
import { formatTime } from '../../core/text/time.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { type Author, auditOf, nameOf, objectOf } from '../context.ts';
import type { ActionControl } from './action-control.ts';
import type { ActionTarget } from './action-target.ts';
import { decideWrites, sendWrite } from './action-writes.ts';
import { runSeveral } from './run-several.ts';

/** An action by its name, with its values. */
type ActionChoice = { readonly action: string; readonly values: ActionValues };

/** Tries when the object was changed between reading and writing. */
const attempts = 3;

/** Runs an action on an object, once more when somebody changed the object meanwhile. */
export async function runAction(
  control: ActionControl,
  author: Author,
  target: ActionTarget,
  choice: ActionChoice,
): Promise<void> {
  const { db, log } = control;
  const { action, values } = choice;
  const details = { action, object: formatKey(target.key), parameters: Object.keys(values) };
  // Before the first write: what was ordered is on record, whatever becomes of it.
  await recordAudit(
    db,
    auditOf(author, {
      action: 'resource.action',
      object: objectOf(control, target.application),
      details,
    }),
  );
  for (let attempt = 1; ; attempt++) {
    try {
      await attemptAction(control, author, target, choice);
      log.info({ application: nameOf(control, target.application), ...details }, 'resource action ran');
      return;
    } catch (error) {
      if (!(error instanceof KeelsonError)) throw error;
      if (isConflict(error) && attempt < attempts) continue;
      throw new KeelsonError(error.code, `action ${action}: ${error.message}`, {
        retryable: error.retryable,
        cause: error,
      });
    }
  }
}

async function attemptAction(
  control: ActionControl,
  author: Author,
  target: ActionTarget,
  { action, values }: ActionChoice,
): Promise<void> {
  const { settings, lua, now } = control;
  const live = await target.read();
  const call = { name: action, values, now: formatTime(now()) };
  const impacts = await performAction(settings.current(), live, call, lua.run);
  const writes = await decideWrites(target, live, impacts);
  if (writes.length > 1) return runSeveral(control, author, target, { action, writes });
  for (const write of writes) await runSingle(target, write);
}

/** One request is made or it isn't: nothing of it has to outlive this process. */
async function runSingle({ cluster }: ActionTarget, write: ActionWrite): Promise<void> {
  if (write.operation === 'create') await sendWrite(cluster, write, { dryRun: true });
  await sendWrite(cluster, write, { dryRun: false });
}

function isConflict({ code, retryable }: KeelsonError): boolean {
  return code === 'conflict' && retryable;
}
