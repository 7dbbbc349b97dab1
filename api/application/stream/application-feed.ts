import { setTimeout as sleep } from 'node:timers/promises';
import { applicationManifest, finalManifest } from '../../../core/application/manifest.ts';
import type { FinalApplication } from '../../../core/application/record.ts';
import type { Application } from '../../../core/application/spec/spec.ts';
import type { Database } from '../../../db/client.ts';
import { listApplications } from '../../../db/queries/application/application-list.ts';
import { completeApplications } from '../../../db/queries/application/application-record.ts';
import type { Logger } from '../../../platform/logger.ts';
import { readFields } from '../../request/fields.ts';
import type { ChangeFeed, FeedChange } from '../../stream/change-feed.ts';
import { partsFor } from '../application-parts.ts';

/** Streams show different fields; what all of them may show is read once. */
const everything = partsFor(readFields(undefined));

export type ApplicationEvent = {
  readonly type: FeedChange['type'];
  readonly id: string;
  readonly application: Application;
};

type EventSubscriber = {
  readonly events: (events: readonly ApplicationEvent[]) => void;
  readonly end: () => void;
};

/** Changes of applications with the application as it is then; loaded once however many streams follow. */
export type ApplicationFeed = { subscribe(subscriber: EventSubscriber): () => void };

export type ApplicationFeedOptions = {
  readonly db: Database;
  readonly feed: ChangeFeed;
  readonly log: Logger;
  readonly controlPlaneNamespace: string;
};

/** The first of some changes is read at once; syncs of many applications change something all the time. */
const pauseMilliseconds = 50;

type Pending = Map<string, Pick<FeedChange, 'final' | 'type'>>;

export function createApplicationFeed(options: ApplicationFeedOptions): ApplicationFeed {
  const { feed, log } = options;
  const subscribers = new Set<EventSubscriber>();
  let unsubscribe: (() => void) | undefined;
  let pending: Pending = new Map();
  let loading = false;

  // One load at a time keeps events in order; changes that come meanwhile, or soon after, are loaded together afterwards.
  const drain = async (): Promise<void> => {
    if (loading) return;
    loading = true;
    while (pending.size > 0 && subscribers.size > 0) {
      const batch = pending;
      pending = new Map();
      try {
        const events = await loadEvents(options, batch);
        for (const subscriber of [...subscribers]) subscriber.events(events);
      } catch (error) {
        // The reader would miss these changes for good, so its stream ends and it starts anew with a replay.
        log.warn({ error }, 'changed applications could not be read, streams end');
        for (const subscriber of [...subscribers]) subscriber.end();
      }
      await sleep(pauseMilliseconds);
    }
    loading = false;
  };

  const onChanges = (changes: readonly FeedChange[]): void => {
    for (const change of changes) if (change.topic === 'application') note(pending, change);
    void drain();
  };

  return {
    subscribe(subscriber) {
      subscribers.add(subscriber);
      unsubscribe ??= feed.subscribe({
        changes: onChanges,
        end: () => {
          for (const open of [...subscribers]) open.end();
        },
      });
      return () => {
        subscribers.delete(subscriber);
        if (subscribers.size > 0) return;
        unsubscribe?.();
        unsubscribe = undefined;
        pending = new Map();
      };
    },
  };
}

/** Several changes of one application become one: a new one stays new, and a deletion is the last word. */
function note(pending: Pending, change: FeedChange): void {
  const id = change.applicationId;
  if (id === null) return;
  const before = pending.get(id);
  const type = before?.type === 'ADDED' && change.type === 'MODIFIED' ? 'ADDED' : change.type;
  pending.delete(id);
  pending.set(id, { type, final: change.final });
}

async function loadEvents(
  options: ApplicationFeedOptions,
  batch: Pending,
): Promise<readonly ApplicationEvent[]> {
  const ids = [...batch].filter(([, change]) => change.type !== 'DELETED').map(([id]) => id);
  const { db } = options;
  const rows = await listApplications(db, ids, everything.columns);
  const records = await completeApplications(db, rows, everything);
  const found = new Map(
    records.map((record) => [record.row.id, applicationManifest(record, options.controlPlaneNamespace)]),
  );
  const events: ApplicationEvent[] = [];
  for (const [id, { type, final }] of batch) {
    const application = type === 'DELETED' && isFinal(final) ? finalManifest(final) : found.get(id);
    // Gone already: its own DELETED change follows.
    if (application !== undefined) events.push({ type, id, application });
  }
  return events;
}

/** Whether the last state that a change carries is one of an application. */
export function isFinal(value: unknown): value is FinalApplication {
  return typeof value === 'object' && value !== null && 'uid' in value && 'spec' in value;
}
