import type { ActionPlace } from '../core/action/place.ts';
import { KeelsonError } from '../core/errors.ts';
import { formatKey, type ResourceKey } from '../core/object/key.ts';
import type { Manifest } from '../core/object/manifest.ts';
import type { ApplicationRow } from '../db/queries/application.ts';
import { getCluster } from '../db/queries/cluster.ts';
import type { ApiDeps, ClusterAccess } from './context.ts';
import { findTreeNode } from './resource-tree.ts';

/** The object of an application that an action is about. */
export type ActionTarget = {
  readonly application: ApplicationRow;
  readonly key: ResourceKey;
  readonly cluster: ClusterAccess;
  readonly place: ActionPlace;
  /** The object as it is now. */
  read(): Promise<Manifest>;
};

/** Finds an object in an application's tree; nothing else of the cluster can be reached by actions. */
export async function findActionTarget(
  deps: ApiDeps,
  application: ApplicationRow,
  object: { readonly key: ResourceKey; readonly version?: string | undefined },
): Promise<ActionTarget> {
  const { key, version } = object;
  const { clusterId } = application;
  const node = await findTreeNode(deps.db, application.id, key);
  const row = clusterId === null ? undefined : await getCluster(deps.db, clusterId);
  // A missing object is in the tree without a uid.
  if (node?.uid === undefined || node.uid === '' || row === undefined) throw notPartOf(application, key);
  const served = version || node.version || 'v1';
  const cluster = await deps.clusterFor(row.id);
  const namespaces = [key.namespace, application.spec.destination.namespace ?? ''];
  return {
    application,
    key,
    cluster,
    place: {
      settings: deps.settings.current(),
      cluster: { server: row.server, name: row.name },
      namespaces: key.namespace === '' ? [] : [...new Set(namespaces)].filter((one) => one !== ''),
    },
    async read() {
      const live = await cluster.get(key.group === '' ? served : `${key.group}/${served}`, key);
      if (live === undefined) throw notPartOf(application, key);
      return live;
    },
  };
}

function notPartOf({ name }: ApplicationRow, key: ResourceKey): KeelsonError {
  return new KeelsonError(
    'invalid-argument',
    `${formatKey(key)} not found as part of application ${name}; refresh the application`,
  );
}
