import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KeelsonError } from '../../core/errors.ts';
import { pollUntil } from '../../local/poll.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What `npm start` says of itself once it serves. */
export type Ready = {
  readonly url: string;
  readonly adminPassword: string;
  readonly kubeconfig: string;
  readonly temporalAddress: string;
  readonly temporalUi: string;
  readonly databaseUrl: string;
  readonly pids: Readonly<Record<string, number>>;
};

/** A running `npm start`, without npm in between. */
export type Up = {
  readonly process: ChildProcess;
  /** ready.json as it is now. */
  ready(): Ready;
  output(): string;
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>;
  /** Ends it as Ctrl-C does. */
  interrupt(): Promise<number | null>;
};

/** Starts `bin/up.ts` with flags and waits until it has written ready.json. */
export async function startUp(
  stateDir: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Up> {
  const child = spawn(
    process.execPath,
    [join(root, 'bin/up.ts'), '--state-dir', stateDir, '--port', '0', ...flags],
    { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  const chunks: string[] = [];
  child.stdout.on('data', (chunk) => chunks.push(String(chunk)));
  child.stderr.on('data', (chunk) => chunks.push(String(chunk)));
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  const readyFile = join(stateDir, 'ready.json');
  const up: Up = {
    process: child,
    ready: () => JSON.parse(readFileSync(readyFile, 'utf8')) as Ready,
    output: () => chunks.join(''),
    exited,
    async interrupt() {
      child.kill('SIGINT');
      return exited;
    },
  };
  await pollUntil('npm start', 180, () => {
    if (child.exitCode !== null) {
      throw new KeelsonError('internal', `npm start ended early:\n${chunks.join('')}`);
    }
    return chunks.join('').includes('Keelson is up') && existsSync(readyFile);
  });
  return up;
}

/** Whether a process runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process.
    return false;
  }
}
