import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { credentialsFromKubeconfig } from '../../cluster/access/kubeconfig.ts';
import { installDefinitions } from '../../cluster/installation/install-definitions.ts';
import { createClusterClient } from '../../cluster/request/client.ts';
import type { LocalCluster } from '../../local/kubernetes/cluster.ts';
import { ownDefinitions } from '../compose/definitions.ts';

/**
 * Makes local clusters ready for `kubectl apply`: the definitions of our kinds, and the control plane's namespace where
 * one is named. A cluster that the user brings is left as it is.
 */
export async function prepareHome(
  clusters: readonly Pick<LocalCluster, 'kubeconfigPath'>[],
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  for (const { kubeconfigPath } of clusters) {
    const text = await readFile(kubeconfigPath, 'utf8');
    const client = createClusterClient(
      credentialsFromKubeconfig(text, { directory: dirname(kubeconfigPath) }),
    );
    try {
      await installDefinitions(client, await ownDefinitions(), { signal });
      if (namespace === undefined) continue;
      await client.applyServerSide(
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
        { fieldManager: 'keelson-up', signal },
      );
    } finally {
      await client.close();
    }
  }
}
