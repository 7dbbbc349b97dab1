import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { KeelsonError } from '../../core/errors.ts';
import { freePort } from '../../local/ports.ts';
import { startChild } from '../../local/process/child.ts';
import { parseUpOptions } from './options.ts';
import { checkOptions, clusterTrouble } from './preflight.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-preflight-'));
const kubeconfig = join(folder, 'kubeconfig');
let closedPort: number;

beforeAll(async () => {
  closedPort = await freePort();
  const cluster = { server: `https://127.0.0.1:${closedPort}`, 'certificate-authority': 'authority.pem' };
  writeFileSync(join(folder, 'authority.pem'), 'not read here');
  writeFileSync(
    kubeconfig,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'staging',
      contexts: [{ name: 'staging', context: { cluster: 'one', user: 'me' } }],
      clusters: [{ name: 'one', cluster }],
      users: [{ name: 'me', user: { token: 'secret-token' } }],
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (...flags: readonly string[]) =>
  checkOptions(parseUpOptions(['--port', '0', '--state-dir', join(folder, 'state'), ...flags]));

/** The one line that a user would see. */
async function refusalOf(...flags: readonly string[]): Promise<string> {
  return check(...flags).then(
    () => 'accepted',
    (error: unknown) => (error instanceof KeelsonError ? error.message : `not told: ${String(error)}`),
  );
}

async function listening<Result>(host: string, work: (port: number) => Promise<Result>): Promise<Result> {
  const server = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  try {
    return await work(port);
  } finally {
    server.close();
  }
}

describe('bin/up/preflight', () => {
  it.each([
    [
      'a kubeconfig that is not there',
      ['--kubeconfig', '/nowhere/config'],
      "--kubeconfig /nowhere/config: the file can't be read (ENOENT); correct the path",
    ],
    [
      'a kubeconfig that is a folder',
      ['--kubeconfig', folder],
      `--kubeconfig ${folder}: the file can't be read (EISDIR); correct the path`,
    ],
    [
      'something else than a kubeconfig',
      ['--kubeconfig', import.meta.filename],
      `--kubeconfig ${import.meta.filename}: kubeconfig is not valid YAML of kind Config; correct the file or choose another --context`,
    ],
    [
      'a context that the kubeconfig does not have',
      ['--kubeconfig', kubeconfig, '--context', 'prod'],
      `--kubeconfig ${kubeconfig}: kubeconfig has no context "prod"; it has staging; correct the file or choose another --context`,
    ],
    [
      'a context without a kubeconfig',
      ['--context', 'prod'],
      '--context prod names a context of a kubeconfig; give its file with --kubeconfig FILE',
    ],
    [
      'an address that is no database',
      ['--database-url', 'db:5432'],
      '--database-url must look like postgresql://user:password@host:5432/database; correct it',
    ],
  ])('refuses %s in one line with the remedy', async (_what, flags, message) => {
    expect(await refusalOf(...flags)).toBe(message);
  });

  it('refuses a database that does not answer without showing its password', async () => {
    const url = `postgresql://me:secret@127.0.0.1:${closedPort}/keelson`;
    expect(await refusalOf('--database-url', url)).toBe(
      `--database-url: PostgreSQL at 127.0.0.1:${closedPort}/keelson can't be used: ` +
        `connect ECONNREFUSED 127.0.0.1:${closedPort}; check address and user`,
    );
  });

  it.concurrent('refuses a Temporal server that does not answer', async () => {
    await expect(check('--temporal-address', `127.0.0.1:${closedPort}`)).rejects.toThrow(
      /^--temporal-address 127\.0\.0\.1:\d+: no Temporal server answers: .*; check the address$/,
    );
  });

  it('refuses a port on which another program listens', async () => {
    await listening('127.0.0.1', async (port) => {
      expect(await refusalOf('--port', String(port))).toBe(
        `port ${port} is taken by another program; stop that, or choose another with --port N (0 takes any free one)`,
      );
    });
  });

  it('takes a port back from a role whose supervisor was killed', async () => {
    const port = await freePort();
    const script = `require('net').createServer().listen(${port}, '127.0.0.1'); setInterval(() => {}, 1000)`;
    const left = await startChild({
      name: 'server',
      command: process.execPath,
      arguments: ['-e', script],
      env: {},
      logFile: join(folder, 'server.log'),
      pidFile: join(folder, 'state', 'roles', 'server.pid'),
      ready: async () => true,
    });
    await check('--port', String(port));
    expect(await left.exited).toBe('died of SIGTERM');
  });

  it('reads the files that a kubeconfig names beside it', async () => {
    const credentials = await check('--kubeconfig', kubeconfig);
    expect(credentials).toMatchObject({ name: 'staging', tls: { caData: 'not read here' } });
  });

  it('says why a cluster does not answer', async () => {
    const server = `https://127.0.0.1:${closedPort}`;
    expect(await clusterTrouble({ name: 'staging', server, tls: {} })).toMatch(
      /^cluster staging \(https:\/\/127\.0\.0\.1:\d+\): .*ECONNREFUSED.*; check that the address is right/,
    );
  });

  it.concurrent('does not wait for long for a cluster that takes the connection and is silent', async () => {
    await listening('127.0.0.1', async (port) => {
      const trouble = await clusterTrouble({ name: 'staging', server: `https://127.0.0.1:${port}`, tls: {} });
      expect(trouble).toContain('no answer within 5 s; check that the address is right');
    });
  });
});
