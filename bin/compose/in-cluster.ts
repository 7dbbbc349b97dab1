import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { credentialsFromKubeconfig } from '../../cluster/access/kubeconfig.ts';
import { homeCluster } from '../../core/home/home-cluster.ts';
import { sameJson } from '../../core/object/json/canonical.ts';
import { findCluster, openClusterCredentials, saveCluster } from '../../db/queries/cluster/cluster.ts';
import type { Foundation } from './compose.ts';

/** Registers the cluster of a kubeconfig as the home cluster, again when its credentials changed. */
export async function registerInCluster(
  foundation: Foundation,
  path: string,
  context: string | undefined,
): Promise<void> {
  const { db } = foundation.database;
  const read = credentialsFromKubeconfig(
    await readFile(path, 'utf8'),
    // Files that it names are relative to its own folder, as with kubectl.
    { directory: dirname(path), ...(context === undefined ? {} : { context }) },
  );
  const credentials = { ...read, name: homeCluster.name };
  const known = await findCluster(db, { server: homeCluster.server });
  // Sealing the same credentials anew would make every role reconnect.
  const current =
    known !== undefined && sameJson(openClusterCredentials(foundation.keyring, known), credentials);
  const cluster = current
    ? known
    : await saveCluster(db, foundation.keyring, { ...homeCluster, credentials });
  await foundation.engine.ensureClusterSession(cluster.id);
  if (foundation.config.KEELSON_HOME_BRIDGE) await foundation.engine.ensureHomeSession();
}
