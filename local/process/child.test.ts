import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ChildOptions, startChild, stopLeftover } from './child.ts';
import { isAlive, startStamp } from './pid.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-child-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;

function options(script: string, more: Partial<ChildOptions> = {}): ChildOptions {
  count += 1;
  return {
    name: `child ${count}`,
    command: process.execPath,
    arguments: ['-e', script],
    env: {},
    logFile: join(folder, `${count}.log`),
    pidFile: join(folder, `${count}.pid`),
    ready: async () => true,
    ...more,
  };
}

const forever = 'setInterval(() => {}, 1000)';

describe('local/child', () => {
  it('stops a program and forgets its pid file', async () => {
    const chosen = options(forever);
    const child = await startChild(chosen);
    await child.stop();
    expect(isAlive(child.pid)).toBe(false);
    expect(existsSync(chosen.pidFile)).toBe(false);
    expect(await child.exited).toBe('died of SIGTERM');
  });

  it('kills a program that ignores the request to end', async () => {
    const log = join(folder, 'stubborn.log');
    const child = await startChild(
      options(`process.on('SIGTERM', () => {}); console.log('deaf'); ${forever}`, {
        stopSeconds: 0.2,
        logFile: log,
        ready: async () => readFileSync(log, 'utf8').includes('deaf'),
      }),
    );
    await child.stop();
    expect(await child.exited).toBe('died of SIGKILL');
  });

  it('reports how a program ended before it was ready, with the end of its log', async () => {
    const script = "console.error('port is taken'); process.exit(7)";
    await expect(startChild(options(script, { ready: async () => false }))).rejects.toThrow(
      /child \d+ exited with 7; its log .* ends with: port is taken/,
    );
  });

  it('reports the message of an error that nobody caught, not its stack', async () => {
    const script = "setTimeout(() => { throw new Error('context prod is unknown') }, 1)";
    const failure = startChild(options(script, { ready: async () => false }));
    await expect(failure).rejects.toThrow(/exited with 1; .* Error: context prod is unknown$/);
  });

  it('stops a program that does not become ready in time', async () => {
    const chosen = options(forever, { ready: async () => false, readySeconds: 0.3 });
    await expect(startChild(chosen)).rejects.toThrow(/not ready after 0.3 s/);
    expect(existsSync(chosen.pidFile)).toBe(false);
  });

  it('gives a program more time for as long as it says what it waits for', async () => {
    let left = 3;
    const chosen = options(forever, {
      readySeconds: 0.1,
      waitsFor: () => (left-- > 0 ? 'a tool' : undefined),
      ready: async () => left === 0,
    });
    const child = await startChild(chosen);
    expect(isAlive(child.pid)).toBe(true);
    await child.stop();
  });

  it('says so when the program is not there', async () => {
    await expect(startChild(options(forever, { command: '/nowhere/saw' }))).rejects.toThrow(
      /could not be started.*ENOENT/,
    );
  });

  it('replaces what an earlier start with the same pid file left running', async () => {
    const chosen = options(forever);
    const left = await startChild(chosen);
    const next = await startChild(chosen);
    expect(isAlive(left.pid)).toBe(false);
    expect(isAlive(next.pid)).toBe(true);
    await next.stop();
  });

  it('leaves a program alone that merely has the recorded pid', async () => {
    const bystander = await startChild(options(forever));
    const pidFile = join(folder, 'stale.pid');
    const record = { pid: bystander.pid, stamp: 'an earlier start', command: 'node' };
    writeFileSync(pidFile, JSON.stringify(record));
    await stopLeftover(pidFile);
    writeFileSync(
      pidFile,
      JSON.stringify({ ...record, stamp: startStamp(bystander.pid), command: 'postgres' }),
    );
    await stopLeftover(pidFile);
    expect(isAlive(bystander.pid)).toBe(true);
    await bystander.stop();
  });
});
