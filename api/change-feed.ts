import type pg from 'pg';
import type { Database } from '../db/client.ts';
import { openChangeListener } from '../db/listen.ts';
import { type Change, changesAfter } from '../db/queries/change.ts';
import { changesById, newestChanges } from '../db/queries/change-feed.ts';
import type { Logger } from '../platform/logger.ts';
import { createGapTracker } from './gap-tracker.ts';

type FeedSubscriber = {
  /** Called with new changes, oldest first; must not throw. */
  readonly changes: (changes: readonly Change[]) => void;
  /** Called once when the feed closes. */
  readonly end: () => void;
};

/** The change log as it grows, read once per server and passed on to every stream. */
export type ChangeFeed = {
  /** Starts passing changes on; answers with the way to stop it. */
  subscribe(subscriber: FeedSubscriber): () => void;
  /** Ends every subscription and gives the connection back. */
  close(): Promise<void>;
};

export type ChangeFeedOptions = {
  readonly db: Database;
  readonly pool: pg.Pool;
  readonly log: Logger;
  /** How long an announcement may stay out before the table is read anyway. */
  readonly pollMilliseconds?: number;
};

const defaultPollMilliseconds = 2_000;
const pageSize = 1_000;

/**
 * Follows the change log from now on. NOTIFY only wakes it: what it passes on is what the table says, so a lost
 * announcement or a broken connection delays changes by one poll and loses none.
 */
export async function openChangeFeed(options: ChangeFeedOptions): Promise<ChangeFeed> {
  const { db, pool, log, pollMilliseconds = defaultPollMilliseconds } = options;
  const subscribers = new Set<FeedSubscriber>();
  const wakeUp = createAlarm();
  const gaps = createGapTracker((await newestChanges(db, pageSize)).map((change) => change.id));
  let listener: { stop(): void } | undefined;
  let open = true;

  const listen = async (): Promise<void> => {
    listener ??= await openChangeListener(pool, {
      change: wakeUp.ring,
      lost: (error) => {
        listener = undefined;
        log.warn({ error }, 'change listener lost its connection');
        wakeUp.ring();
      },
    });
  };

  const readNew = async (): Promise<void> => {
    const late = await changesById(db, gaps.missing(performance.now()));
    let page = await changesAfter(db, gaps.newest(), pageSize);
    let found = [...late, ...page];
    while (open && found.length > 0) {
      gaps.saw(
        found.map((change) => change.id),
        performance.now(),
      );
      for (const subscriber of [...subscribers]) subscriber.changes(found);
      if (page.length < pageSize) return;
      page = await changesAfter(db, gaps.newest(), pageSize);
      found = page;
    }
  };

  const follow = async (): Promise<void> => {
    while (open) {
      try {
        await listen();
        await readNew();
      } catch (error) {
        // The database is away for the moment; the position is kept and the next round reads on from it.
        if (open) log.warn({ error }, 'change log could not be read');
      }
      if (open) await wakeUp.wait(pollMilliseconds);
    }
  };

  await listen();
  const following = follow();
  return {
    subscribe(subscriber) {
      subscribers.add(subscriber);
      return () => void subscribers.delete(subscriber);
    },
    async close() {
      open = false;
      wakeUp.ring();
      await following;
      listener?.stop();
      for (const subscriber of subscribers) subscriber.end();
      subscribers.clear();
    },
  };
}

/** A wait that ends when the bell rings or the time is over; a ring while nobody waits is kept. */
function createAlarm(): { ring(): void; wait(milliseconds: number): Promise<void> } {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(milliseconds) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = undefined;
      rung = false;
    },
  };
}
