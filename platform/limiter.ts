/** Runs at most so many tasks at once; the others wait in order, those that are to go `first` before the rest. */
export type Limiter = {
  run<T>(task: () => Promise<T>, signal?: AbortSignal, options?: { readonly first: boolean }): Promise<T>;
  /** Tasks that wait at the moment. */
  readonly waiting: number;
};

/** A limiter for the given number of tasks, which is asked for anew each time where it may change. */
export function createLimiter(given: number | (() => number)): Limiter {
  const limit = (): number => (typeof given === 'number' ? given : given());
  let running = 0;
  const waiting = new Set<() => void>();
  const waitingFirst = new Set<() => void>();

  function enter(signal: AbortSignal | undefined, queue: Set<() => void>): Promise<void> {
    signal?.throwIfAborted();
    if (running < limit()) {
      running++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const leaveQueue = (): void => {
        queue.delete(admit);
        reject(signal?.reason);
      };
      const admit = (): void => {
        signal?.removeEventListener('abort', leaveQueue);
        resolve();
      };
      queue.add(admit);
      signal?.addEventListener('abort', leaveQueue, { once: true });
    });
  }

  function leave(): void {
    running--;
    // Places pass on directly, so nobody can slip in between; there may be more of them than before, or none.
    while (running < limit()) {
      const queue = waitingFirst.size > 0 ? waitingFirst : waiting;
      const [next] = queue;
      if (next === undefined) return;
      queue.delete(next);
      running++;
      next();
    }
  }

  return {
    get waiting() {
      return waiting.size + waitingFirst.size;
    },
    async run(task, signal, options) {
      await enter(signal, options?.first === true ? waitingFirst : waiting);
      try {
        return await task();
      } finally {
        leave();
      }
    },
  };
}
