import { holdProject, takeProject } from '../../../control/home/take-project.ts';
import { projectObject } from '../../../control/project/object-projects.ts';
import { projectsWithoutObject } from '../../../db/queries/home/turn.ts';
import { findProject } from '../../../db/queries/project/project.ts';
import type { HomeMirror } from '../home-mirror.ts';
import type { RowChoice } from './row-choice.ts';
import { writeRow } from './write-row.ts';

/** Writes the projects that no object tells of as objects. */
export async function writeProjects(mirror: HomeMirror, which: RowChoice): Promise<void> {
  for (const name of await projectsWithoutObject(mirror.control.db, which)) {
    await writeProjectAsObject(mirror, name);
    await mirror.faults.reach('row-written-as-object');
  }
}

/** Writes one project as an object unless one tells of it, or has its name. */
export async function writeProjectAsObject(mirror: HomeMirror, name: string): Promise<void> {
  const { control, transaction } = mirror;
  const row = await findProject(control.db, name);
  if (row === undefined || row.homeUid !== null) return;
  await writeRow(mirror, {
    object: projectObject({ namespace: control.config.controlPlaneNamespace, name }, row),
    take: (object, origin) => takeProject(control, object, { origin, transaction }),
    hold: (reason) => holdProject(control, transaction, name, reason),
  });
}
