import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../platform/logger.ts';
import { type Change, changeChannel } from './queries/change.ts';

/** The part of a change that its announcement carries. */
export type Announcement = Pick<Change, 'id' | 'type' | 'topic' | 'applicationId' | 'clusterId'>;

/**
 * Listens for announced changes on a connection of its own until `stop` is called; `lost` says that the connection
 * broke, after which nothing is heard any more. Announcements are hints: the table is the truth.
 */
export async function openChangeListener(
  pool: pg.Pool,
  on: { readonly change: (announcement: Announcement) => void; readonly lost: (error: Error) => void },
): Promise<{ stop(): void }> {
  const client = await pool.connect();
  let open = true;
  const release = (broken: Error | true): void => {
    if (!open) return;
    open = false;
    client.removeAllListeners('notification');
    // Destroyed, not returned: a connection that listens must not serve other queries.
    client.release(broken);
  };
  client.on('notification', ({ payload }) => {
    if (payload !== undefined) on.change(readAnnouncement(payload));
  });
  client.on('error', (error) => {
    release(error);
    on.lost(error);
  });
  await client.query(`listen ${changeChannel}`);
  return { stop: () => release(true) };
}

export type ChangeListener = {
  readonly onChange: (change: Announcement) => void;
  /** Announcements may have been missed: called after each (re)connect; read the tables. */
  readonly onGap: () => void;
  readonly log: Logger;
};

const reconnectMilliseconds = 500;

/** Listens for announced changes, reconnecting for as long as it isn't closed. */
export function listenForChanges(pool: pg.Pool, listener: ChangeListener): { close(): Promise<void> } {
  const closing = new AbortController();
  const ended = run(pool, listener, closing.signal);
  return {
    async close() {
      closing.abort();
      await ended;
    },
  };
}

async function run(pool: pg.Pool, listener: ChangeListener, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await listenOnce(pool, listener, signal);
    } catch (error) {
      // Postgres is away: the next connect ends the gap, and onGap makes up for what was missed.
      listener.log.warn({ error: String(error) }, 'change listener lost its connection');
    }
    await sleep(reconnectMilliseconds, undefined, { signal }).catch(() => {
      // Closing ends the pause; the loop ends with it.
    });
  }
}

async function listenOnce(pool: pg.Pool, listener: ChangeListener, signal: AbortSignal): Promise<void> {
  const lost = Promise.withResolvers<void>();
  lost.promise.catch(() => {
    // Thrown by the await below; a loss before that is reported by the opening itself.
  });
  const connection = await openChangeListener(pool, { change: listener.onChange, lost: lost.reject });
  try {
    listener.onGap();
    signal.addEventListener('abort', () => lost.resolve(), { once: true });
    if (!signal.aborted) await lost.promise;
  } finally {
    connection.stop();
  }
}

function readAnnouncement(payload: string): Announcement {
  const row = JSON.parse(payload) as {
    id: number;
    type: Announcement['type'];
    topic: Announcement['topic'];
    application_id: string | null;
    cluster_id: string | null;
  };
  return {
    id: row.id,
    type: row.type,
    topic: row.topic,
    applicationId: row.application_id,
    clusterId: row.cluster_id,
  };
}
