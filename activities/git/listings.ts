import type { TreeEntry } from './tree.ts';

/** A thousand applications of ten files each make about 15,000 entries, some 3 MB. */
const entryLimit = 500_000;

/** Remembers the trees of commits, which never change. */
export type Listings = {
  /** The tree by this key, read once however many ask at the same time. */
  get(key: string, read: () => Promise<TreeEntry[]>): Promise<readonly TreeEntry[]>;
};

/** Keeps the listings that were used last, up to a number of entries in all. */
export function createListings(limit = entryLimit): Listings {
  const known = new Map<string, readonly TreeEntry[]>();
  const reading = new Map<string, Promise<readonly TreeEntry[]>>();
  let total = 0;

  const remember = (key: string, entries: readonly TreeEntry[]): void => {
    known.set(key, entries);
    total += entries.length;
    for (const [oldest, listing] of known) {
      if (total <= limit || oldest === key) break;
      known.delete(oldest);
      total -= listing.length;
    }
  };

  return {
    get: async (key, read) => {
      const entries = known.get(key);
      if (entries !== undefined) {
        // Taken out and put back: the order of the map is the order of last use.
        known.delete(key);
        known.set(key, entries);
        return entries;
      }
      const begun = reading.get(key);
      if (begun !== undefined) return await begun;
      const began = read();
      reading.set(key, began);
      try {
        const listed = await began;
        remember(key, listed);
        return listed;
      } finally {
        reading.delete(key);
      }
    },
  };
}
