import { join } from 'node:path';
import { type Child, startChild } from '../process/child.ts';
import type { EtcdAccess } from './etcd.ts';
import type { Pki } from './pki.ts';
import { type ProbeIdentity, probe } from './probe.ts';

/** What one API server is started with. */
export type ApiServerOptions = {
  readonly command: string;
  readonly folder: string;
  readonly port: number;
  readonly etcd: EtcdAccess;
  readonly etcdPrefix: string;
  readonly pki: Pki;
  /** Without a controller manager nobody makes service accounts, so pods must be admitted without one. */
  readonly controllers: boolean;
};

const serviceRange = '10.96.0.0/16';
const issuer = 'https://kubernetes.default.svc.cluster.local';

/** Starts kube-apiserver and waits until the administrator's readiness check passes. */
export function startApiServer(options: ApiServerOptions, admin: ProbeIdentity): Promise<Child> {
  const { folder } = options;
  return startChild({
    name: 'kube-apiserver',
    command: options.command,
    arguments: apiServerArguments(options),
    env: {},
    cwd: folder,
    logFile: join(folder, 'apiserver.log'),
    pidFile: join(folder, 'apiserver.pid'),
    // All its state is in etcd; open watches would otherwise hold up a clean end.
    stopSeconds: 3,
    ready: async () => (await probe(`https://127.0.0.1:${options.port}/readyz`, admin)).status === 200,
  });
}

/** Own authority, RBAC, nothing without a certificate or token. */
function apiServerArguments(options: ApiServerOptions): readonly string[] {
  const { pki, etcd } = options;
  const serving = pki.files('apiserver', {
    subject: { name: 'kube-apiserver' },
    use: 'server',
    hosts: [
      ...['127.0.0.1', 'localhost', '10.96.0.1'],
      ...[
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        'kubernetes.default.svc.cluster.local',
      ],
    ],
  });
  const kubeletClient = pki.files('kubelet-client', {
    subject: { name: 'kube-apiserver-kubelet-client' },
    use: 'client',
  });
  const signing = pki.signingKey();
  // Pods may be scheduled as soon as a node exists; the taint would wait for a health check of its own.
  const refused = ['TaintNodesByCondition', ...(options.controllers ? [] : ['ServiceAccount'])];
  return [
    ...[`--etcd-servers=${etcd.url}`, `--etcd-prefix=${options.etcdPrefix}`, `--etcd-cafile=${etcd.caFile}`],
    ...[`--etcd-certfile=${etcd.certificateFile}`, `--etcd-keyfile=${etcd.keyFile}`],
    ...['--bind-address=127.0.0.1', `--secure-port=${options.port}`, '--advertise-address=127.0.0.1'],
    // The kubernetes service can't have a loopback address as its endpoint.
    '--endpoint-reconciler-type=none',
    ...[`--tls-cert-file=${serving.certificateFile}`, `--tls-private-key-file=${serving.keyFile}`],
    ...[`--client-ca-file=${pki.caFile}`, '--anonymous-auth=false', '--authorization-mode=RBAC'],
    ...[`--service-account-issuer=${issuer}`, `--service-account-key-file=${signing.publicFile}`],
    `--service-account-signing-key-file=${signing.privateFile}`,
    ...[`--service-cluster-ip-range=${serviceRange}`, '--allow-privileged=true', '--profiling=false'],
    ...[`--kubelet-client-certificate=${kubeletClient.certificateFile}`],
    ...[`--kubelet-client-key=${kubeletClient.keyFile}`, `--kubelet-certificate-authority=${pki.caFile}`],
    '--kubelet-preferred-address-types=InternalIP',
    `--disable-admission-plugins=${refused.join(',')}`,
  ];
}
