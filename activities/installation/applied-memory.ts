import { createByteCache } from '../../core/byte-cache.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { Database } from '../../db/client.ts';
import { appliedUids } from '../../db/queries/application/applied.ts';

/** Some 50,000 uids; an application that lists more objects which it should not have asks again. */
const rememberedBytes = 9 * 1024 * 1024;

/** Tells objects that this installation has applied from those that only carry the marks it would have written. */
export type AppliedMemory = {
  /** The objects among these that this installation has never applied. */
  strangers(objects: readonly Manifest[]): Promise<ReadonlySet<Manifest>>;
  /** Whether this installation has ever applied the object of a uid. */
  has(uid: string): Promise<boolean>;
};

/** What was applied once stays so: only objects of which that isn't known are looked up. */
export function createAppliedMemory(db: Database): AppliedMemory {
  const applied = createByteCache<true>(rememberedBytes);
  /** Those of the uids that were never applied. */
  const unappliedOf = async (uids: readonly string[]): Promise<ReadonlySet<string>> => {
    const unknown = uids.filter((uid) => applied.get(uid) === undefined);
    const found = unknown.length === 0 ? new Set<string>() : await appliedUids(db, unknown);
    for (const uid of found) applied.set(uid, true, 0);
    return new Set(unknown.filter((uid) => !found.has(uid)));
  };
  const uidOf = ({ metadata }: Manifest): string => metadata.uid ?? '';
  return {
    async strangers(objects) {
      const unapplied = await unappliedOf(objects.map(uidOf));
      return new Set(objects.filter((object) => unapplied.has(uidOf(object))));
    },
    has: async (uid) => !(await unappliedOf([uid])).has(uid),
  };
}
