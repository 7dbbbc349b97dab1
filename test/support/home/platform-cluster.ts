import { readFile } from 'node:fs/promises';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';

/** The shared cluster of a test run, before or without a Keelson. */
export async function openPlatformCluster({
  kubeconfigPath,
}: {
  readonly kubeconfigPath: string;
}): Promise<ClusterClient> {
  return createClusterClient(credentialsFromKubeconfig(await readFile(kubeconfigPath, 'utf8')));
}
