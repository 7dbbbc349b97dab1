import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { toolPath, toolPaths } from '../obtain/tools.ts';
import { pollUntil } from '../poll.ts';
import { rememberedPort } from '../ports.ts';
import { stopLeftovers } from '../process/child.ts';
import { createRoles, type RoleExit, type Roles } from '../process/roles.ts';
import { settleAll } from '../process/settle-all.ts';
import { startApiServer } from './api-server.ts';
import type { Subject } from './certificate.ts';
import { startControllerManager, startScheduler } from './controllers.ts';
import type { EtcdAccess } from './etcd.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { startKwok } from './kwok.ts';
import { createNodes, isRunningPods } from './nodes.ts';
import { openPki, type Pki } from './pki.ts';
import type { ProbeIdentity } from './probe.ts';

/** Where and how one local cluster runs. */
export type ClusterOptions = {
  /** Its keys, kubeconfigs, logs and pid files live here. */
  readonly stateDir: string;
  /** Names the kubeconfig's context. */
  readonly name: string;
  readonly etcd: EtcdAccess;
  /** Keeps clusters on one etcd apart; `/registry/<name>` when absent. */
  readonly etcdPrefix?: string;
  /** False starts the API server alone, for tests that need no running pods. */
  readonly controllers?: boolean;
  readonly nodes?: number;
  readonly onExit?: RoleExit;
};

/** The programs of one cluster. */
export type ClusterRole = 'apiserver' | 'controllerManager' | 'scheduler' | 'kwok';

/** A running local cluster. */
export type LocalCluster = {
  readonly name: string;
  /** `https://127.0.0.1:port`, the same over restarts. */
  readonly server: string;
  /** Kubeconfig of an administrator. */
  readonly kubeconfigPath: string;
  readonly caPem: string;
  readonly adminCertificatePem: string;
  readonly adminKeyPem: string;
  pids(): Readonly<Partial<Record<ClusterRole, number>>>;
  restart(role: ClusterRole): Promise<void>;
  stop(): Promise<void>;
};

const defaultNodes = 2;

/** Starts a Kubernetes cluster whose nodes are simulated and whose control plane is the real one. */
export async function startCluster(options: ClusterOptions): Promise<LocalCluster> {
  const folder = options.stateDir;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const programs = ['apiserver', 'controller-manager', 'scheduler', 'kwok'];
  await stopLeftovers(programs.map((program) => join(folder, `${program}.pid`)));
  const pki = openPki(join(folder, 'pki'));
  const server = `https://127.0.0.1:${await rememberedPort(folder, 'apiserver')}`;
  const adminPair = pki.pair('admin', {
    subject: { name: 'keelson-admin', organizations: ['system:masters'] },
    use: 'client',
  });
  const kubeconfigPath = join(folder, 'admin.kubeconfig');
  writeKubeconfig(kubeconfigPath, { name: options.name, server, caPem: pki.caPem, user: adminPair });

  const roles = createRoles(options.onExit ?? (() => {}));
  try {
    await startRoles(options, roles, { pki, server, admin: { caPem: pki.caPem, ...adminPair } });
  } catch (cause) {
    await roles.stop();
    throw cause;
  }
  return {
    name: options.name,
    server,
    kubeconfigPath,
    caPem: pki.caPem,
    adminCertificatePem: adminPair.certificatePem,
    adminKeyPem: adminPair.keyPem,
    pids: roles.pids,
    restart: roles.restart,
    stop: roles.stop,
  };
}

type Access = { readonly pki: Pki; readonly server: string; readonly admin: ProbeIdentity };

async function startRoles(options: ClusterOptions, roles: Roles, access: Access): Promise<void> {
  const { stateDir: folder, name, controllers = true, nodes = defaultNodes } = options;
  const { pki, server, admin } = access;
  const apiServer = await toolPath('kube-apiserver');
  await roles.start('apiserver', () =>
    startApiServer(
      {
        ...{ command: apiServer, folder, pki, controllers, etcd: options.etcd },
        port: Number(new URL(server).port),
        etcdPrefix: options.etcdPrefix ?? `/registry/${name}`,
      },
      admin,
    ),
  );
  if (!controllers) return;
  const tools = await toolPaths(['kube-controller-manager', 'kube-scheduler', 'kwok']);
  const port = await rememberedPort(folder, 'kubelet');
  const component = (file: string, user: string, groups: readonly string[] = []) => ({
    folder,
    pki,
    kubeconfigFile: componentKubeconfig(folder, access, file, { name: user, organizations: groups }),
  });
  const manager = component('controller-manager', 'system:kube-controller-manager');
  const scheduler = component('scheduler', 'system:kube-scheduler');
  // It acts for every kubelet at once, for which Kubernetes has no role of its own.
  const kubelets = component('kwok', 'keelson-kubelets', ['system:masters']);
  await settleAll([
    roles.start('controllerManager', () =>
      startControllerManager({ ...manager, command: tools['kube-controller-manager'] }),
    ),
    roles.start('scheduler', () => startScheduler({ ...scheduler, command: tools['kube-scheduler'] })),
    roles.start('kwok', () => startKwok({ ...kubelets, command: tools.kwok, port })),
    createNodes(server, admin, nodes),
  ]);
  await pollUntil(`cluster ${name}`, 60, () => isRunningPods(server, admin, nodes));
}

function componentKubeconfig(
  folder: string,
  { pki, server }: Access,
  name: string,
  subject: Subject,
): string {
  const file = join(folder, `${name}.kubeconfig`);
  const user = pki.pair(name, { subject, use: 'client' });
  writeKubeconfig(file, { name, server, caPem: pki.caPem, user });
  return file;
}
