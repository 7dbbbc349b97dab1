import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Child, startChild } from '../process/child.ts';
import type { Pki } from './pki.ts';

/** What a controlling component of one cluster is started with. */
export type ComponentOptions = {
  readonly command: string;
  readonly folder: string;
  readonly pki: Pki;
  readonly kubeconfigFile: string;
};

/** The defaults (20 and 50 requests per second) would make a cluster with one user the slowest part of every test. */
const requestsPerSecond = 500;
const requestBurst = 1000;

/** Needs clouds, volumes or node addresses, which a local cluster doesn't have. */
const unusedControllers = [
  'cloud-node-lifecycle-controller',
  'node-ipam-controller',
  'node-route-controller',
  'persistentvolume-attach-detach-controller',
  'persistentvolume-expander-controller',
  'service-lb-controller',
];

/** Starts kube-controller-manager without a port of its own; its work shows whether it runs. */
export function startControllerManager(options: ComponentOptions): Promise<Child> {
  const { pki, folder, kubeconfigFile } = options;
  return startComponent('controller-manager', options, [
    ...[`--kubeconfig=${kubeconfigFile}`, '--secure-port=0', '--leader-elect=false', '--profiling=false'],
    ...['--use-service-account-credentials=true', `--root-ca-file=${pki.caFile}`],
    `--service-account-private-key-file=${pki.signingKey().privateFile}`,
    ...[`--cluster-signing-cert-file=${pki.caFile}`, `--cluster-signing-key-file=${pki.caKeyFile}`],
    `--controllers=*,${unusedControllers.map((name) => `-${name}`).join(',')}`,
    ...[`--kube-api-qps=${requestsPerSecond}`, `--kube-api-burst=${requestBurst}`],
    `--flex-volume-plugin-dir=${join(folder, 'volume-plugins')}`,
  ]);
}

/** Starts kube-scheduler, likewise without a port. */
export function startScheduler(options: ComponentOptions): Promise<Child> {
  const configFile = join(options.folder, 'scheduler.yaml');
  const config = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: { kubeconfig: options.kubeconfigFile, qps: requestsPerSecond, burst: requestBurst },
    leaderElection: { leaderElect: false },
    enableProfiling: false,
  };
  writeFileSync(configFile, stringify(config), { mode: 0o600 });
  return startComponent('scheduler', options, [`--config=${configFile}`, '--secure-port=0']);
}

function startComponent(
  name: string,
  options: ComponentOptions,
  componentArguments: readonly string[],
): Promise<Child> {
  return startChild({
    name,
    command: options.command,
    arguments: componentArguments,
    env: {},
    cwd: options.folder,
    logFile: join(options.folder, `${name}.log`),
    pidFile: join(options.folder, `${name}.pid`),
    stopSeconds: 3,
    // The cluster is ready when its effects are visible; that is checked there.
    ready: async () => true,
  });
}
