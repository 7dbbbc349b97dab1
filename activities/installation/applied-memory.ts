import type { Manifest } from '../../core/object/manifest.ts';
import type { Database } from '../../db/client.ts';
import { appliedUids } from '../../db/queries/applied.ts';

/** Remembered uids; an application that lists more objects which it should not have asks again. */
const mostRemembered = 50_000;

/** Tells objects that this installation has applied from those that only carry the marks it would have written. */
export type AppliedMemory = {
  /** The objects among these that this installation has never applied. */
  strangers(objects: readonly Manifest[]): Promise<ReadonlySet<Manifest>>;
};

/** What was applied once stays so: only objects of which that isn't known are looked up. */
export function createAppliedMemory(db: Database): AppliedMemory {
  const applied = new Set<string>();
  return {
    async strangers(objects) {
      const uidOf = ({ metadata }: Manifest): string => metadata.uid ?? '';
      const asked = objects.map(uidOf).filter((uid) => !applied.has(uid));
      const found = asked.length === 0 ? [] : await appliedUids(db, asked);
      const isFound = new Set(found);
      const strangers = objects.filter(
        (object) => !applied.has(uidOf(object)) && !isFound.has(uidOf(object)),
      );
      for (const uid of found) if (applied.size < mostRemembered) applied.add(uid);
      return new Set(strangers);
    },
  };
}
