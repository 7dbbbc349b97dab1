import type { Database } from '../../db/client.ts';
import type { Announcement, ChangeHub } from '../../db/listen.ts';
import { changesAfter } from '../../db/queries/application/change.ts';
import { changesById, newestChanges } from '../../db/queries/application/change-feed.ts';
import type { Logger } from '../../platform/logger.ts';
import { createGapTracker } from './gap-tracker.ts';

/** A change; only deletions carry the application as it was. */
export type FeedChange = Announcement & { readonly final?: unknown };

type FeedSubscriber = {
  /** Called with new changes, oldest first; must not throw. */
  readonly changes: (changes: readonly FeedChange[]) => void;
  /** Called once when the feed closes. */
  readonly end: () => void;
};

/** The change log as it grows, read once per server and passed on to every stream. */
export type ChangeFeed = {
  /** Starts passing changes on; answers with the way to stop it. */
  subscribe(subscriber: FeedSubscriber): () => void;
  /** Ends every subscription, and listens no more. */
  close(): Promise<void>;
};

export type ChangeFeedOptions = {
  readonly db: Database;
  readonly changes: ChangeHub;
  readonly log: Logger;
  /** How often the table is read whatever is announced. */
  readonly pollMilliseconds?: number;
};

const defaultPollMilliseconds = 2_000;
const pageSize = 1_000;

/**
 * Follows the change log from now on. What is announced is passed on as it comes, without a look at the table; the table
 * is read after each gap of the announcements and now and then, so a lost one delays a change by one poll and loses none.
 */
export async function openChangeFeed(options: ChangeFeedOptions): Promise<ChangeFeed> {
  const { db, changes, log, pollMilliseconds = defaultPollMilliseconds } = options;
  const subscribers = new Set<FeedSubscriber>();
  const wakeUp = createAlarm();
  const gaps = createGapTracker((await newestChanges(db, pageSize)).map((change) => change.id));
  let announced: Announcement[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  let open = true;

  const pass = (passed: readonly FeedChange[]): void => {
    gaps.saw(
      passed.map((change) => change.id),
      performance.now(),
    );
    if (passed.length > 0) for (const subscriber of [...subscribers]) subscriber.changes(passed);
  };

  const passAnnounced = async (): Promise<void> => {
    const batch = announced.filter(({ id }) => gaps.isNew(id));
    announced = [];
    const gone = batch.flatMap(({ id, type }) => (type === 'DELETED' ? [id] : []));
    const finals = new Map((await changesById(db, gone)).map((change) => [change.id, change]));
    pass(batch.map((announcement) => finals.get(announcement.id) ?? announcement));
  };

  const readTable = async (): Promise<void> => {
    // Before it is read: a gap that comes meanwhile is read for again.
    readAt = performance.now();
    const late = await changesById(db, gaps.missing(performance.now()));
    let page = await changesAfter(db, gaps.newest(), pageSize);
    pass([...late, ...page]);
    while (open && page.length === pageSize) {
      page = await changesAfter(db, gaps.newest(), pageSize);
      pass(page);
    }
  };

  const follow = async (): Promise<void> => {
    while (open) {
      try {
        if (performance.now() - readAt >= pollMilliseconds) await readTable();
        await passAnnounced();
      } catch (error) {
        // The database is away for the moment: the next round reads all from the table that was not passed on.
        readAt = Number.NEGATIVE_INFINITY;
        if (open) log.warn({ error }, 'change log could not be read');
      }
      if (open) await wakeUp.wait(pollMilliseconds);
    }
  };

  const listener = changes.listen({
    log,
    onChange: (announcement) => {
      announced.push(announcement);
      wakeUp.ring();
    },
    onGap: () => {
      readAt = Number.NEGATIVE_INFINITY;
      wakeUp.ring();
    },
  });
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
      await listener.close();
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
