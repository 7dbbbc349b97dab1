/** Runs at most so many tasks at once; the others wait in order. */
export type Limiter = {
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T>;
};

/** A limiter for the given number of tasks. */
export function createLimiter(limit: number): Limiter {
  let running = 0;
  const waiting = new Set<() => void>();

  function enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (running < limit) {
      running++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const leaveQueue = (): void => {
        waiting.delete(admit);
        reject(signal?.reason);
      };
      const admit = (): void => {
        signal?.removeEventListener('abort', leaveQueue);
        resolve();
      };
      waiting.add(admit);
      signal?.addEventListener('abort', leaveQueue, { once: true });
    });
  }

  function leave(): void {
    const [next] = waiting;
    if (next === undefined) {
      running--;
      return;
    }
    // The place passes on directly, so nobody can slip in between.
    waiting.delete(next);
    next();
  }

  return {
    async run(task, signal) {
      await enter(signal);
      try {
        return await task();
      } finally {
        leave();
      }
    },
  };
}
