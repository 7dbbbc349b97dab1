import { isOvertaken } from '../../control/home/overtaken.ts';
import { detachProject, dropProject, isReleasable, takeProject } from '../../control/home/take-project.ts';
import { KeelsonError } from '../../core/errors.ts';
import { apiManager } from '../../core/home/home-cluster.ts';
import { projectKey, projectVersion } from '../../core/home/project-object.ts';
import { resourcesFinalizer } from '../../core/object/annotations.ts';
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
    async take(object, as) {
      const { outcome } = await takeProject(control, object, { origin: as, transaction });
      if (outcome === 'doubtful') return outcome;
      await release(mirror, object);
      return 'done';
    },
    async gone({ name }, { metadata }) {
      await dropProject(control, transaction, metadata);
      // A name that an object had taken from a row is free again.
      await writeProjectAsObject(mirror, name);
    },
    listed: (keys) => detachMissing(mirror, new Set(keys.map(({ name }) => name))),
  };
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

/** Lets go of a project that is being deleted once no application is in it; until then it is there. */
async function release({ client, control, signal }: HomeMirror, object: Manifest): Promise<void> {
  const { name = '', deletionTimestamp, finalizers = [], resourceVersion } = object.metadata;
  const others = finalizers.filter((one) => one !== resourcesFinalizer);
  if (deletionTimestamp === undefined || others.length === finalizers.length) return;
  if (!(await isReleasable(control, name))) return;
  const body = { metadata: { finalizers: others } };
  const options = { fieldManager: apiManager, resourceVersion, signal };
  try {
    await client.patch(projectVersion, keyOf(object), body, 'merge', options);
  } catch (error) {
    // What has changed since comes with an event of its own; one that is gone needs nothing.
    const isGone = error instanceof KeelsonError && error.code === 'not-found';
    if (!isGone && !isOvertaken(error)) throw error;
  }
}
