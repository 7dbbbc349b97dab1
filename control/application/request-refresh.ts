import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { requestRefreshOf } from '../../db/queries/application/refresh-request.ts';
import type { Control } from '../context.ts';
import { sendHint } from '../hint.ts';

/** Asks for a fresh comparison, for somebody who waits; answers with the number that it will have. */
export async function requestRefresh(
  control: Pick<Control, 'db' | 'engine' | 'log'>,
  row: Pick<ApplicationRow, 'id'>,
  { hard }: { readonly hard: boolean },
): Promise<number> {
  const generation = await requestRefreshOf(control.db, row.id, { hard, manual: true });
  sendHint(control, control.engine.refreshApplication(row.id));
  return generation;
}
