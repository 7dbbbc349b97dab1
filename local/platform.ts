import { join } from 'node:path';
import { KeelsonError } from '../core/errors.ts';
import { type ClusterRole, type LocalCluster, startCluster } from './kubernetes/cluster.ts';
import { type EtcdAccess, startEtcd } from './kubernetes/etcd.ts';
import type { ToolName } from './obtain/tools.ts';
import { startPostgres } from './postgres/postgres.ts';
import type { FileLock } from './process/file-lock.ts';
import { createRoles, type RoleExit, type Roles } from './process/roles.ts';
import { settleAll } from './process/settle-all.ts';
import { ownStateDirectory } from './process/state-directory.ts';
import { startTemporal } from './temporal.ts';

/** What the user brings along instead of the local part. */
export type ExternalParts = {
  readonly databaseUrl?: string;
  readonly temporalAddress?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
};

/** What to start and where. */
export type PlatformOptions = {
  readonly stateDir: string;
  readonly external?: ExternalParts;
  /** Names of the local clusters; the first one is the home cluster. */
  readonly clusters?: readonly string[];
  /** More settings of the local PostgreSQL in the form `name=value`. */
  readonly postgresSettings?: readonly string[];
  /** Temporal namespace; an external server must have it already. */
  readonly namespace?: string;
  /** The state directory's, when the caller owns it already; released when everything has stopped. */
  readonly lock?: FileLock;
  /** Hears of a part that died by itself; the caller decides whether to `restart` it. */
  readonly onExit?: RoleExit;
};

/** One cluster as clients reach it. */
type ClusterAccess = {
  readonly name: string;
  readonly kubeconfigPath: string;
  readonly context: string | undefined;
};

/** Everything that Keelson's own roles need around them. */
export type Platform = {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Undefined for an external Temporal server. */
  readonly temporalUiUrl: string | undefined;
  readonly namespace: string;
  readonly clusters: readonly ClusterAccess[];
  /** The local clusters among them, for tests that look deeper. */
  readonly localClusters: readonly LocalCluster[];
  /** How further API servers can share the local etcd. */
  readonly etcdAccess: EtcdAccess | undefined;
  /**
   * Pids of what runs locally: `temporal, postgres, etcd` and, for the home cluster, `apiserver, controllerManager,
   * scheduler, kwok`; a further cluster's keys have its name in front (`east/apiserver`).
   */
  pids(): Readonly<Record<string, number>>;
  restart(key: string): Promise<void>;
  stop(): Promise<void>;
};

const homeCluster = 'in-cluster';

/**
 * Starts all parts of the local platform at once and returns when every one serves; on failure none is left running.
 * The tools have to be there (`obtainFor`): parts that start have deadlines, in which nothing can be built.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { stateDir, external = {}, namespace = 'keelson' } = options;
  const lock = options.lock ?? ownStateDirectory(stateDir);
  const roles = createRoles(options.onExit ?? (() => {}));
  const clusters: LocalCluster[] = [];
  const stop = async (): Promise<void> => {
    await settleAll(clusters.map((cluster) => cluster.stop()));
    await roles.stop();
    lock.release();
  };
  try {
    const [database, temporal, etcdAccess] = await settleAll([
      external.databaseUrl ?? startLocalDatabase(options, roles),
      external.temporalAddress ?? startLocalTemporal(options, roles, namespace),
      external.kubeconfig === undefined ? startLocalClusters(options, roles, clusters) : undefined,
    ]);
    return {
      databaseUrl: database,
      ...(typeof temporal === 'string'
        ? { temporalAddress: temporal, temporalUiUrl: undefined }
        : { temporalAddress: temporal.address, temporalUiUrl: temporal.uiUrl }),
      namespace,
      clusters: clusterAccess(external, clusters),
      localClusters: clusters,
      etcdAccess,
      pids: () => ({ ...roles.pids(), ...clusterPids(clusters) }),
      restart: (key) => restart(key, roles, clusters),
      stop,
    };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

const clusterTools: readonly ToolName[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
];

/** Tools that nobody needs where the user brings parts along. */
export function replacedTools(external: ExternalParts): readonly ToolName[] {
  return [
    ...(external.temporalAddress === undefined ? [] : (['temporal'] as const)),
    ...(external.kubeconfig === undefined ? [] : clusterTools),
  ];
}

async function startLocalDatabase(
  { stateDir, postgresSettings = [] }: PlatformOptions,
  roles: Roles,
): Promise<string> {
  const postgres = await roles.start('postgres', () =>
    startPostgres({ stateDir: join(stateDir, 'postgres'), settings: postgresSettings }),
  );
  return postgres.url;
}

function startLocalTemporal({ stateDir }: PlatformOptions, roles: Roles, namespace: string) {
  return roles.start('temporal', () => startTemporal({ stateDir: join(stateDir, 'temporal'), namespace }));
}

/** Fills `clusters` as they come up, so that a failure of one still stops the others. */
async function startLocalClusters(
  { stateDir, onExit, ...options }: PlatformOptions,
  roles: Roles,
  clusters: LocalCluster[],
): Promise<EtcdAccess> {
  const names = options.clusters ?? [homeCluster];
  const etcd = await roles.start('etcd', () => startEtcd({ stateDir: join(stateDir, 'etcd') }));
  await settleAll(
    names.map(async (name, index) => {
      const cluster = await startCluster({
        stateDir: join(stateDir, 'clusters', name),
        name,
        etcd: etcd.access,
        onExit: (role, how) => onExit?.(index === 0 ? role : `${name}/${role}`, how),
      });
      clusters.push(cluster);
    }),
  );
  clusters.sort((left, right) => names.indexOf(left.name) - names.indexOf(right.name));
  return etcd.access;
}

function clusterAccess(external: ExternalParts, clusters: readonly LocalCluster[]): readonly ClusterAccess[] {
  if (external.kubeconfig !== undefined) {
    return [{ name: homeCluster, kubeconfigPath: external.kubeconfig, context: external.context }];
  }
  return clusters.map(({ name, kubeconfigPath }) => ({ name, kubeconfigPath, context: name }));
}

function clusterPids(clusters: readonly LocalCluster[]): Record<string, number> {
  const rows = clusters.flatMap((cluster, index) =>
    Object.entries(cluster.pids()).map(([role, pid]) => [
      index === 0 ? role : `${cluster.name}/${role}`,
      pid,
    ]),
  );
  return Object.fromEntries(rows);
}

async function restart(key: string, roles: Roles, clusters: readonly LocalCluster[]): Promise<void> {
  const slash = key.lastIndexOf('/');
  const role = readClusterRole(key.slice(slash + 1));
  if (role === undefined) return roles.restart(key);
  const cluster = slash < 0 ? clusters[0] : clusters.find(({ name }) => name === key.slice(0, slash));
  if (cluster === undefined) throw new KeelsonError('not-found', `local role ${key} was never started`);
  return cluster.restart(role);
}

function readClusterRole(text: string): ClusterRole | undefined {
  return (['apiserver', 'controllerManager', 'scheduler', 'kwok'] as const).find((role) => role === text);
}
