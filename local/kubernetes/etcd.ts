import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolPath } from '../obtain/tools.ts';
import { rememberedPort } from '../ports.ts';
import { type Child, startChild, stopLeftover } from '../process/child.ts';
import { openPki } from './pki.ts';
import { probe } from './probe.ts';

/** How API servers reach etcd: address and client certificate. */
export type EtcdAccess = {
  readonly url: string;
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
};

/** A running etcd server. */
export type Etcd = {
  readonly access: EtcdAccess;
  readonly pid: number;
  readonly exited: Promise<string>;
  stop(): Promise<void>;
};

/** Starts the etcd that all local clusters share, each under its own prefix. */
export async function startEtcd(options: { stateDir: string }): Promise<Etcd> {
  const { stateDir } = options;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  await stopLeftover(join(stateDir, 'etcd.pid'));
  const [command, clientPort, peerPort] = await Promise.all([
    toolPath('etcd'),
    rememberedPort(stateDir, 'etcd'),
    rememberedPort(stateDir, 'etcd-peer'),
  ]);
  const pki = openPki(join(stateDir, 'pki'));
  const server = pki.files('server', {
    subject: { name: 'etcd' },
    use: 'server',
    hosts: ['127.0.0.1', 'localhost'],
  });
  const client = pki.files('client', { subject: { name: 'kube-apiserver' }, use: 'client' });
  const url = `https://127.0.0.1:${clientPort}`;
  const peerUrl = `https://127.0.0.1:${peerPort}`;
  const identity = {
    caPem: pki.caPem,
    certificatePem: readFileSync(client.certificateFile, 'utf8'),
    keyPem: readFileSync(client.keyFile, 'utf8'),
  };
  const child: Child = await startChild({
    name: 'etcd',
    command,
    arguments: [
      ...['--name=local', `--data-dir=${join(stateDir, 'data')}`, '--log-level=warn'],
      ...[`--listen-client-urls=${url}`, `--advertise-client-urls=${url}`],
      ...[`--listen-peer-urls=${peerUrl}`, `--initial-advertise-peer-urls=${peerUrl}`],
      `--initial-cluster=local=${peerUrl}`,
      ...[`--cert-file=${server.certificateFile}`, `--key-file=${server.keyFile}`],
      ...[`--trusted-ca-file=${pki.caFile}`, '--client-cert-auth'],
      ...[`--peer-cert-file=${server.certificateFile}`, `--peer-key-file=${server.keyFile}`],
      ...[`--peer-trusted-ca-file=${pki.caFile}`, '--peer-client-cert-auth'],
      // Only gRPC is used; the HTTP gateway would need the server's certificate to be a client's too.
      '--enable-grpc-gateway=false',
      // Written pages survive the death of the program anyway; a sync to disk per write would only serve a power cut.
      '--unsafe-no-fsync',
    ],
    env: {},
    logFile: join(stateDir, 'etcd.log'),
    pidFile: join(stateDir, 'etcd.pid'),
    stopSeconds: 5,
    ready: async () => (await probe(`${url}/health`, identity)).status === 200,
  });
  return {
    access: { url, caFile: pki.caFile, ...client },
    pid: child.pid,
    exited: child.exited,
    stop: child.stop,
  };
}
