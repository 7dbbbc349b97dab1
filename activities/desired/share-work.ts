import { unlessAborted } from '../../core/waiting/unless-aborted.ts';

/** Work under way, and what stops it. */
type UnderWay<T> = { readonly outcome: Promise<T>; readonly signal: AbortSignal };

/** Does work, or waits for the same that somebody else began; `signal` stops the own work and the wait. */
type SharedWork<T> = (key: string, signal: AbortSignal, run: () => Promise<T>) => Promise<T>;

/**
 * Lets callers that want the same at once have it done once. That another one gave up is no reason for this one to: only
 * a failure that `isVerdict` is everybody's. Nobody joins work that has been stopped, since it may take long to end: an
 * activity that lost its heartbeats is tried again while the first try still goes on.
 */
export function shareWork<T>(isVerdict: (error: unknown) => boolean): SharedWork<T> {
  const underWay = new Map<string, UnderWay<T>>();

  const joined = async ({ outcome }: UnderWay<T>, signal: AbortSignal): Promise<{ done: T } | undefined> => {
    try {
      return { done: await unlessAborted(outcome, signal) };
    } catch (error) {
      if (isVerdict(error) || signal.aborted) throw error;
      return undefined;
    }
  };

  return async (key, signal, run) => {
    for (;;) {
      const other = underWay.get(key);
      if (other === undefined || other.signal.aborted) break;
      const ended = await joined(other, signal);
      if (ended !== undefined) return ended.done;
    }
    const outcome = run().finally(() => {
      if (underWay.get(key) === own) underWay.delete(key);
    });
    const own: UnderWay<T> = { outcome, signal };
    underWay.set(key, own);
    return await outcome;
  };
}
