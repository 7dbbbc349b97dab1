import type { ResourceKey } from '../../core/object/key.ts';
import { permitsDestination, permitsKind } from '../../core/project/rules/permits.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { getCluster } from '../../db/queries/cluster/cluster.ts';
import { findEffectiveProject, type ProjectReader } from '../../db/queries/project/effective-project.ts';

/**
 * Which live objects may be read for an application: whoever writes its manifests names what they like in them, and may
 * see of the cluster no more than its project deploys to. Nothing where there is no project to go by.
 */
export async function reachOf(
  reader: ProjectReader,
  { project: name, clusterId }: Pick<ApplicationRow, 'clusterId' | 'project'>,
): Promise<(key: ResourceKey) => boolean> {
  const [found, cluster] = await Promise.all([
    findEffectiveProject(reader, name),
    clusterId === null ? undefined : getCluster(reader.db, clusterId),
  ]);
  if (!found.usable || cluster === undefined) return () => false;
  const { project, clusters } = found;
  const { server, name: clusterName } = cluster;
  return ({ namespace, ...kind }) =>
    namespace === ''
      ? permitsKind(project, { ...kind, namespace: undefined }).permitted
      : permitsDestination(project, { server, name: clusterName, namespace }, clusters).permitted;
}
