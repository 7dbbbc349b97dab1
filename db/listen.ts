import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../platform/logger.ts';
import { type Change, changeChannel } from './queries/change.ts';

/** The part of a change that its announcement carries. */
export type Announcement = Pick<Change, 'id' | 'type' | 'topic' | 'applicationId' | 'clusterId'>;

export type ChangeListener = {
  readonly onChange: (change: Announcement) => void;
  /** Announcements may have been missed: called after each (re)connect; read the tables. */
  readonly onGap: () => void;
  readonly log: Logger;
};

const reconnectMilliseconds = 500;

/** Listens for announced changes on a connection of its own, reconnecting for as long as it isn't closed. */
export function listenForChanges(url: string, listener: ChangeListener): { close(): Promise<void> } {
  const closing = new AbortController();
  const ended = run(url, listener, closing.signal);
  return {
    async close() {
      closing.abort();
      await ended;
    },
  };
}

async function run(url: string, listener: ChangeListener, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await listenOnce(url, listener, signal);
    } catch (error) {
      // Postgres is away: the next connect ends the gap, and onGap makes up for what was missed.
      listener.log.warn(
        { error: error instanceof Error ? error.message : String(error) },
        'change listener lost',
      );
    }
    await sleep(reconnectMilliseconds, undefined, { signal }).catch(() => {
      // Closing ends the pause; the loop ends with it.
    });
  }
}

async function listenOnce(url: string, listener: ChangeListener, signal: AbortSignal): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    keepAlive: true,
    application_name: 'keelson-listen',
  });
  const lost = new Promise<void>((resolve, reject) => {
    client.on('error', reject);
    client.on('end', () => resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  lost.catch(() => {
    // Awaited below; an error before that is reported by connect itself.
  });
  try {
    await client.connect();
    client.on('notification', (message) => {
      if (message.payload !== undefined) listener.onChange(readAnnouncement(message.payload));
    });
    await client.query(`listen ${changeChannel}`);
    listener.onGap();
    await lost;
  } finally {
    await client.end().catch(() => {
      // The connection is gone already.
    });
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
