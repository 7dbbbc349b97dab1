import { detachProject, dropProject, takeProject } from '../../control/home/take-project.ts';
import type { Origin } from '../../core/home/incarnation.ts';
import { projectKey, projectVersion } from '../../core/home/project-object.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { listProjects } from '../../db/queries/project/project.ts';
import type { HomeMirror, MirroredKind } from './home-mirror.ts';
import { writeProjectAsObject } from './turn-on/write-projects.ts';

/** Projects, which are in Keelson's own namespace alone. */
export function projectKind(mirror: HomeMirror): MirroredKind {
  const { control, transaction } = mirror;
  return {
    name: 'projects',
    resource: {
      apiVersion: projectVersion,
      kind: 'AppProject',
      namespace: control.config.controlPlaneNamespace,
    },
    take: (object, as) => take(mirror, object, as),
    async gone({ name }, { metadata }) {
      await dropProject(control, transaction, metadata);
      // A name that an object had taken from a row is free again.
      await writeProjectAsObject(mirror, name);
    },
    listed: (keys) => detachMissing(mirror, new Set(keys.map(({ name }) => name))),
  };
}

async function take(mirror: HomeMirror, object: Manifest, origin: Origin): Promise<void> {
  const { control, transaction, client, signal } = mirror;
  const { outcome } = await takeProject(control, object, { origin, transaction });
  if (outcome !== 'doubtful') return;
  const read = await client.get(object.apiVersion, keyOf(object), { signal });
  // One that isn't there any more is told by the watch that follows the list.
  if (read !== undefined) await take(mirror, read, 'read');
}

/** A project that a list lacks is asked for by itself; it isn't deleted for that, but nobody goes by it any more. */
async function detachMissing(mirror: HomeMirror, listed: ReadonlySet<string>): Promise<void> {
  const { control, transaction, client, signal } = mirror;
  for (const row of await listProjects(control.db)) {
    if (row.homeUid === null || listed.has(row.name)) continue;
    const key = projectKey(control.config.controlPlaneNamespace, row.name);
    if ((await client.get(projectVersion, key, { signal })) !== undefined) continue;
    await detachProject(control, transaction, row);
  }
}
