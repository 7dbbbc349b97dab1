import { Worker } from 'node:worker_threads';
import { KeelsonError } from '../../core/errors.ts';

/** What a program printed, or why it failed. */
export type Evaluation = { readonly output: string } | { readonly error: string; readonly timedOut: boolean };

/** Runs jq programs in a thread of their own, one after the other. */
export type Evaluator = {
  evaluate(input: string, filter: string): Promise<Evaluation>;
  close(): Promise<void>;
};

type Job = {
  readonly id: number;
  readonly input: string;
  readonly filter: string;
  readonly done: (evaluation: Evaluation) => void;
};

/** An evaluator whose programs get the given time; a thread that exceeds it is ended and replaced. */
export function createEvaluator(limitMilliseconds: number): Evaluator {
  const waiting: Job[] = [];
  let worker: Worker | undefined;
  let ready = false;
  let running: Job | undefined;
  let timer: NodeJS.Timeout | undefined;
  let count = 0;
  let closed = false;

  function settle(evaluation: Evaluation): void {
    clearTimeout(timer);
    const job = running;
    running = undefined;
    job?.done(evaluation);
    next();
  }

  function drop(reason: string, timedOut: boolean): void {
    const former = worker;
    worker = undefined;
    ready = false;
    // Its end is not waited for: it no longer answers anybody.
    void former?.terminate();
    settle({ error: reason, timedOut });
  }

  function start(): Worker {
    const started = new Worker(new URL('./jq-worker.ts', import.meta.url), {
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 128 },
      stdout: true,
      stderr: true,
    });
    started.unref();
    started.on('message', (message: { id?: number; ready?: true; output?: string; error?: string }) => {
      if (started !== worker) return;
      if (message.ready) {
        ready = true;
        next();
        return;
      }
      if (message.id !== running?.id) return;
      if (message.output !== undefined) settle({ output: message.output });
      else settleFailed(message.error ?? 'jq failed');
    });
    const failed = (): void => {
      if (started === worker) drop('jq ended unexpectedly', false);
    };
    started.on('error', failed);
    started.on('exit', failed);
    return started;
  }

  /** A program that ran into the memory limit leaves the runtime in an unknown state. */
  function settleFailed(error: string): void {
    if (/memory|abort|unreachable|out of bounds/i.test(error))
      drop('jq needs more memory than it may have', false);
    else settle({ error, timedOut: false });
  }

  function next(): void {
    if (running !== undefined || waiting.length === 0) return;
    worker ??= start();
    // A waiting program keeps the thread, and with it the process, alive.
    worker.ref();
    if (!ready) return;
    running = waiting.shift();
    if (running === undefined) return;
    const { id, input, filter } = running;
    timer = setTimeout(
      () => drop(`jq did not finish within ${limitMilliseconds} ms`, true),
      limitMilliseconds,
    );
    worker.postMessage({ id, input, filter });
  }

  return {
    evaluate(input, filter) {
      if (closed) throw new KeelsonError('internal', 'jq was asked after it was closed');
      return new Promise((resolve) => {
        const done = (evaluation: Evaluation): void => {
          if (waiting.length === 0 && running === undefined) worker?.unref();
          resolve(evaluation);
        };
        waiting.push({ id: ++count, input, filter, done });
        next();
      });
    },
    async close() {
      closed = true;
      const former = worker;
      worker = undefined;
      clearTimeout(timer);
      for (const job of [running, ...waiting.splice(0)])
        job?.done({ error: 'jq was closed', timedOut: false });
      running = undefined;
      await former?.terminate();
    },
  };
}
