import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { KeelsonError } from '../../core/errors.ts';
import { isAlive } from '../../test/support/process/is-alive.ts';
import { RunError, type RunOptions } from '../exec.ts';
import { createLauncher } from './launcher.ts';

const entry = new URL('../../activities/launched.ts', import.meta.url);
const options: RunOptions = { cwd: '/', env: {}, timeoutSeconds: 20, maxOutputBytes: 10_000 };

describe('platform/launcher', () => {
  let launcher = createLauncher(entry);

  const run = (script: string, more: Partial<RunOptions> = {}) =>
    launcher.run('/bin/sh', ['-c', script], { ...options, ...more });

  const launcherPid = async (): Promise<number> => {
    const { stdout } = await run('echo $PPID');
    return Number(stdout);
  };

  afterEach(() => {
    launcher.stop();
    launcher = createLauncher(entry);
  });

  it('runs programs from another process, with their input, output and environment', async () => {
    const output = await run('cat; echo "$WORD" >&2', { input: 'hello', env: { WORD: 'word' } });
    expect(output).toEqual({ stdout: 'hello', stderr: 'word\n' });
    expect(await launcherPid()).not.toBe(process.pid);
  });

  it('gives the other process nothing of this one’s environment', async () => {
    const pid = await launcherPid();
    const names = readFileSync(`/proc/${pid}/environ`, 'latin1').match(/(?<=^|\0)\w+(?==)/g);
    // Its channel to this process is all that it is told of.
    expect(names?.sort()).toEqual(['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE']);
  });

  it('tells failures as if the program had been run here', async () => {
    const failure = (promise: Promise<unknown>) => promise.catch((cause: unknown) => cause);
    const failed = await failure(run('echo reason >&2; exit 3'));
    expect(failed).toBeInstanceOf(RunError);
    expect(failed).toMatchObject({
      failure: 'exit',
      exitCode: 3,
      stderr: 'reason',
      message: 'sh: failed: reason',
    });
    expect(await failure(run('yes', { maxOutputBytes: 100 }))).toMatchObject({ failure: 'output-limit' });
    expect(await failure(run('sleep 9', { timeoutSeconds: 0.1 }))).toMatchObject({ failure: 'timeout' });
    expect(await failure(launcher.run('/not/there', [], options))).toMatchObject({ code: 'tool-missing' });
  });

  it('stops a program with its children when its caller gives up', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keelson-launcher-'));
    const file = join(folder, 'pid');
    const stopping = new AbortController();
    const env = { FILE: file, PATH: '/bin:/usr/bin' };
    const running = run('sleep 60 & echo $! > "$FILE"; wait', { signal: stopping.signal, env });
    await expect
      .poll(() => existsSync(file) && readFileSync(file, 'utf8'), { timeout: 5000 })
      .toMatch(/^\d+\n$/);
    const child = Number(readFileSync(file, 'utf8'));
    stopping.abort();
    await expect(running).rejects.toMatchObject({ failure: 'aborted' });
    await expect.poll(() => isAlive(child), { timeout: 5000 }).toBe(false);
    rmSync(folder, { recursive: true });
  });

  it('fails what runs, to be tried again, when the other process dies, and starts a new one', async () => {
    const first = await launcherPid();
    const running = run('sleep 60').catch((cause: unknown) => cause as KeelsonError);
    process.kill(first, 'SIGKILL');
    expect(await running).toMatchObject({ code: 'unavailable', retryable: true });
    const second = await launcherPid();
    expect(second).not.toBe(first);
  });

  it('ends the other process and what it runs with this one', async () => {
    const pid = await launcherPid();
    const running = run('sleep 60').catch((cause: unknown) => cause);
    launcher.stop();
    await running;
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });
});
