import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../../../local/process/child.ts';
import { ownEnvironment } from '../process/own-environment.ts';

let started = 0;
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What `npm start` says of itself once it serves. */
export type Ready = {
  readonly url: string;
  /** Absent when this start doesn't know it. */
  readonly adminPassword?: string;
  readonly kubeconfig: string;
  readonly temporalAddress: string;
  readonly temporalUi: string;
  readonly databaseUrl: string;
  readonly pids: Readonly<Record<string, number>>;
};

/** A running `npm start`, without npm in between. */
export type Up = {
  readonly pid: number;
  /** ready.json as it is now. */
  ready(): Ready;
  output(): string;
  /** Resolves with a phrase that says how it ended: `exited with 0`. */
  readonly exited: Promise<string>;
  /** Ends it as Ctrl-C does. */
  interrupt(): Promise<string>;
};

export type UpEnvironment = {
  readonly env?: Readonly<Record<string, string>>;
  /** What it has to say before the call returns. */
  readonly until?: string;
};

/**
 * Starts `bin/up.ts` with flags and waits until it has written ready.json. The state directory should lie below the
 * shared platform's, whose end stops everything that is on record there.
 */
export async function startUp(
  stateDir: string,
  flags: readonly string[],
  options: UpEnvironment = {},
): Promise<Up> {
  const { env = {}, until = 'Keelson is up' } = options;
  const logFile = `${stateDir}.log`;
  const output = (): string => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  mkdirSync(stateDir, { recursive: true });
  const before = output().length;
  const child = await startChild({
    name: 'npm start',
    command: process.execPath,
    arguments: [join(root, 'bin/up.ts'), '--state-dir', stateDir, '--port', '0', ...flags],
    env: { ...ownEnvironment(), ...env },
    cwd: root,
    logFile,
    pidFile: `${stateDir}.${started++}.pid`,
    stopSignal: 'SIGINT',
    stopSeconds: 60,
    readySeconds: 180,
    ready: async () => output().slice(before).includes(until),
  });
  return {
    pid: child.pid,
    ready: () => JSON.parse(readFileSync(join(stateDir, 'ready.json'), 'utf8')) as Ready,
    output,
    exited: child.exited,
    async interrupt() {
      await child.stop();
      return child.exited;
    },
  };
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
