import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ScriptedApi, startScriptedApi } from '../../support/scripted/scripted-api.ts';

const shim = fileURLToPath(new URL('../../../bin/keelson.js', import.meta.url));

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

function start(argv: readonly string[], server = 'http://127.0.0.1:9') {
  const child = spawn(process.execPath, [shim, ...argv], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: '/nonexistent',
      KEELSON_SERVER: server,
      KEELSON_AUTH_TOKEN: 'x',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

describe('bin/keelson.js', () => {
  let api: ScriptedApi;
  let followed: Promise<void>;
  beforeEach(async () => {
    let follow: () => void = () => {};
    followed = new Promise((resolve) => {
      follow = resolve;
    });
    api = await startScriptedApi((request) => {
      if (request.method === 'POST') {
        return {
          body: {
            apiVersion: 'argoproj.io/v1alpha1',
            kind: 'Application',
            metadata: { name: 'a' },
            spec: { project: 'default', destination: {} },
          },
          headers: { 'keelson-operation-id': 'op' },
        };
      }
      follow();
      return { status: 503, body: {} };
    });
  });
  afterEach(() => api.close());

  it('runs the command on Node 24 and passes its output and status on', async () => {
    const version = await start(['version', '--client']).ended;
    expect(version).toMatchObject({ code: 0, stderr: '' });
    expect(version.stdout).toMatch(/NodeVersion: v24\./);
    expect((await start(['app', 'frob']).ended).code).toBe(1);
    expect((await start(['app', 'diff']).ended).code).toBe(2);
    expect((await start(['app', 'list']).ended).code).toBe(20);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('passes %s on, and the command ends with 130', async (signal) => {
    const { child, ended } = start(['app', 'sync', 'a'], api.url);
    await followed;
    child.kill(signal);
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain('sync of a goes on; see keelson app operations a op');
  });
});
