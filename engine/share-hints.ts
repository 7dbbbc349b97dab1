/**
 * Sends at most one hint per key at a time, and the next one no sooner than `pauseMilliseconds` after the start of the
 * one before; callers that come meanwhile share it. A hint says only that rows were committed, so one that is sent after
 * the last commit tells of all of them. A call resolves or rejects with the hint that tells of it.
 */
export function shareHints<Key>(
  pauseMilliseconds: number,
  send: (key: Key) => Promise<unknown>,
): (key: Key) => Promise<void> {
  const busy = new Map<Key, Promise<unknown>>();
  const next = new Map<Key, Promise<void>>();
  const start = async (key: Key): Promise<void> => {
    next.delete(key);
    const sent = send(key);
    const free = Promise.allSettled([sent, pause(pauseMilliseconds)]);
    busy.set(key, free);
    void free.then(() => {
      if (busy.get(key) === free) busy.delete(key);
    });
    await sent;
  };
  return (key) => {
    const before = busy.get(key);
    if (before === undefined) return start(key);
    const shared = next.get(key) ?? before.then(() => start(key));
    next.set(key, shared);
    return shared;
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
