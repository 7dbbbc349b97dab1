import { createByteCache } from '../../core/byte-cache.ts';
import type { Manifest } from '../../core/object/manifest.ts';
import type { Database } from '../../db/client.ts';
import { appliedUids } from '../../db/queries/applied.ts';

/** Some 50,000 uids; an application that lists more objects which it should not have asks again. */
const rememberedBytes = 9 * 1024 * 1024;

/** Tells objects that this installation has applied from those that only carry the marks it would have written. */
export type AppliedMemory = {
  /** The objects among these that this installation has never applied. */
  strangers(objects: readonly Manifest[]): Promise<ReadonlySet<Manifest>>;
};

/** What was applied once stays so: only objects of which that isn't known are looked up. */
export function createAppliedMemory(db: Database): AppliedMemory {
  const applied = createByteCache<true>(rememberedBytes);
  return {
    async strangers(objects) {
      const uidOf = ({ metadata }: Manifest): string => metadata.uid ?? '';
      const unknown = objects.filter((object) => applied.get(uidOf(object)) === undefined);
      const found = unknown.length === 0 ? new Set<string>() : await appliedUids(db, unknown.map(uidOf));
      for (const uid of found) applied.set(uid, true, 0);
      return new Set(unknown.filter((object) => !found.has(uidOf(object))));
    },
  };
}
