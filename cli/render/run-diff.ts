import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import type { CliContext } from '../command.ts';
import type { ObjectDiff } from './object-diff.ts';

/** Two states of an object as `diff -u` shows them, or the program that KUBECTL_EXTERNAL_DIFF names. */
export async function runDiff(context: Pick<CliContext, 'env'>, one: ObjectDiff): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-diff-'));
  try {
    // Kubernetes names may hold characters that a file name on some systems may not.
    const name = one.name.replace(/[^A-Za-z0-9.-]/g, '_');
    const live = join(folder, `${name}-live.yaml`);
    const target = join(folder, `${name}.yaml`);
    await writeFile(live, one.live, { mode: 0o600 });
    await writeFile(target, one.target, { mode: 0o600 });
    const external = (context.env['KUBECTL_EXTERNAL_DIFF'] ?? '').split(/\s+/).filter((part) => part !== '');
    const [program = 'diff', ...options] = external.length === 0 ? ['diff', '-u'] : external;
    return await runProgram(context, program, [...options, live, target]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Output of a diff program; its status 1 says that there are differences, above that is a failure. */
async function runProgram(
  context: Pick<CliContext, 'env'>,
  program: string,
  args: readonly string[],
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...context.env } });
    const output: Buffer[] = [];
    const complaints: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
    child.once('error', (cause) => reject(missingProgram(program, cause)));
    child.once('close', (status) => {
      const text = Buffer.concat(output).toString('utf8');
      if (status === 0 || status === 1) return resolve(text);
      const reason = Buffer.concat(complaints).toString('utf8').trim().split('\n').at(-1) ?? '';
      return reject(new KeelsonError('internal', `${program}: failed with status ${status}: ${reason}`));
    });
  });
}

function missingProgram(program: string, cause: unknown): KeelsonError {
  return new KeelsonError(
    'tool-missing',
    `${program}: cannot be started; install it (package diffutils), or name another program in KUBECTL_EXTERNAL_DIFF`,
    { cause },
  );
}
