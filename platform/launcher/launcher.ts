import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { KeelsonError } from '../../core/errors.ts';
import { type RunOptions, type RunOutput, run } from '../exec.ts';
import { heapFlags } from '../heap-flags.ts';
import { type Reply, type Request, receivedFailure } from './calls.ts';

/**
 * Starts programs from a small process. To start one the system copies the tables of all memory that a process has:
 * 25 ms of a worker with 500 MB, in which it does nothing else, and 1 ms here.
 */
export type Launcher = {
  /** `run` of platform/exec.ts. */
  run(command: string, args: readonly string[], options: RunOptions): Promise<RunOutput>;
  /** Has something else done there, by the name of its handler. */
  call<Output>(name: string, input: unknown, signal?: AbortSignal): Promise<Output>;
  /** Ends the process; what it runs is stopped. */
  stop(): void;
};

/** The handler that runs a program. */
export const runHandler = 'run';

type Pending = { resolve(output: unknown): void; reject(cause: unknown): void };

/** A launcher that begins with the first call and anew after its process died; `entry` serves the calls. */
export function createLauncher(entry: URL): Launcher {
  let process: Started | undefined;

  const call = async <Output>(name: string, input: unknown, signal?: AbortSignal): Promise<Output> => {
    process ??= start(entry, () => {
      process = undefined;
    });
    // Each handler has one kind of output, which its callers name.
    return (await process.call(name, input, signal)) as Output;
  };

  return {
    call,
    run: async (command, args, options) => {
      const { signal, onMessage, ...rest } = options;
      // A socket that comes along would have to be passed on twice.
      if (onMessage !== undefined) return await run(command, args, options);
      return await call(runHandler, { command, args, options: rest }, signal);
    },
    stop: () => process?.stop(),
  };
}

type Started = {
  call(name: string, input: unknown, signal: AbortSignal | undefined): Promise<unknown>;
  stop(): void;
};

function start(entry: URL, onEnd: () => void): Started {
  const pending = new Map<number, Pending>();
  // Nothing of the worker's environment, credentials among it, exists there.
  const child = fork(fileURLToPath(entry), {
    env: {},
    cwd: '/',
    execArgv: [...heapFlags],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const end = (): void => {
    onEnd();
    for (const { reject } of pending.values()) reject(ended());
    pending.clear();
    child.kill('SIGKILL');
  };
  child.on('error', end);
  child.on('exit', end);
  child.on('message', (reply: Reply) => {
    const caller = pending.get(reply.id);
    pending.delete(reply.id);
    if (pending.size === 0) child.channel?.unref();
    if ('failure' in reply) caller?.reject(receivedFailure(reply.failure));
    else caller?.resolve(reply.output);
  });
  child.unref();
  child.channel?.unref();
  let count = 0;
  return {
    call: async (name, input, signal) => {
      const id = ++count;
      const stop = (): void => send(child, { id, stop: true });
      signal?.addEventListener('abort', stop, { once: true });
      try {
        return await new Promise((resolve, reject) => {
          pending.set(id, { resolve, reject });
          child.channel?.ref();
          send(child, { id, name, input });
          if (signal?.aborted === true) stop();
        });
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    },
    stop: () => child.disconnect(),
  };
}

function send(child: ChildProcess, request: Request): void {
  // Its end is told to all who wait for it, so there is nothing to do about a message that it doesn't get.
  child.send(request, () => undefined);
}

function ended(): KeelsonError {
  return new KeelsonError('unavailable', 'program could not be run: the process that starts programs ended', {
    retryable: true,
  });
}
