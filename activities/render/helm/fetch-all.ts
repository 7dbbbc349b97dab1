import { mapBounded } from '../../../core/bounded.ts';

/** Downloads at once; a chart has a handful of dependencies and most come from one server. */
const parallelFetches = 4;

/**
 * Fetches everything on a list into a render's scratch folder. Nothing is under way any more when it fails: the folder
 * is removed then.
 */
export async function fetchAll<T>(list: readonly T[], fetchOne: (one: T) => Promise<void>): Promise<void> {
  const failures = await mapBounded(list, parallelFetches, async (one) => {
    try {
      await fetchOne(one);
      return undefined;
    } catch (cause) {
      // Thrown below, when the others have ended.
      return { cause };
    }
  });
  const failed = failures.find((failure) => failure !== undefined);
  if (failed !== undefined) throw failed.cause;
}
