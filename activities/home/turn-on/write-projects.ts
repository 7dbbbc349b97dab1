import { isTaken } from '../../../control/home/overtaken.ts';
import { holdProject, takeProject } from '../../../control/home/take-project.ts';
import { projectObject } from '../../../control/project/object-projects.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { apiManager } from '../../../core/home/home-cluster.ts';
import { projectKey, projectVersion } from '../../../core/home/project-object.ts';
import { projectsWithoutObject } from '../../../db/queries/home/turn.ts';
import { findProject } from '../../../db/queries/project/project.ts';
import type { HomeMirror } from '../home-mirror.ts';
import type { RowChoice } from './row-choice.ts';

/** Writes the projects that no object tells of as objects. */
export async function writeProjects(mirror: HomeMirror, which: RowChoice): Promise<void> {
  for (const name of await projectsWithoutObject(mirror.control.db, which)) {
    await writeProjectAsObject(mirror, name);
    await mirror.faults.reach('row-written-as-object');
  }
}

/** Writes one project as an object unless one tells of it, or has its name. */
export async function writeProjectAsObject(mirror: HomeMirror, name: string): Promise<void> {
  const { client, control, transaction, signal } = mirror;
  const row = await findProject(control.db, name);
  if (row === undefined || row.homeUid !== null) return;
  const namespace = control.config.controlPlaneNamespace;
  const options = { fieldManager: apiManager, fieldValidation: 'Ignore', signal } as const;
  try {
    const stored = await client.create(projectObject({ namespace, name }, row), options);
    await takeProject(control, stored, { origin: 'write', transaction });
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.retryable) throw error;
    const live = isTaken(error)
      ? await client.get(projectVersion, projectKey(namespace, name), { signal })
      : undefined;
    if (live !== undefined) await takeProject(control, live, { origin: 'read', transaction });
    else await holdProject(control, transaction, name, `can't be written as an object: ${error.message}`);
  }
}
