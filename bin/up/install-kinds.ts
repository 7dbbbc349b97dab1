import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { credentialsFromKubeconfig } from '../../cluster/access/kubeconfig.ts';
import { installDefinitions } from '../../cluster/installation/install-definitions.ts';
import { createClusterClient } from '../../cluster/request/client.ts';
import type { LocalCluster } from '../../local/kubernetes/cluster.ts';
import { ownDefinitions } from '../compose/definitions.ts';

/** Installs the definitions of our kinds on the local cluster; one that the user brings gets them by `admin crds`. */
export async function installKinds(
  clusters: readonly Pick<LocalCluster, 'kubeconfigPath'>[],
  signal: AbortSignal,
): Promise<void> {
  for (const { kubeconfigPath } of clusters) {
    const text = await readFile(kubeconfigPath, 'utf8');
    const client = createClusterClient(
      credentialsFromKubeconfig(text, { directory: dirname(kubeconfigPath) }),
    );
    try {
      await installDefinitions(client, await ownDefinitions(), { signal });
    } finally {
      await client.close();
    }
  }
}
