import type { Retention } from '../core/settings/retention.ts';
import type { Database } from '../db/client.ts';
import { foldOperations } from '../db/retention/fold-operations.ts';
import { forgetContent } from '../db/retention/forget-content.ts';
import { forgetGone, forgetOperations } from '../db/retention/forget-operations.ts';
import { forgetRecords } from '../db/retention/forget-records.ts';
import type { Engine } from '../engine/engine.ts';

/** Whoever sent files waits two minutes at most. */
const uploadsKeptSeconds = 30 * 60;
/** What nothing names is looked for this often within the time for which it is kept: the look reads every render. */
const looksWithinGrace = 5;
const longestPauseMilliseconds = 10 * 60 * 1000;

/** Removes what nothing needs any more, a bounded piece at each call; any number of processes may. */
export type Forgetting = { run(retention: Retention): Promise<void> };

/** A forgetting over one database and engine; `now` is in milliseconds. */
export function createForgetting(
  { db, engine }: { readonly db: Database; readonly engine: Pick<Engine, 'forgetEnded'> },
  now: () => number = () => performance.now(),
): Forgetting {
  let contentDueAt = 0;
  return {
    async run({ operations, details, audit, changes, deliveries, content, workflows }) {
      await forgetRecords(db, 'changes', changes);
      await forgetRecords(db, 'deliveries', deliveries);
      await forgetRecords(db, 'uploads', uploadsKeptSeconds);
      await forgetRecords(db, 'audit', audit);
      await foldOperations(db, details);
      if (operations > 0) await forgetOperations(db, operations);
      if (workflows > 0) await engine.forgetEnded(new Date(Date.now() - workflows * 1000));
      if (now() < contentDueAt) return;
      contentDueAt = now() + Math.min(longestPauseMilliseconds, (content / looksWithinGrace) * 1000);
      await forgetContent(db, content);
      await forgetGone(db);
    },
  };
}
