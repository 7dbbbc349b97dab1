import { KeelsonError } from '../../core/errors.ts';
import { type SettingsRole, shownRef } from '../../core/home/settings/settings-object.ts';
import type { Database } from '../../db/client.ts';
import { type HomeSettingsRow, listSettingsObjects } from '../../db/queries/home/settings-object.ts';

/**
 * Refuses a change of what an object of the home cluster sets: made beside the object it would hold until somebody edits
 * the object for quite another reason, and then be lost.
 */
export async function refuseOwned(
  db: Database,
  role: SettingsRole,
  concerns: (row: HomeSettingsRow) => boolean = () => true,
): Promise<void> {
  const rows = await listSettingsObjects(db);
  const owner = rows.find((row) => row.role === role && row.goneAt === null && concerns(row));
  if (owner === undefined) return;
  throw new KeelsonError(
    'precondition-failed',
    `${shownRef(owner)} of the home cluster says what holds, which can't be changed beside it`,
  );
}
