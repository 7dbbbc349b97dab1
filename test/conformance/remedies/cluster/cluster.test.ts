import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialsFromClusterSecret } from '../../../../cluster/access/cluster-secret.ts';
import { createIdentity } from '../../../../cluster/access/identity.ts';
import { credentialsFromKubeconfig } from '../../../../cluster/access/kubeconfig.ts';
import { watchOnce } from '../../../../cluster/cache/watch.ts';
import type { ApiResource } from '../../../../cluster/discovery/resource.ts';
import type { ClusterCredentials } from '../../../../cluster/request/credentials.ts';
import { targetKey } from '../../../../cluster/request/object-request.ts';
import { createTransport } from '../../../../cluster/request/transport.ts';
import type { Manifest } from '../../../../core/object/manifest/manifest.ts';
import { followEach, problemsOf } from '../../../support/hostile/remedies.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-remedies-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const pem = join(folder, 'ca.pem');
writeFileSync(pem, 'a certificate');
const server = 'https://10.0.0.1:6443';

describe('a cluster secret', () => {
  const certificate = { tlsClientConfig: { certData: btoa('c'), keyData: btoa('k') } };
  followEach(
    (config: object) =>
      problemsOf(() => credentialsFromClusterSecret('east', server, JSON.stringify(config))),
    [
      [
        'uses awsAuthConfig, which is not supported yet; use bearerToken or a client certificate',
        { awsAuthConfig: { clusterName: 'x' } },
        { bearerToken: 't' },
      ],
      [
        'uses execProviderConfig, which is not supported yet; use bearerToken or a client certificate',
        { execProviderConfig: { command: 'x' } },
        certificate,
      ],
      [
        'uses proxyUrl, which is not supported yet; remove it',
        { proxyUrl: 'http://p', ...certificate },
        certificate,
      ],
    ],
  );
});

describe('a kubeconfig', () => {
  const config = (cluster: object, user: object = {}): string =>
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'main' },
      clusters: [{ name: 'c', cluster: { server, ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'main', context: { cluster: 'c', user: 'u' } }],
    });
  followEach(
    (text) => problemsOf(() => credentialsFromKubeconfig(text)),
    [
      [
        'sets a proxy-url for cluster "c": not supported yet; remove it',
        config({ 'proxy-url': 'http://p' }),
        config({}),
      ],
      [
        'uses auth-provider "gcp" for user "u": not supported; use exec',
        config({}, { 'auth-provider': { name: 'gcp' } }),
        config(
          {},
          { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'gke-gcloud-auth-plugin' } },
        ),
      ],
      [
        `kubeconfig names ${pem}.old, which can't be read; check the path`,
        config({ 'certificate-authority': `${pem}.old` }),
        config({ 'certificate-authority': pem }),
      ],
    ],
  );
});

describe('what proves who we are', () => {
  const token = join(folder, 'token');
  writeFileSync(token, 'secret');
  const printed = JSON.stringify({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token: 'secret' },
  });
  const command = (script: string) => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] };
    return { exec };
  };
  const expired = command('echo your session has ended >&2; exit 1');
  const proof = (way: Partial<ClusterCredentials>) =>
    problemsOf(() => createIdentity({ name: 'east', server, tls: {}, ...way }).proof());

  followEach(proof, [
    [
      `token file ${folder}/gone can't be read; check that it is mounted`,
      { tokenFile: `${folder}/gone` },
      { tokenFile: token },
    ],
    ['command sh failed; run it by hand to see why', expired, command(`echo '${printed}'`)],
  ]);

  it('is told by its command when that is run by hand', () => {
    const run = () => execFileSync(expired.exec.command, expired.exec.args, { stdio: 'pipe' });
    expect(run).toThrow('your session has ended');
  });
});

const pods: ApiResource = {
  ...{ apiVersion: 'v1', group: '', version: 'v1', kind: 'Pod', plural: 'pods' },
  ...{ namespaced: true, verbs: ['watch'], subresources: [], preferred: true },
} as ApiResource;

describe('an object of a kind that stands in namespaces', () => {
  const pod = (metadata: object): Manifest => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', ...metadata },
  });
  followEach(
    (manifest) => problemsOf(() => targetKey(manifest, pods)),
    [['has no namespace; set metadata.namespace', pod({}), pod({ namespace: 'prod' })]],
  );
});

describe('a proxy before an API server', () => {
  let proxy: Server;
  let broken = true;
  /** 65 times as much without the end of a line. */
  const part = 'x'.repeat(1024 * 1024);
  const event = `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n`;

  beforeAll(async () => {
    proxy = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      if (!broken) return void response.end(event);
      const write = (left: number): void => {
        if (left > 0 && !response.destroyed) response.write(part, () => write(left - 1));
      };
      write(65);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    proxy.closeAllConnections();
    proxy.close();
  });

  followEach(
    (isBroken: boolean) =>
      problemsOf(async () => {
        broken = isBroken;
        const { port } = proxy.address() as AddressInfo;
        const cluster = { name: 'east', server: `http://127.0.0.1:${port}` };
        const transport = createTransport({ ...cluster, tls: {} });
        const signal = AbortSignal.timeout(20_000);
        try {
          const options = { resourceVersion: '1', signal, onEvent: () => {} };
          return await watchOnce(cluster, transport, pods, options);
        } finally {
          await transport.close();
        }
      }),
    [
      [
        'answers watch v1 pods with an event of more than 67108864 characters; look at what stands before its API server',
        true,
        false,
      ],
    ],
  );
});
