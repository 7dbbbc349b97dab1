import type { ClusterClient } from '../../cluster/client.ts';
import type { ClusterCapabilities } from '../../db/schema/cluster.ts';

/** What rendering and planning need to know of a cluster, from its discovery. */
export async function capabilitiesOf(client: ClusterClient): Promise<ClusterCapabilities> {
  const [version, discovery] = await Promise.all([client.version(), client.discover()]);
  const apiVersions = new Set<string>();
  const namespaced: Record<string, boolean> = {};
  for (const { group, apiVersion, kind, namespaced: inNamespace } of discovery.resources) {
    apiVersions.add(apiVersion).add(`${apiVersion}/${kind}`);
    namespaced[`${group}/${kind}`] = inNamespace;
  }
  return { kubeVersion: version.gitVersion, apiVersions: [...apiVersions].sort(), namespaced };
}
