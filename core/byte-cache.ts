import { ownText } from './own-memory.ts';

/** Values by key, up to a number of bytes in all: the one that was used least lately goes first. */
export type ByteCache<Value> = {
  /** The value, which counts as used now. */
  get(key: string): Value | undefined;
  /**
   * Keeps a value that takes so many bytes; one that is larger than the whole cache is not kept. The key may be a part of
   * a larger text; a value that is one has to be in memory of its own (core/own-memory.ts), or the whole is kept uncounted.
   */
  set(key: string, value: Value, bytes: number): void;
  delete(key: string): void;
  clear(): void;
};

/** What an entry takes beside its value and the characters of its key: measured at 140 on 64 bits. */
const entryBytes = 150;

/**
 * The one way to keep what may have any size: a bound on the number of entries says nothing of memory.
 *
 * @param mostBytes what all entries may take, their keys included
 */
export function createByteCache<Value>(mostBytes: number): ByteCache<Value> {
  const entries = new Map<string, { readonly key: string; readonly value: Value; readonly bytes: number }>();
  let kept = 0;

  const drop = (key: string): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    kept -= entry.bytes;
  };

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      // Taken out and put back under its own key: the order of the map is the order of last use.
      entries.delete(key);
      entries.set(entry.key, entry);
      return entry.value;
    },
    set(key, value, valueBytes) {
      drop(key);
      const bytes = valueBytes + key.length + entryBytes;
      if (bytes > mostBytes) return;
      const own = ownText(key);
      entries.set(own, { key: own, value, bytes });
      kept += bytes;
      for (const oldest of entries.keys()) {
        if (kept <= mostBytes) return;
        drop(oldest);
      }
    },
    delete: drop,
    clear() {
      entries.clear();
      kept = 0;
    },
  };
}
