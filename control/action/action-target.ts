import type { ActionScope } from '../../core/action/scope.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { actionWriterOf } from '../../core/project/roles/writer.ts';
import { objectRefusal } from '../../core/project/rules/refusal.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { getCluster } from '../../db/queries/cluster/cluster.ts';
import { findEffectiveProject } from '../../db/queries/project/effective-project.ts';
import type { SettingsSource } from '../../db/settings-source.ts';
import type { ClusterAccess, Control } from '../context.ts';
import { notPartOf, requireLiveNode } from './tree-node.ts';

/** The object of an application that an action is about. */
export type ActionTarget = {
  readonly application: ApplicationRow;
  readonly key: ResourceKey;
  readonly clusterId: string;
  /** Where it is changed, as whom the project says. */
  readonly cluster: ClusterAccess;
  readonly scope: ActionScope;
  /** The object as it is now. */
  read(): Promise<Manifest>;
};

/** What objects are reached with. */
export type Reach = Pick<Control, 'config' | 'db'> & {
  readonly settings: SettingsSource;
  readonly clusterFor: (clusterId: string) => Promise<ClusterAccess>;
};

/** Finds an object in an application's tree; nothing else of the cluster can be reached by actions. */
export async function findActionTarget(
  deps: Reach,
  application: ApplicationRow,
  object: { readonly key: ResourceKey; readonly version?: string | undefined },
): Promise<ActionTarget> {
  const { key, version } = object;
  const { clusterId } = application;
  const node = await requireLiveNode(deps, application, key);
  const { spec, namespace } = application;
  const [row, project] = await Promise.all([
    clusterId === null ? undefined : getCluster(deps.db, clusterId),
    findEffectiveProject(deps, spec.project),
  ]);
  if (row === undefined) throw notPartOf(application, key);
  const served = version || node.version || 'v1';
  const cluster = await deps.clusterFor(row.id);
  const settings = deps.settings.current();
  const ground = { project, cluster: row };
  const judged = { namespace, spec };
  const { account, refusal } = actionWriterOf(settings, deps.config.controlPlaneNamespace, ground, judged);
  const namespaces = [key.namespace, application.spec.destination.namespace ?? ''];
  return {
    application,
    key,
    clusterId: row.id,
    cluster: account === undefined ? cluster : cluster.as(account),
    scope: {
      settings,
      refusalOf: refusal === undefined ? objectRefusal(ground) : () => refusal,
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
