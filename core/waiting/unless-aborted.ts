/**
 * The outcome of work that others wait for too: whoever is stopped gets the reason at once, while the work goes on without
 * them. What is one's own work ends itself when it is stopped, and is waited for until it has.
 */
export async function unlessAborted<T>(outcome: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await outcome;
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([stopped.promise, outcome]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
