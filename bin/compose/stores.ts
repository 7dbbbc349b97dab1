import { credentialsFromClusterSecret } from '../../cluster/access/cluster-secret.ts';
import { createObjectStore } from '../../control/application/store/object-store.ts';
import { createRowStore } from '../../control/application/store/row-store.ts';
import type { Control } from '../../control/context.ts';
import type { HomeControl, HomeObjects } from '../../control/home/context.ts';
import { createProjectObjects } from '../../control/project/object-projects.ts';
import { createProjectRows } from '../../control/project/project-store.ts';
import { createHomeSettings } from '../../control/settings/write/home-settings.ts';
import { KeelsonError } from '../../core/errors.ts';
import { homeCluster } from '../../core/home/home-cluster.ts';
import { findCluster } from '../../db/queries/cluster/cluster.ts';
import type { Foundation } from './compose.ts';

/** Where applications, projects and what sets the installation are kept: in the home cluster where its objects are what holds, else in rows. */
export function storesOf({
  config,
  clusters,
  database: { db },
  ...foundation
}: Foundation): Pick<Control, 'homeSettings' | 'projects' | 'store'> {
  const { engine, keyring, log, settings } = foundation;
  if (!config.KEELSON_HOME_BRIDGE) {
    return { store: createRowStore(db), projects: createProjectRows({ db, settings }) };
  }
  const control: HomeControl = {
    ...{ db, engine, keyring, log, settings },
    config: { controlPlaneNamespace: config.KEELSON_NAMESPACE },
  };
  const home = async (): Promise<HomeObjects> => {
    const registered = await findCluster(db, { server: homeCluster.server });
    if (registered !== undefined) return clusters.clientFor(registered.id);
    throw new KeelsonError(
      'unavailable',
      `no cluster is registered as ${homeCluster.server}, and applications are objects there: KEELSON_IN_CLUSTER_KUBECONFIG names the one`,
      { retryable: true },
    );
  };
  const settingsControl = { ...control, clusterCredentials: credentialsFromClusterSecret };
  return {
    store: createObjectStore(control, home),
    projects: createProjectObjects(control, home),
    homeSettings: createHomeSettings(settingsControl, config.KEELSON_NAMESPACE, home),
  };
}
