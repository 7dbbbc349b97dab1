import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createSecureServer } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalConfig } from '../../../platform/config.ts';
import { temporalConnection } from '../../../platform/temporal/connection.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

let folder: string;
let proxy: Server;
let address: string;

const pem = (name: string): string => join(folder, `${name}.pem`);

function openssl(...words: string[]): void {
  execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
}

/** A key with a certificate that the test's authority signs. */
function certify(name: string): void {
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${name}-key.pem`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${name}`,
    '-addext',
    `subjectAltName=DNS:${name}`,
  );
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca-key.pem',
    '-out',
    `${name}.pem`,
    '-days',
    '1',
    '-copy_extensions',
    'copy',
  );
}

/** Temporal behind TLS that demands a certificate of the client. */
beforeAll(async () => {
  const { stateDir, temporalAddress } = testPlatform();
  folder = mkdtempSync(join(stateDir, 'tls-'));
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca-key.pem',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=test',
    '-days',
    '1',
  );
  certify('temporal.test');
  certify('role.test');
  const [host = '', port = ''] = temporalAddress.split(':');
  const [ca, cert, key] = await Promise.all(
    ['ca', 'temporal.test', 'temporal.test-key'].map((name) => readFile(pem(name))),
  );
  const options = { ca, cert, key, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] };
  proxy = createServer(options, (client) => {
    const upstream = connect(Number(port), host);
    // Either side's end is the other's.
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  address = addressOf(proxy);
});

const addressOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

afterAll(() => {
  proxy?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

const trust = () => ({
  KEELSON_TEMPORAL_ADDRESS: address,
  KEELSON_TEMPORAL_TLS_CA: pem('ca'),
  KEELSON_TEMPORAL_TLS_SERVER_NAME: 'temporal.test',
});

const mutual = () => ({
  ...trust(),
  KEELSON_TEMPORAL_TLS_CERT: pem('role.test'),
  KEELSON_TEMPORAL_TLS_KEY: pem('role.test-key'),
});

const optionsOf = (env: Record<string, string>) => temporalConnection(temporalConfig(env));

/** Both kinds of connection that a role opens. */
const opened = {
  client: async (env: Record<string, string>) => {
    const connection = await Connection.connect({ ...(await optionsOf(env)), connectTimeout: '5 seconds' });
    await connection.close();
  },
  worker: async (env: Record<string, string>) => {
    const connection = await NativeConnection.connect(await optionsOf(env));
    await connection.close();
  },
};

describe('Temporal behind TLS', () => {
  it('serves roles that have a certificate: a sync runs', async () => {
    const facts = await testPlatform().createFacts();
    const keelson = await startKeelsonOn(facts, { env: mutual() });
    try {
      const files = { 'app.yaml': yamlOf(configMap('settings', { theme: 'dark' })) };
      const { url: repoURL } = await keelson.gitServer.createRepository('tls', files);
      await keelson.create(applicationOf({ name: 'tls', repoURL, namespace: 'tls' }));
      expect(await keelson.sync('tls')).toMatchObject({ phase: 'Succeeded' });
    } finally {
      await keelson.stop();
      await facts.drop();
    }
  });

  it.each(['client', 'worker'] as const)('refuses a %s without certificate or trust', async (kind) => {
    await opened[kind](mutual());
    await expect(opened[kind](trust())).rejects.toThrow();
    const { KEELSON_TEMPORAL_TLS_CA: _, ...untrusting } = mutual();
    await expect(opened[kind](untrusting)).rejects.toThrow();
    const { KEELSON_TEMPORAL_TLS_SERVER_NAME: _name, ...misnamed } = mutual();
    await expect(opened[kind](misnamed)).rejects.toThrow();
    await expect(opened[kind]({ KEELSON_TEMPORAL_ADDRESS: address })).rejects.toThrow();
  });

  it.each(['client', 'worker'] as const)('gets the API key of a %s, over TLS', async (kind) => {
    const [cert, key] = await Promise.all([
      readFile(pem('temporal.test')),
      readFile(pem('temporal.test-key')),
    ]);
    const seen = new Set<string | undefined>();
    const door = createSecureServer({ cert, key }, (request, response) => {
      seen.add(request.headers.authorization);
      // gRPC: UNAUTHENTICATED.
      response.writeHead(200, { 'content-type': 'application/grpc', 'grpc-status': '16' }).end();
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    const env = {
      ...trust(),
      KEELSON_TEMPORAL_ADDRESS: addressOf(door),
      KEELSON_TEMPORAL_API_KEY: 'api-key-1',
    };
    await expect(opened[kind](env)).rejects.toThrow();
    expect([...seen]).toEqual(['Bearer api-key-1']);
    await new Promise((resolve) => door.close(resolve));
  });

  it.each([
    [
      'a certificate without its key',
      { KEELSON_TEMPORAL_TLS_CERT: 'c' },
      /_CERT and KEELSON_TEMPORAL_TLS_KEY belong/,
    ],
    [
      'an API key in the clear',
      { KEELSON_TEMPORAL_TLS: 'off', KEELSON_TEMPORAL_API_KEY: 'k' },
      /is off, .*need TLS/,
    ],
    [
      'a file that is not there',
      { KEELSON_TEMPORAL_TLS_CA: '/no/ca.pem' },
      /_TLS_CA: file \/no\/ca.pem .*\(ENOENT\)/,
    ],
    ['an unknown word', { KEELSON_TEMPORAL_TLS: 'yes' }, /KEELSON_TEMPORAL_TLS: /],
  ])('is refused with %s at the start', async (_, env, words) => {
    await expect((async () => optionsOf(env))()).rejects.toThrow(words);
  });

  it("is plain where nothing is said, and TLS with the system's authorities where it is on", async () => {
    expect(await optionsOf({})).toEqual({ address: '127.0.0.1:7233' });
    expect(await optionsOf({ KEELSON_TEMPORAL_TLS: 'on' })).toEqual({ address: '127.0.0.1:7233', tls: {} });
  });
});
