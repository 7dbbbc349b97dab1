import type { Retention } from '../../core/settings/retention.ts';
import type { Database } from '../../db/client.ts';
import { foldedAtOnce, foldOperations } from '../../db/retention/fold-operations.ts';
import { forgetContent } from '../../db/retention/forget-content.ts';
import { forgetGone, forgetOperations } from '../../db/retention/forget-operations.ts';
import { forgetRecords } from '../../db/retention/forget-records.ts';
import type { Engine } from '../../engine/engine.ts';

/** Whoever sent files waits two minutes at most. */
const uploadsKeptSeconds = 30 * 60;
/** What nothing names is looked for this often within the time for which it is kept: the look reads every render. */
const looksWithinGrace = 5;
const longestPauseMilliseconds = 10 * 60 * 1000;

/**
 * A run goes on with a kind of rows while there are more, for so long: what comes faster than one piece a run would
 * otherwise grow for ever. Pieces are small, so that none holds locks or the loop for long.
 */
const kindMilliseconds = 2000;

/** Removes what nothing needs any more, a bounded piece after the other; any number of processes may. */
export type Forgetting = { run(retention: Retention): Promise<void> };

/** A forgetting over one database and engine; `now` is in milliseconds. */
export function createForgetting(
  { db, engine }: { readonly db: Database; readonly engine: Pick<Engine, 'forgetEnded'> },
  now: () => number = () => performance.now(),
): Forgetting {
  let contentDueAt = 0;
  /** Repeats a piece of work while it says that there may be more, and the time of its kind lasts. */
  const whileMore = async (piece: () => Promise<boolean>): Promise<void> => {
    const until = now() + kindMilliseconds;
    while ((await piece()) && now() < until);
  };
  return {
    async run({ operations, details, audit, changes, deliveries, content, workflows }) {
      const ended = new Date(Date.now() - workflows * 1000);
      await whileMore(() => forgetRecords(db, 'changes', changes));
      await whileMore(() => forgetRecords(db, 'deliveries', deliveries));
      await whileMore(() => forgetRecords(db, 'uploads', uploadsKeptSeconds));
      await whileMore(() => forgetRecords(db, 'audit', audit));
      await whileMore(async () => (await foldOperations(db, details)) === foldedAtOnce);
      if (operations > 0) await whileMore(() => forgetOperations(db, operations));
      if (workflows > 0) await whileMore(() => engine.forgetEnded(ended));
      if (now() < contentDueAt) return;
      contentDueAt = now() + Math.min(longestPauseMilliseconds, (content / looksWithinGrace) * 1000);
      await whileMore(() => forgetContent(db, content));
      await forgetGone(db);
    },
  };
}
