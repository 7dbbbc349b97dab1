import { createByteCache } from '../../../core/byte-cache.ts';
import { whileUsed } from '../../../platform/while-used.ts';
import { type Remote, readerOf } from '../access/remote.ts';
import { readBlobs } from '../checkout/tree.ts';
import type { GitSetting } from '../run/command.ts';
import { blobSizes } from './blobs.ts';
import { gatherNext } from './gather.ts';
import type { Mirror } from './mirror.ts';

/** A commit in a mirror, for a reader whom the server has let in. */
export type Reached = { readonly remote: Remote; readonly sha: string; readonly mirror: Mirror };

/** Reads blobs of commits by their ids, fetching those that are not here; callers at the same time share the runs. */
export type BlobReader = {
  read(from: Reached, oids: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, Buffer>>;
  /** The sizes in bytes. */
  sizes(from: Reached, oids: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, number>>;
};

/** Some 80,000 sizes. */
const mostSizeBytes = 16 * 1024 * 1024;

/** A reader over the mirrors of one cache. */
export function createBlobReader(setting: GitSetting): BlobReader {
  const reads = gatherNext<ReadonlyMap<string, Buffer>>();
  const measures = gatherNext<ReadonlyMap<string, number>>();
  const known = createByteCache<number>(mostSizeBytes, whileUsed);
  const keyOf = ({ remote, sha }: Reached): string => `${readerOf(remote)}/${sha}`;

  /** Most are here, so they are asked for before it is known. */
  const fetching = async <Value>(
    { sha, mirror }: Reached,
    oids: readonly string[],
    signal: AbortSignal,
    get: (oids: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  ): Promise<ReadonlyMap<string, Value>> => {
    const found = await get(oids);
    const missing = oids.filter((oid) => !found.has(oid));
    if (missing.length === 0) return found;
    await mirror.fetchBlobs(sha, missing, signal);
    return new Map([...found, ...(await get(missing))]);
  };

  return {
    read: async (from, oids, signal) => {
      if (oids.length === 0) return new Map();
      const readAll = (all: readonly string[], stopped: AbortSignal) =>
        fetching(from, all, stopped, (some) =>
          readBlobs(setting, { dir: from.mirror.dir, signal: stopped }, some),
        );
      return await reads(keyOf(from), oids, readAll, signal);
    },
    sizes: async (from, oids, signal) => {
      const found = new Map<string, number>();
      for (const oid of oids) {
        const size = known.get(oid);
        if (size !== undefined) found.set(oid, size);
      }
      const unknown = oids.filter((oid) => !found.has(oid));
      if (unknown.length > 0) {
        const measureAll = (all: readonly string[], stopped: AbortSignal) =>
          fetching(from, all, stopped, (some) => blobSizes(setting, from.mirror.dir, some, stopped));
        const measured = await measures(keyOf(from), unknown, measureAll, signal);
        for (const oid of unknown) {
          const size = measured.get(oid);
          if (size === undefined) continue;
          known.set(oid, size, 0);
          found.set(oid, size);
        }
      }
      return found;
    },
  };
}
