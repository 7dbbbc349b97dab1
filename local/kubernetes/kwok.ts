import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Child, startChild } from '../process/child.ts';
import type { Pki } from './pki.ts';

/** What plays the nodes of one cluster. */
export type KwokOptions = {
  readonly command: string;
  readonly folder: string;
  readonly pki: Pki;
  readonly kubeconfigFile: string;
  /** Where the nodes' kubelets answer. */
  readonly port: number;
};

const stages = new URL('stages.yaml', import.meta.url);

/** What every container of a local cluster is said to have written, in the format of a container runtime's log. */
const podLog =
  '2026-01-01T00:00:00.000000000Z stdout F this container runs on a simulated node of the local cluster\n';

/** Starts kwok: nodes stay ready, pods follow stages.yaml, logs answer. Commands inside pods are not offered. */
export function startKwok(options: KwokOptions): Promise<Child> {
  const { folder } = options;
  const serving = options.pki.files('kubelet', {
    subject: { name: 'system:node:local', organizations: ['system:nodes'] },
    use: 'server',
    hosts: ['127.0.0.1', 'localhost'],
  });
  const logFile = join(folder, 'pod.log');
  writeFileSync(logFile, podLog);
  const configFile = join(folder, 'kwok.yaml');
  writeFileSync(configFile, `${readFileSync(stages, 'utf8')}---\n${stringify(podLogs(logFile))}`);
  return startChild({
    name: 'kwok',
    command: options.command,
    arguments: [
      ...[`--kubeconfig=${options.kubeconfigFile}`, `--config=${configFile}`, '--manage-all-nodes=true'],
      ...['--node-ip=127.0.0.1', `--node-port=${options.port}`, `--server-address=127.0.0.1:${options.port}`],
      ...[`--tls-cert-file=${serving.certificateFile}`, `--tls-private-key-file=${serving.keyFile}`],
      ...['--cidr=10.244.0.0/16', '--node-lease-duration-seconds=40'],
    ],
    // Its home is where it would look for the user's own configuration.
    env: { HOME: folder },
    logFile: join(folder, 'kwok.log'),
    pidFile: join(folder, 'kwok.pid'),
    stopSeconds: 3,
    // The cluster is ready when its nodes are; that is checked there.
    ready: async () => true,
  });
}

function podLogs(logFile: string): unknown {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'ClusterLogs',
    metadata: { name: 'pod-logs' },
    spec: { logs: [{ logsFile: logFile, follow: true }] },
  };
}
