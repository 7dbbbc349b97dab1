import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { runVariable, stopPrograms } from './stop.ts';

const programs: ChildProcess[] = [];

afterEach(() => {
  for (const program of programs.splice(0)) program.kill('SIGKILL');
});

/** A program with nothing but this environment, once it runs. */
async function started(env: Record<string, string>): Promise<ChildProcess> {
  const program = spawn('/bin/sleep', ['60'], { env });
  programs.push(program);
  await once(program, 'spawn');
  return program;
}

describe('activities/git/stop', () => {
  it('stops what has the mark of a run as its own, and nothing that only looks like it', async () => {
    const marked = await started({ [runVariable]: 'run-1' });
    const others = await Promise.all([
      started({ [runVariable]: 'run-10' }),
      started({ NOTE: `${runVariable}=run-1` }),
      started({ [`X_${runVariable}`]: 'run-1' }),
      started({ NOTE: `a\n${runVariable}=run-1\n` }),
    ]);
    const gone = once(marked, 'exit');
    await stopPrograms(runVariable, 'run-1');
    expect((await gone)[1]).toBe('SIGKILL');
    expect(others.map(({ exitCode, signalCode }) => [exitCode, signalCode])).toEqual(
      others.map(() => [null, null]),
    );
    // Whoever takes the mark on is stopped, and can have nobody else stopped by it: the sets are the same.
    for (const { pid } of others) expect(() => process.kill(pid ?? 0, 0)).not.toThrow();
  });
});
