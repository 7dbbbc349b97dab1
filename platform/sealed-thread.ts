import { Worker } from 'node:worker_threads';
import { KeelsonError } from '../core/errors.ts';

/** What came of a question: the thread's answer, or why there is none. */
export type ThreadOutcome<Answer> =
  | { readonly answer: Answer }
  | { readonly ended: 'time' | 'fault'; readonly message: string };

/** A thread of foreign programs that answers one question after the other. */
export type SealedThread<Question, Answer> = {
  /** `milliseconds` is the time for this question alone; the wait for others is not counted. */
  ask(question: Question, milliseconds: number): Promise<ThreadOutcome<Answer>>;
  close(): Promise<void>;
};

/** What a thread says to its parent: that it is ready, an answer, or that it can't go on after this question. */
export type ThreadMessage<Answer> =
  | { readonly ready: true }
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly fault: string };

/** What the parent sends. */
export type ThreadQuestion<Question> = { readonly id: number; readonly question: Question };

type Job<Question, Answer> = ThreadQuestion<Question> & {
  readonly milliseconds: number;
  readonly done: (outcome: ThreadOutcome<Answer>) => void;
};

/** How a thread is started. */
export type ThreadStart = {
  /** Stands in messages: `jq did not finish within 1000 ms`. */
  readonly name: string;
  readonly script: URL;
  readonly workerData?: unknown;
  readonly maxOldGenerationMegabytes: number;
};

/**
 * A thread without environment that is started with the first question. One that exceeds its time, or says that it
 * can't go on, is ended and replaced with the next question; so a bad question costs nobody else anything but time.
 */
export function createSealedThread<Question, Answer>(start: ThreadStart): SealedThread<Question, Answer> {
  const waiting: Job<Question, Answer>[] = [];
  let worker: Worker | undefined;
  let ready = false;
  let running: Job<Question, Answer> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let count = 0;
  let closed = false;

  function settle(outcome: ThreadOutcome<Answer>): void {
    clearTimeout(timer);
    const job = running;
    running = undefined;
    job?.done(outcome);
    next();
  }

  function drop(ended: 'time' | 'fault', message: string): void {
    const former = worker;
    const wasReady = ready;
    worker = undefined;
    ready = false;
    // Its end is not waited for: it no longer answers anybody.
    void former?.terminate();
    // A thread that can't even start would be started for ever.
    if (!wasReady) for (const job of waiting.splice(0)) job.done({ ended, message });
    settle({ ended, message });
  }

  function startWorker(): Worker {
    const started = new Worker(start.script, {
      workerData: start.workerData,
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: start.maxOldGenerationMegabytes },
      stdout: true,
      stderr: true,
    });
    started.unref();
    started.on('message', (message: ThreadMessage<Answer>) => {
      if (started !== worker) return;
      if ('ready' in message) {
        ready = true;
        next();
      } else if (message.id === running?.id) {
        if ('answer' in message) settle({ answer: message.answer });
        else drop('fault', message.fault);
      }
    });
    const failed = (cause: unknown): void => {
      const why = cause instanceof Error ? `: ${cause.message}` : '';
      if (started === worker) drop('fault', `${start.name} ended unexpectedly${why}`);
    };
    started.on('error', failed);
    started.on('exit', failed);
    return started;
  }

  function next(): void {
    if (running !== undefined || waiting.length === 0) return;
    worker ??= startWorker();
    // A waiting question keeps the thread, and with it the process, alive.
    worker.ref();
    if (!ready) return;
    running = waiting.shift();
    if (running === undefined) return;
    const { id, question, milliseconds } = running;
    timer = setTimeout(
      () => drop('time', `${start.name} did not finish within ${milliseconds} ms`),
      milliseconds,
    );
    worker.postMessage({ id, question } satisfies ThreadQuestion<Question>);
  }

  return {
    ask(question, milliseconds) {
      if (closed) throw new KeelsonError('internal', `${start.name} was asked after it was closed`);
      return new Promise((resolve) => {
        const done = (outcome: ThreadOutcome<Answer>): void => {
          if (waiting.length === 0 && running === undefined) worker?.unref();
          resolve(outcome);
        };
        waiting.push({ id: ++count, question, milliseconds, done });
        next();
      });
    },
    async close() {
      closed = true;
      const former = worker;
      worker = undefined;
      clearTimeout(timer);
      const left = running === undefined ? waiting.splice(0) : [running, ...waiting.splice(0)];
      running = undefined;
      for (const job of left) job.done({ ended: 'fault', message: `${start.name} was closed` });
      await former?.terminate();
    },
  };
}
