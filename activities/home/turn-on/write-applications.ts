import { newApplicationObject } from '../../../control/home/application-manifest.ts';
import { isTaken } from '../../../control/home/overtaken.ts';
import { holdApplication, takeApplication } from '../../../control/home/take-application.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { applicationKey, applicationVersion } from '../../../core/home/application-object.ts';
import { apiManager } from '../../../core/home/home-cluster.ts';
import { type ApplicationRow, findApplication } from '../../../db/queries/application/application.ts';
import { applicationsWithoutObject } from '../../../db/queries/home/turn.ts';
import type { HomeMirror } from '../home-mirror.ts';
import type { RowChoice } from './row-choice.ts';

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
  const { client, control, transaction, signal } = mirror;
  const row = await findApplication(control.db, name);
  if (row === undefined || row.homeUid !== null || row.deletionRequestedAt !== null) return;
  const options = { fieldManager: apiManager, fieldValidation: 'Ignore', signal } as const;
  try {
    const stored = await client.create(newApplicationObject(row, row), options);
    await takeApplication(control, stored, { origin: 'write', transaction });
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.retryable) throw error;
    const live = isTaken(error)
      ? await client.get(applicationVersion, applicationKey(row), { signal })
      : undefined;
    if (live !== undefined) await takeApplication(control, live, { origin: 'read', transaction });
    else await holdApplication(control, transaction, row, `can't be written as an object: ${error.message}`);
  }
}
