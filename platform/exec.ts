import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { type ErrorCode, KeelsonError } from '../core/errors.ts';
import { foreignText } from './foreign-text.ts';
import { lastLines, maskText } from './mask.ts';

/** Limits and surroundings of one tool run. */
export type RunOptions = {
  /** As messages call the program; its file name unless given. */
  readonly name?: string;
  readonly cwd: string;
  /** The complete environment of the tool: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly timeoutSeconds: number;
  /** Limit for standard output and standard error together. */
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal;
  /** Values that must not appear in an error message. */
  readonly secrets?: readonly string[];
  /** Opens a channel (descriptor 3 of the program) and hears each message on it, with the socket that came along. */
  readonly onMessage?: (message: unknown, socket: unknown) => void;
};

/** What a finished tool wrote. */
export type RunOutput = { readonly stdout: string; readonly stderr: string };

/** Runs a program with its arguments. */
export type Run = (command: string, args: readonly string[], options: RunOptions) => Promise<RunOutput>;

/** Why a tool run produced no output. */
export type RunFailure =
  | 'aborted'
  | 'disk-limit'
  | 'exit'
  | 'missing'
  | 'output-limit'
  | 'process-limit'
  | 'timeout';

const codes: Record<RunFailure, { code: ErrorCode; retryable: boolean }> = {
  aborted: { code: 'unavailable', retryable: true },
  'disk-limit': { code: 'precondition-failed', retryable: false },
  exit: { code: 'internal', retryable: false },
  missing: { code: 'tool-missing', retryable: false },
  'output-limit': { code: 'precondition-failed', retryable: false },
  'process-limit': { code: 'render-failed', retryable: false },
  timeout: { code: 'timeout', retryable: true },
};

/** Why the runner ends a program. */
type Stop = 'aborted' | 'output-limit' | 'timeout';

/** A tool run that failed; `stderr` is masked and shortened to its last lines. */
export class RunError extends KeelsonError {
  readonly failure: RunFailure;
  readonly stderr: string;
  /** Set when the program ended by itself. */
  readonly exitCode: number | undefined;

  constructor(failure: RunFailure, message: string, stderr: string, cause?: unknown, exitCode?: number) {
    super(codes[failure].code, message, { retryable: codes[failure].retryable, cause });
    this.name = 'RunError';
    this.failure = failure;
    this.stderr = stderr;
    this.exitCode = exitCode;
  }
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function start(command: string, args: readonly string[], options: RunOptions): Child {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...options.env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', ...(options.onMessage === undefined ? [] : ['ipc' as const])],
  });
  if (options.onMessage !== undefined) child.on('message', options.onMessage);
  // The three pipes asked for above; their types get lost with the fourth entry.
  return child as Child;
}

/**
 * Runs a program without a shell, in a group of its own, and kills the whole group when time, output or patience
 * runs out, and also when the program ends and leaves children behind.
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<RunOutput> {
  if (options.signal?.aborted === true) throw failed('aborted', command, '', options);
  const child = start(command, args, options);
  return await new Promise((resolve, reject) => {
    const output = collect(child, options.maxOutputBytes, () => stop('output-limit'));
    let stopped: Stop | undefined;
    const stop = (reason: Stop): void => {
      stopped ??= reason;
      killGroup(child);
    };
    const timer = setTimeout(() => stop('timeout'), options.timeoutSeconds * 1000);
    const onAbort = (): void => stop('aborted');
    options.signal?.addEventListener('abort', onAbort, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
    };
    child.on('error', (cause) => {
      settle();
      reject(missingProgram(command, causeCode(cause), cause));
    });
    // A grandchild that keeps the pipes open would hold back 'close' for as long as it lives.
    child.on('exit', () => killGroup(child));
    child.on('close', (exitCode) => {
      settle();
      if (stopped !== undefined) return reject(failed(stopped, command, output.stderr(), options));
      if (exitCode !== 0) return reject(failed('exit', command, output.stderr(), options, exitCode));
      return resolve({ stdout: output.stdout(), stderr: output.stderr() });
    });
    // The program may end without reading its input; the exit status tells what that meant.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
  });
}

function collect(child: Child, limit: number, onOverflow: () => void) {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let total = 0;
  const keep = (target: Buffer[]) => (chunk: Buffer) => {
    total += chunk.length;
    if (total > limit) return onOverflow();
    target.push(chunk);
  };
  child.stdout.on('data', keep(stdout));
  child.stderr.on('data', keep(stderr));
  return {
    stdout: () => foreignText(Buffer.concat(stdout)),
    stderr: () => Buffer.concat(stderr).toString('utf8'),
  };
}

function killGroup(child: Child): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // No such group: everything in it has ended, which is what was wanted.
  }
}

/** The failure of a program that is not there or can't be started. */
export function missingProgram(command: string, reason: string, cause?: unknown): RunError {
  const message = `${nameOf(command)}: cannot be started (${reason}); install it or point the configuration at it`;
  return new RunError('missing', message, '', cause);
}

function nameOf(command: string): string {
  return command.slice(command.lastIndexOf('/') + 1);
}

/** A Go program that crashes says why first and then shows where it was, over hundreds of lines. */
function crashOf(output: string): string | undefined {
  return /^fatal error: .*$/m.exec(output)?.[0];
}

/** After what went wrong, many programs say how they are used, over dozens of lines. */
function withoutUsage(output: string): string {
  const at = output.search(/\n[ \t]*Usage:[ \t\r]*\n/);
  return at === -1 ? output : output.slice(0, at).trimEnd();
}

function failed(
  failure: Exclude<RunFailure, 'disk-limit' | 'missing' | 'process-limit'>,
  command: string,
  output: string,
  options: RunOptions,
  exitCode?: number | null,
): RunError {
  const name = options.name ?? nameOf(command);
  const stderr = maskText(lastLines(crashOf(output) ?? withoutUsage(output)), options.secrets);
  const suffix = stderr === '' ? '' : `: ${stderr}`;
  switch (failure) {
    case 'aborted':
      return new RunError(failure, `${name}: stopped before it finished`, stderr);
    case 'exit':
      return new RunError(failure, `${name}: failed${suffix}`, stderr, undefined, exitCode ?? undefined);
    case 'output-limit':
      return new RunError(failure, `${name}: wrote more than ${options.maxOutputBytes} bytes`, stderr);
    case 'timeout':
      return new RunError(failure, `${name}: took longer than ${options.timeoutSeconds} s${suffix}`, stderr);
  }
}

function causeCode(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return 'unknown reason';
}
