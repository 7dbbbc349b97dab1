/** One read that several callers wait for; it is stopped when the last of them is. */
type Shared<T> = {
  readonly outcome: Promise<T>;
  readonly stopping: AbortController;
  callers: number;
};

/** Reads something, or joins others that read the same; `signal` stops this caller alone. */
export type Share<T> = (
  key: string,
  read: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;

/**
 * Lets callers that ask for the same thing while an answer is being made share the next answer. They never get the
 * one under way: it may have been read before what the caller knows of, such as the push that made it ask.
 */
export function shareNext<T>(): Share<T> {
  const running = new Map<string, Shared<T>>();
  const next = new Map<string, Shared<T>>();

  const begin = (key: string, shared: Shared<T>): void => {
    next.delete(key);
    running.set(key, shared);
  };
  const finish = (key: string, shared: Shared<T>): void => {
    if (running.get(key) === shared) running.delete(key);
  };

  const open = (key: string, read: (signal: AbortSignal) => Promise<T>): Shared<T> => {
    const before = running.get(key);
    const stopping = new AbortController();
    const turn = before === undefined ? undefined : ended(before.outcome);
    const inTurn = (): Promise<T> => {
      begin(key, shared);
      return read(stopping.signal);
    };
    const outcome = turn === undefined ? read(stopping.signal) : turn.then(inTurn);
    const shared: Shared<T> = { outcome, stopping, callers: 0 };
    if (turn === undefined) begin(key, shared);
    else next.set(key, shared);
    void ended(outcome).then(() => finish(key, shared));
    return shared;
  };

  return (key, read, signal) => join(next.get(key) ?? open(key, read), signal);
}

/** Waits with the others; the last caller that is stopped stops the read and gets what the read says of that. */
async function join<T>(shared: Shared<T>, signal: AbortSignal | undefined): Promise<T> {
  signal?.throwIfAborted();
  shared.callers += 1;
  const left = Promise.withResolvers<never>();
  const leave = (): void => {
    shared.callers -= 1;
    if (shared.callers > 0) left.reject(signal?.reason);
    else shared.stopping.abort(signal?.reason);
  };
  signal?.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([shared.outcome, left.promise]);
  } finally {
    signal?.removeEventListener('abort', leave);
  }
}

async function ended(outcome: Promise<unknown>): Promise<void> {
  await outcome.catch(() => {
    // Whoever waits for the outcome hears of it; here only its end counts.
  });
}
