import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsFromKubeconfig } from '../../cluster/access/kubeconfig.ts';
import { type ClusterClient, createClusterClient } from '../../cluster/request/client.ts';
import { startCluster } from '../../local/kubernetes/cluster.ts';
import { startEtcd } from '../../local/kubernetes/etcd.ts';
import { obtainFor, productionTemporal } from '../../local/obtain/tools.ts';
import type { Reporter } from '../../local/reporter.ts';
import { createParts } from './parts.ts';

/** An API server without controllers, and nothing else. */
export type BareCluster = {
  readonly client: ClusterClient;
  readonly kubeconfigPath: string;
  /** For what the benchmark writes; removed with the cluster. */
  readonly folder: string;
  stop(): Promise<void>;
};

/** Starts an API server on an etcd of its own in a temporary directory. */
export async function startBareCluster(reporter: Reporter): Promise<BareCluster> {
  await obtainFor('bench', { reporter, except: productionTemporal });
  const folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  const { start, stop } = createParts(() => rmSync(folder, { recursive: true, force: true }));
  try {
    const etcd = await start(() => startEtcd({ stateDir: join(folder, 'etcd') }));
    const { kubeconfigPath } = await start(() =>
      startCluster({
        stateDir: join(folder, 'cluster'),
        name: 'bench',
        etcd: etcd.access,
        controllers: false,
      }),
    );
    const client = createClusterClient(credentialsFromKubeconfig(readFileSync(kubeconfigPath, 'utf8')));
    await start(async () => ({ stop: () => client.close() }));
    return { client, kubeconfigPath, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
