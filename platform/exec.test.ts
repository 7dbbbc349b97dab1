import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isAlive } from '../test/support/process/is-alive.ts';
import { RunError, type RunOptions, run } from './exec.ts';

const node = process.execPath;
const options: RunOptions = { cwd: tmpdir(), env: {}, timeoutSeconds: 20, maxOutputBytes: 10_000 };

async function failureOf(promise: Promise<unknown>): Promise<RunError> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof RunError)) throw new Error('expected the run to fail');
  return error;
}

async function waitUntil(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('condition not met in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('platform/exec', () => {
  it('returns what the program wrote and passes its input', async () => {
    const script = 'process.stdin.pipe(process.stdout); process.stderr.write("note")';
    expect(await run(node, ['-e', script], { ...options, input: 'hello' })).toEqual({
      stdout: 'hello',
      stderr: 'note',
    });
  });

  it('inherits nothing from the environment', async () => {
    const script = 'process.stdout.write(JSON.stringify(Object.keys(process.env)))';
    const { stdout } = await run(node, ['-e', script], { ...options, env: { ONLY: '1' } });
    expect(JSON.parse(stdout)).toEqual(['ONLY']);
  });

  it('never uses a shell', async () => {
    const script = 'process.stdout.write(process.argv[1])';
    const { stdout } = await run(node, ['-e', script, '$(id); `id`'], options);
    expect(stdout).toBe('$(id); `id`');
  });

  it('reports the masked last lines of a failing program', async () => {
    const script = 'console.error("first\\nhttps://bob:pw@host/x: token abc123"); process.exit(3)';
    const error = await failureOf(run(node, ['-e', script], { ...options, secrets: ['abc123'] }));
    expect(error.failure).toBe('exit');
    expect(error.message).toBe('node: failed: first; https://****@host/x: token ****');
  });

  it('reports why a Go program crashed, not where', async () => {
    const script =
      'console.error("runtime: out of memory\\nfatal error: out of memory\\n" + "goroutine 1\\n".repeat(99)); process.exit(2)';
    const error = await failureOf(run(node, ['-e', script], options));
    expect(error.message).toBe('node: failed: fatal error: out of memory');
    expect(error.exitCode).toBe(2);
  });

  it('kills the program and its children when time runs out', async () => {
    const script = 'sleep 600 & echo $! >&2; wait';
    const error = await failureOf(run('/bin/sh', ['-c', script], { ...options, timeoutSeconds: 1 }));
    expect(error.failure).toBe('timeout');
    expect(error.retryable).toBe(true);
    const grandchild = Number(error.stderr);
    expect(grandchild).toBeGreaterThan(1);
    await waitUntil(() => !isAlive(grandchild));
  });

  it('ends with the program even when a child of it keeps the pipes open', async () => {
    const { stdout } = await run('/bin/sh', ['-c', 'sleep 600 & echo $!'], options);
    await waitUntil(() => !isAlive(Number(stdout)));
  });

  it('stops a program that writes too much', async () => {
    const script = 'setInterval(() => process.stdout.write("x".repeat(1000)), 1)';
    const error = await failureOf(run(node, ['-e', script], { ...options, maxOutputBytes: 5000 }));
    expect(error.failure).toBe('output-limit');
    expect(error.message).toContain('5000 bytes');
  });

  it('stops when the caller gives up, before and during the run', async () => {
    const script = 'setInterval(() => {}, 1000)';
    const before = await failureOf(run(node, ['-e', script], { ...options, signal: AbortSignal.abort() }));
    expect(before.failure).toBe('aborted');
    const during = await failureOf(
      run(node, ['-e', script], { ...options, signal: AbortSignal.timeout(100) }),
    );
    expect(during.failure).toBe('aborted');
  });

  it('names a program that does not exist and what to do', async () => {
    const error = await failureOf(run('/nowhere/helm', [], options));
    expect(error.code).toBe('tool-missing');
    expect(error.message).toBe(
      'helm: cannot be started (ENOENT); install it or point the configuration at it',
    );
  });
});
