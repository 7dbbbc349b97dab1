/**
 * Lets callers that ask for the same thing while an answer is being made share the next answer. They never get the
 * one under way: it may have been read before what the caller knows of, such as the push that made it ask.
 */
export function shareNext<T>(): (key: string, read: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<unknown>>();
  const next = new Map<string, Promise<T>>();

  const start = (key: string, read: () => Promise<T>): Promise<T> => {
    const reading = read();
    const ended = reading.then(
      () => undefined,
      () => undefined,
    );
    running.set(key, ended);
    void ended.then(() => {
      if (running.get(key) === ended) running.delete(key);
    });
    return reading;
  };

  return (key, read) => {
    const current = running.get(key);
    if (current === undefined) return start(key, read);
    const waiting = next.get(key);
    if (waiting !== undefined) return waiting;
    const queued = current.then(() => {
      next.delete(key);
      return start(key, read);
    });
    next.set(key, queued);
    return queued;
  };
}
