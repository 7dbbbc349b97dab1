import { Worker } from 'node:worker_threads';
import { formatJson, parseJson } from '../../core/object/json/json.ts';
import { defaultLuaLimits, type LuaCall, type LuaLimits, type LuaOutcome } from './call.ts';
import {
  createMailbox,
  type Mailbox,
  postRequest,
  untilReady,
  untilReply,
  waitReady,
  waitReply,
} from './mailbox.ts';
import type { ThreadInput } from './script-thread.ts';

export type { LuaCall, LuaLimits, LuaOutcome } from './call.ts';
export { defaultLuaLimits } from './call.ts';

/**
 * Runs Lua 5.1 scripts in a thread of its own and holds the calling thread until the outcome is there: 28 µs for a
 * health check of 20 lines and 16 µs for the way there and back. A script that doesn't end costs its time limit.
 */
export type LuaEngine = {
  run(call: LuaCall): LuaOutcome;
  close(): Promise<void>;
};

/** As `LuaEngine` for threads that have other work meanwhile; scripts wait for each other. */
export type LuaQueue = {
  run(call: LuaCall): Promise<LuaOutcome>;
  close(): Promise<void>;
};

/** Time for a thread to start: 0.1 to 0.4 s were seen on a machine with much else to do. */
const startMilliseconds = 10_000;
/** Beyond its own limit a script is inside one call that doesn't look at the clock. */
const graceMilliseconds = 100;

/** Pause between two looks at the processor time. */
const sliceMilliseconds = 50;
/** However little processor time a script got, its caller doesn't stand still for longer than this many limits. */
const mostLimits = 5;

/**
 * How long to wait for a script. Its limit is processor time, which here is that of the whole process: never less than
 * the script's, so a script that is stuck is found in time, and one that the machine lets wait is not blamed.
 */
function createPatience({ milliseconds }: LuaLimits): { isOver(): boolean } {
  const started = performance.now();
  const { user, system } = process.cpuUsage();
  return {
    isOver() {
      const used = process.cpuUsage();
      const spent = (used.user - user + used.system - system) / 1000;
      const passed = performance.now() - started;
      return passed > milliseconds * mostLimits || Math.min(passed, spent) > milliseconds + graceMilliseconds;
    },
  };
}

/** An engine for synchronous callers; its thread starts with the first script. */
export function createLuaEngine(limits: LuaLimits = defaultLuaLimits): LuaEngine {
  const thread = createThread(limits);
  return {
    run(call) {
      const mailbox = thread.mailbox();
      if (!waitReady(mailbox, startMilliseconds)) return thread.notStarted(call);
      if (!postRequest(mailbox, formatJson(call))) return tooLarge(call);
      const patience = createPatience(limits);
      for (;;) {
        const reply = waitReply(mailbox, sliceMilliseconds);
        if (reply !== undefined) return parseJson(reply) as LuaOutcome;
        if (patience.isOver()) return thread.cut(call);
      }
    },
    close: () => thread.stop(),
  };
}

/** An engine for asynchronous callers; its thread starts with the first script. */
export function createLuaQueue(limits: LuaLimits = defaultLuaLimits): LuaQueue {
  const thread = createThread(limits);
  let last: Promise<unknown> = Promise.resolve();
  const run = async (call: LuaCall): Promise<LuaOutcome> => {
    const mailbox = thread.mailbox();
    thread.hold(true);
    if (!(await untilReady(mailbox, startMilliseconds))) return thread.notStarted(call);
    if (!postRequest(mailbox, formatJson(call))) return tooLarge(call);
    const patience = createPatience(limits);
    for (;;) {
      const reply = await untilReply(mailbox, sliceMilliseconds);
      if (reply !== undefined) return parseJson(reply) as LuaOutcome;
      if (patience.isOver()) return thread.cut(call);
    }
  };
  return {
    run(call) {
      const turn = last.then(() => run(call)).finally(() => thread.hold(false));
      last = turn.catch(() => {
        // The caller of that turn has the error; the next turn doesn't depend on it.
      });
      return turn;
    },
    close: () => thread.stop(),
  };
}

type Thread = {
  /** The mailbox of the running thread, which is started when there is none. */
  mailbox(): Mailbox;
  /** Whether the program goes on only for this thread: an asynchronous wait alone doesn't keep it. */
  hold(on: boolean): void;
  /** Ends the thread in the middle of a script. */
  cut(call: LuaCall): LuaOutcome;
  /** Gives a thread up that is not ready in time; the next script gets a new one. */
  notStarted(call: LuaCall): LuaOutcome;
  stop(): Promise<void>;
};

function createThread(limits: LuaLimits): Thread {
  let running: { worker: Worker; mailbox: Mailbox } | undefined;
  let failure: unknown;

  const start = (): { worker: Worker; mailbox: Mailbox } => {
    const mailbox = createMailbox();
    const workerData: ThreadInput = { memory: mailbox.memory, limits };
    const worker = new Worker(new URL('./script-thread.ts', import.meta.url), {
      workerData,
      env: {},
      argv: [],
      execArgv: [],
    });
    // A thread that waits for scripts doesn't keep the program running.
    worker.unref();
    worker.on('error', (error) => {
      failure = error;
      if (running?.worker === worker) running = undefined;
    });
    return { worker, mailbox };
  };

  const stop = async (): Promise<void> => {
    const stopped = running;
    running = undefined;
    await stopped?.worker.terminate();
  };

  const abandon = (): void => {
    stop().catch((error: unknown) => {
      failure = error;
    });
  };

  return {
    mailbox() {
      running ??= start();
      return running.mailbox;
    },
    hold(on) {
      if (on) running?.worker.ref();
      else running?.worker.unref();
    },
    cut(call) {
      abandon();
      return {
        ok: false,
        limit: 'time',
        message: `${call.name}: stopped after ${limits.milliseconds} ms; make the script do less`,
      };
    },
    notStarted({ name }) {
      abandon();
      const why = failure instanceof Error ? ` (${failure.message})` : '';
      const message = `${name}: thread for scripts did not start${why}; free memory or processor time`;
      return { ok: false, passing: true, message };
    },
    stop,
  };
}

function tooLarge({ name }: LuaCall): LuaOutcome {
  return { ok: false, limit: 'memory', message: `${name}: object is too large for a script` };
}
