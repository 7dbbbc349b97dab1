import { KeelsonError } from '../../../core/errors.ts';
import { isTurnedOn, markTurnedOn } from '../../../db/queries/home/turn.ts';
import type { HomeMirror } from '../home-mirror.ts';
import type { RowChoice } from './row-choice.ts';
import { writeAccounts } from './write-accounts.ts';
import { writeApplications } from './write-applications.ts';
import { writeProjects } from './write-projects.ts';

/** Writes the rows of one kind that no object tells of yet as objects. What is done already is passed over. */
type RowsWriter = (mirror: HomeMirror, which: RowChoice) => Promise<void>;

/**
 * In this order, so that what an object names is there before it: who may come in, projects, then what applications read from and go to,
 * then applications.
 */
const writers: readonly RowsWriter[] = [writeAccounts, writeProjects, writeApplications];

/**
 * Has every row an object before objects are what holds. Nothing that is there is overwritten: a name that is taken by an
 * object that says something else is a conflict, and somebody decides. A crash in the middle goes on where it was.
 */
export async function turnOn(mirror: HomeMirror): Promise<void> {
  const { control, transaction } = mirror;
  if (!(await isTurnedOn(control.db))) await ensureNamespace(mirror);
  await writeRows(mirror, { inConflict: true });
  await transaction(markTurnedOn);
}

/** Writes what came as a row, such as the first project of an installation that has just started. */
export async function writeRows(mirror: HomeMirror, which: RowChoice): Promise<void> {
  for (const write of writers) await write(mirror, which);
}

/** Keelson's own namespace, without which nothing of it can be an object. */
async function ensureNamespace({ client, control, signal }: HomeMirror): Promise<void> {
  const name = control.config.controlPlaneNamespace;
  const key = { group: '', kind: 'Namespace', namespace: '', name };
  if ((await client.get('v1', key, { signal })) !== undefined) return;
  try {
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { signal });
  } catch (error) {
    // Somebody else was faster.
    if (!(error instanceof KeelsonError) || error.details['reason'] !== 'AlreadyExists') throw error;
  }
}
