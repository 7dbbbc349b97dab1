import type { Database } from '../../db/client.ts';
import { followAccessChange } from '../../db/queries/repository/access-change.ts';
import type { Control } from '../context.ts';
import { sendHint } from '../hint.ts';

/**
 * Changes how repositories are reached, in one transaction with what follows from it: those concerned are checked at
 * once, and what could not be rendered is rendered again.
 */
export async function changeAccess<Result>(
  control: Pick<Control, 'db' | 'engine' | 'log'>,
  concerns: (url: string) => boolean,
  change: (tx: Database) => Promise<Result>,
): Promise<Result> {
  const { result, raised } = await control.db.transaction(async (tx) => ({
    result: await change(tx),
    raised: await followAccessChange(tx, concerns),
  }));
  sendHint(control, control.engine.refreshRepositories());
  sendHint(control, control.engine.refreshApplications(raised));
  return result;
}
