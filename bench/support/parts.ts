import { constants } from 'node:os';
import { KeelsonError } from '../../core/errors.ts';

type Part = { stop(): Promise<unknown> };

/** What a benchmark has started and that would go on without it: programs in sessions of their own. */
export type Parts = {
  /** Starts another part; refused once the benchmark is ending. */
  start<One extends Part>(begin: () => Promise<One>): Promise<One>;
  /** Stops all of them, the last one first; calling it again waits for the same end. */
  stop(): Promise<void>;
};

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Nothing yet. A signal that ends the process stops the parts before, also one that is only starting. */
export function createParts(afterwards: () => void = () => {}): Parts {
  const parts: Promise<Part>[] = [];
  let ending: Promise<void> | undefined;

  const end = async (): Promise<void> => {
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      // A part that could not start has left nothing, and its failure is told where it was started.
      await part.then(
        (one) => one.stop(),
        () => undefined,
      );
    }
    for (const signal of signals) process.off(signal, interrupt);
    afterwards();
  };
  const stop = (): Promise<void> => {
    ending ??= end();
    return ending;
  };
  const interrupt = (signal: NodeJS.Signals): void => {
    // The benchmark fails at what it loses here, which must not end the process before its programs.
    process.on('uncaughtException', () => {});
    process.stderr.write(`${signal}: stopping what was started\n`);
    const done = (): never => process.exit(128 + constants.signals[signal]);
    stop().then(done, (error: unknown) => {
      process.stderr.write(`not everything could be stopped: ${String(error)}\n`);
      done();
    });
  };
  for (const signal of signals) process.once(signal, interrupt);

  return {
    start: async (begin) => {
      if (ending !== undefined) throw new KeelsonError('unavailable', 'the benchmark is ending');
      const part = begin();
      parts.push(part);
      return await part;
    },
    stop,
  };
}
