import type { ActionValues } from '../../core/action/action.ts';
import { performAction } from '../../core/action/perform.ts';
import { KeelsonError } from '../../core/errors.ts';
import { formatKey } from '../../core/object/key.ts';
import { formatTime } from '../../core/text/time.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import type { LuaQueue } from '../../platform/lua/engine.ts';
import { type Author, auditOf, type Control, nameOf, objectOf } from '../context.ts';
import type { ActionTarget, Reach } from './action-target.ts';
import { prepareWrites } from './action-writes.ts';

/** What actions run with. */
type ActionControl = Pick<Control, 'config' | 'db' | 'log'> &
  Pick<Reach, 'settings'> & { readonly lua: LuaQueue; readonly now: () => Date };

/** Looks once more when the object was changed between reading and writing. */
const attempts = 3;

/** Runs an action on an object, once more when somebody changed the object meanwhile. */
export async function runAction(
  control: ActionControl,
  author: Author,
  target: ActionTarget,
  { action, values }: { readonly action: string; readonly values: ActionValues },
): Promise<void> {
  const { db, log } = control;
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
      await attemptAction(control, target, action, values);
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
  target: ActionTarget,
  name: string,
  values: ActionValues,
): Promise<void> {
  const { settings, lua, now } = control;
  const live = await target.read();
  const call = { name, values, now: formatTime(now()) };
  const impacts = await performAction(settings.current(), live, call, lua.run);
  const writes = await prepareWrites(target, live, impacts);
  for (const [done, write] of writes.entries()) {
    await write.run(false).catch((error: unknown) => {
      if (done === 0 || !(error instanceof KeelsonError)) throw error;
      throw new KeelsonError(
        'internal',
        `${done} of ${writes.length} changes were made, then: ${error.message}`,
        {
          cause: error,
        },
      );
    });
  }
}

function isConflict({ code, retryable }: KeelsonError): boolean {
  return code === 'conflict' && retryable;
}
