import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { simpleGit } from 'simple-git';
import { KeelsonError } from '../../../core/errors.ts';
import { runVariable, stopPrograms } from './stop.ts';

/** One run of Git with all that it gets. */
export type GitProgram = {
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly input: string | undefined;
  /** Whether it is a `cat-file` whose arguments these are and whose output is left as bytes. */
  readonly bytes: boolean;
};

/** What it wrote, as text or as bytes; a run that was stopped may have no output. */
export type GitEnded = {
  readonly exitCode: number;
  readonly stdout: string | Uint8Array;
  readonly stderr: string;
};

/** Runs Git; a failing exit status is no error. */
export type StartGit = (program: GitProgram, signal: AbortSignal) => Promise<GitEnded>;

/** The name under which a launcher offers `startGit`. */
export const gitHandler = 'git';

/** Files of a commit are read in one go; a server that lists refs without end would fill the memory. */
const mostOutput = 512 * 1024 * 1024;

/** Runs Git as a child of this process. */
export async function startGit(program: GitProgram, signal: AbortSignal): Promise<GitEnded> {
  const run = randomUUID();
  const environment = { ...program.environment, [runVariable]: run };
  let exit: { exitCode: number; stderr: string } | undefined;
  let printed = 0;
  const git = simpleGit({
    baseDir: program.cwd,
    abort: signal,
    // Waiting for 'close' alone: 'exit' plus a delay, the default, can cut long output short.
    completion: { onClose: true, onExit: false },
    allowEnvironment: Object.keys(environment),
    ...(program.input === undefined ? {} : { input: () => program.input }),
    unsafe: {
      allowUnsafeAlias: true,
      allowUnsafeAskPass: true,
      allowUnsafeConfigEnvCount: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeFilter: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeHooksPath: true,
      allowUnsafeSshCommand: true,
    },
    errors: (error, result) => {
      exit = { exitCode: result.exitCode, stderr: Buffer.concat(result.stdErr).toString('utf8') };
      return signal.aborted ? error : undefined;
    },
  })
    .env(environment)
    .outputHandler((_command, ...streams) => {
      const stop = async (): Promise<void> => {
        await stopPrograms(runVariable, run);
        // Whatever could not be stopped must not hold the caller back by keeping a pipe open.
        for (const stream of streams) if (stream instanceof Readable) stream.destroy();
      };
      signal.addEventListener('abort', () => void stop(), { once: true });
      const count = (chunk: Buffer): void => {
        printed += chunk.length;
        if (printed > mostOutput) void stop();
      };
      for (const stream of streams) if (stream instanceof Readable) stream.on('data', count);
    });
  const nothing = program.bytes ? new Uint8Array() : '';
  const running: PromiseLike<string | Uint8Array> = program.bytes
    ? git.binaryCatFile([...program.args])
    : git.raw([...program.args]);
  const stdout = await running.then(undefined, (cause: unknown) => {
    if (!signal.aborted) throw new KeelsonError('internal', 'git: cannot be run', { cause });
    return nothing;
  });
  if (printed > mostOutput) {
    throw new KeelsonError(
      'source-unreachable',
      `git: printed more than ${mostOutput} bytes, which is the limit; the server sends without end, or the files are too large`,
    );
  }
  return { exitCode: exit?.exitCode ?? 0, stdout, stderr: exit?.stderr ?? '' };
}
