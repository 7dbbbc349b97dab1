import { spawn } from 'node:child_process';
import { KeelsonError } from '../../core/errors.ts';
import { recordPid } from './child.ts';

/** A program that does one thing and ends. */
export type GroupOptions = {
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
  /** Ends the program and everything that it has started. */
  readonly signal: AbortSignal;
  /** Names the program on disk, so that a later start can end it when this one was killed. */
  readonly pidFile?: string;
};

/** A compiler cleans up its temporary files within a second of being interrupted. */
const graceMilliseconds = 3000;
const keptCharacters = 16_384;

/**
 * Runs a program as the head of a process group of its own and answers with the end of what it wrote to standard
 * error. When the signal aborts, the whole group is interrupted as by Ctrl-C, then killed: a build has children that
 * would go on without their parent.
 */
export async function runInGroup(
  command: string,
  programArguments: readonly string[],
  options: GroupOptions,
): Promise<string> {
  const { signal } = options;
  signal.throwIfAborted();
  const child = spawn(command, [...programArguments], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: options.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const { pid } = child;
  let written = '';
  child.stderr.on('data', (part: Buffer) => {
    written = (written + part.toString()).slice(-keptCharacters);
  });
  let killing: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    signalGroup(pid, 'SIGINT');
    killing = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMilliseconds);
  };
  if (pid !== undefined && options.pidFile !== undefined) recordPid(options.pidFile, command, pid);
  signal.addEventListener('abort', interrupt, { once: true });
  // Its children hold its standard error open, so "close" comes only after they are gone too.
  child.once('exit', () => signalGroup(pid, 'SIGKILL'));
  const how = await new Promise<string>((resolve) => {
    child.once('error', (cause) => resolve(`could not be started: ${cause.message}`));
    child.once('close', (code, by) => resolve(by === null ? `exited with ${code}` : `died of ${by}`));
  });
  signal.removeEventListener('abort', interrupt);
  clearTimeout(killing);
  signal.throwIfAborted();
  if (how === 'exited with 0') return written;
  throw new KeelsonError('unavailable', lastLines(written) || `${command} ${how}`, { retryable: true });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // nobody of the group is left
  }
}

function lastLines(written: string): string {
  const lines = written
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.slice(-4).join('; ');
}
