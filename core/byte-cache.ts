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

/** After how long a value that nobody used goes although there is room, by which clock. */
export type Idle = { readonly milliseconds: number; now(): number };

/** What an entry takes beside its value and the characters of its key: measured at 140 on 64 bits. */
const entryBytes = 150;

/**
 * The one way to keep what may have any size: a bound on the number of entries says nothing of memory.
 *
 * @param mostBytes what all entries may take, their keys included
 * @param idle for what new contents replace: without it a process holds what was new weeks ago until the room is full
 */
export function createByteCache<Value>(mostBytes: number, idle?: Idle): ByteCache<Value> {
  type Entry = { readonly key: string; readonly value: Value; readonly bytes: number; usedAt: number };
  const entries = new Map<string, Entry>();
  let kept = 0;
  const now = (): number => idle?.now() ?? 0;
  const oldestUse = (): number => (idle === undefined ? 0 : now() - idle.milliseconds);

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
      entry.usedAt = now();
      entries.set(entry.key, entry);
      return entry.value;
    },
    set(key, value, valueBytes) {
      drop(key);
      const bytes = valueBytes + key.length + entryBytes;
      if (bytes > mostBytes) return;
      const own = ownText(key);
      entries.set(own, { key: own, value, bytes, usedAt: now() });
      kept += bytes;
      const since = oldestUse();
      for (const oldest of entries.values()) {
        if (kept <= mostBytes && oldest.usedAt >= since) return;
        drop(oldest.key);
      }
    },
    delete: drop,
    clear() {
      entries.clear();
      kept = 0;
    },
  };
}
