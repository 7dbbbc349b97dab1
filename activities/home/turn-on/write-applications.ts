import { newApplicationObject } from '../../../control/home/application-manifest.ts';
import { holdApplication, takeApplication } from '../../../control/home/take-application.ts';
import { type ApplicationRow, findApplication } from '../../../db/queries/application/application.ts';
import { applicationsWithoutObject } from '../../../db/queries/home/turn.ts';
import type { HomeMirror } from '../home-mirror.ts';
import type { RowChoice } from './row-choice.ts';
import { writeRow } from './write-row.ts';

/** Writes the applications that no object tells of as objects. */
export async function writeApplications(mirror: HomeMirror, which: RowChoice): Promise<void> {
  for (const name of await applicationsWithoutObject(mirror.control.db, which)) {
    await writeAsObject(mirror, name);
    await mirror.faults.reach('row-written-as-object');
  }
}

/** Writes one application as an object unless one tells of it, or has its name. */
export async function writeAsObject(
  mirror: HomeMirror,
  name: Pick<ApplicationRow, 'namespace' | 'name'>,
): Promise<void> {
  const { control, transaction } = mirror;
  const row = await findApplication(control.db, name);
  if (row === undefined || row.homeUid !== null || row.deletionRequestedAt !== null) return;
  await writeRow(mirror, {
    object: newApplicationObject(row, row),
    take: (object, origin) => takeApplication(control, object, { origin, transaction }),
    hold: (reason) => holdApplication(control, transaction, row, reason),
  });
}
