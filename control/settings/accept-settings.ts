import { waitsForAccept } from '../../core/home/settings/notice.ts';
import { shownRef } from '../../core/home/settings/settings-object.ts';
import { ownField } from '../../core/own-field.ts';
import { listSettingsObjects } from '../../db/queries/home/settings-object.ts';
import type { Author } from '../context.ts';
import { acceptObject, changedMeanwhile } from './home-objects.ts';
import type { SettingsControl } from './settings-control.ts';

/**
 * Accepts what the home cluster says where something else is in force: what can't be read is left out, what is gone says
 * nothing, what was held is done. Where the caller says which versions he has seen, none that came later is accepted.
 */
export async function acceptSettings(
  control: SettingsControl,
  author: Author,
  seen?: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const waiting = (await listSettingsObjects(control.db)).filter(({ notices }) => waitsForAccept(notices));
  const names = seen === undefined ? undefined : Object.keys(seen);
  const chosen = waiting.filter((row) => names === undefined || names.includes(shownRef(row)));
  const newer = chosen.find(
    (row) => seen !== undefined && ownField(seen, shownRef(row)) !== row.resourceVersion,
  );
  if (newer !== undefined) throw changedMeanwhile(newer);
  for (const row of chosen) await acceptObject(control, row, author);
  return chosen.map(shownRef);
}
