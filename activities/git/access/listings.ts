import { createByteCache } from '../../../core/byte-cache.ts';
import { whileUsed } from '../../../platform/while-used.ts';
import type { TreeEntry } from '../checkout/tree.ts';

/** A thousand applications of ten files each make about 15,000 entries, some 5 MB. */
const mostBytes = 48 * 1024 * 1024;
/**
 * What an entry takes beside its path: 170 with the text of its line, of which it is a view, and 120 in the tree that is
 * made of a listing and lives as long (CommitMemory). Both are measured.
 */
const entryBytes = 290;

/** Remembers the trees of commits, which never change. */
export type Listings = {
  /** The tree by this key, read once however many ask at the same time. */
  get(key: string, read: () => Promise<TreeEntry[]>): Promise<readonly TreeEntry[]>;
};

/** Keeps the listings that were used last, up to a number of bytes in all. */
export function createListings(limit = mostBytes): Listings {
  const known = createByteCache<readonly TreeEntry[]>(limit, whileUsed);
  const reading = new Map<string, Promise<readonly TreeEntry[]>>();

  return {
    get: async (key, read) => {
      const entries = known.get(key);
      if (entries !== undefined) return entries;
      const begun = reading.get(key);
      if (begun !== undefined) return await begun;
      const began = read();
      reading.set(key, began);
      try {
        const listed = await began;
        known.set(key, listed, bytesOf(listed));
        return listed;
      } finally {
        reading.delete(key);
      }
    },
  };
}

/** What a listing takes, with the tree that is made of it. */
export function bytesOf(entries: readonly TreeEntry[]): number {
  let bytes = 0;
  for (const { path } of entries) bytes += 2 * path.length + entryBytes;
  return bytes;
}
