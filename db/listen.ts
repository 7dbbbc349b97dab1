import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { parseJson } from '../core/object/json/json.ts';
import type { Logger } from '../platform/logger.ts';
import type { Change } from './queries/application/change.ts';
import { changeChannel } from './statement.ts';

/** The part of a change that its announcement carries. */
export type Announcement = Pick<Change, 'id' | 'type' | 'topic' | 'applicationId' | 'clusterId' | 'project'>;

/** Every connection that listens talks to itself here; how often, and how long it may wait to be heard. */
const pingChannel = 'keelson_ping';
const pingMilliseconds = 10_000;

type Heard = {
  readonly change: (announcement: Announcement) => void;
  /** The connection broke, or hears nothing any more. */
  readonly lost: (error: Error) => void;
};

/**
 * Listens for announced changes on a connection of its own until `stop` is called or the connection is lost. Silence is
 * normal, so the connection tells itself something now and then: one that doesn't hear it by the next time is lost,
 * whether a network swallows everything or a pooler in between has forgotten to listen. Announcements are hints: the
 * table is the truth.
 */
async function openChangeListener(pool: pg.Pool, on: Heard): Promise<{ stop(): void }> {
  const client = await pool.connect();
  let open = true;
  let timer: NodeJS.Timeout | undefined;
  const release = (broken: Error | true): void => {
    if (!open) return;
    open = false;
    clearInterval(timer);
    client.removeAllListeners('notification');
    // Destroyed, not returned: a connection that listens must not serve other queries.
    client.release(broken);
  };
  const lose = (error: Error): void => {
    if (!open) return;
    release(error);
    on.lost(error);
  };
  const id = randomUUID();
  let isHeard = true;
  client.on('notification', ({ channel, payload = '' }) => {
    if (channel === changeChannel) on.change(readAnnouncement(payload));
    else if (payload === id) isHeard = true;
  });
  client.on('error', lose);
  const ping = (): void => {
    if (!isHeard) {
      lose(new Error(`change listener heard nothing of its own for ${pingMilliseconds} ms`));
      return;
    }
    isHeard = false;
    client.query('select pg_notify($1, $2)', [pingChannel, id]).catch(() => {
      // Then it isn't heard either.
    });
  };
  try {
    await client.query(`listen ${changeChannel}; listen ${pingChannel}`);
  } catch (error) {
    release(error instanceof Error ? error : true);
    throw error;
  }
  if (open) timer = setInterval(ping, pingMilliseconds).unref();
  return { stop: () => release(true) };
}

export type ChangeListener = {
  readonly onChange: (change: Announcement) => void;
  /** Announcements may have been missed: called after each (re)connect; read the tables. */
  readonly onGap: () => void;
  readonly log: Logger;
};

const reconnectMilliseconds = 500;

/** Who wants to hear of changes, on one connection: a session host has a listener for each of its clusters. */
export type ChangeHub = {
  /** Listens for announced changes, reconnecting for as long as it isn't closed. */
  listen(listener: ChangeListener): { close(): Promise<void> };
};

/** What listens on the connection while anybody wants to hear. */
type Ear = {
  readonly listeners: Set<ChangeListener>;
  readonly closing: AbortController;
  isConnected: boolean;
  ended: Promise<void>;
};

/** All listeners of a pool share one of its connections, which is taken for the first and given back after the last. */
export function createChangeHub(pool: pg.Pool): ChangeHub {
  let current: Ear | undefined;
  return {
    listen(listener) {
      current ??= openEar(pool);
      const ear = current;
      ear.listeners.add(listener);
      // The others were told when the connection was made.
      if (ear.isConnected) queueMicrotask(() => ear.listeners.has(listener) && listener.onGap());
      return {
        async close() {
          ear.listeners.delete(listener);
          if (ear.listeners.size > 0) return;
          if (current === ear) current = undefined;
          ear.closing.abort();
          await ear.ended;
        },
      };
    },
  };
}

function openEar(pool: pg.Pool): Ear {
  const ear: Ear = {
    listeners: new Set(),
    closing: new AbortController(),
    isConnected: false,
    ended: Promise.resolve(),
  };
  ear.ended = run(pool, ear);
  return ear;
}

async function run(pool: pg.Pool, ear: Ear): Promise<void> {
  const { signal } = ear.closing;
  while (!signal.aborted) {
    try {
      await listenOnce(pool, ear);
    } catch (error) {
      // Postgres is away: the next connect ends the gap, and onGap makes up for what was missed.
      const [listener] = ear.listeners;
      listener?.log.warn({ error: String(error) }, 'change listener lost its connection');
    }
    await sleep(reconnectMilliseconds, undefined, { signal }).catch(() => {
      // Closing ends the pause; the loop ends with it.
    });
  }
}

async function listenOnce(pool: pg.Pool, ear: Ear): Promise<void> {
  const { signal } = ear.closing;
  const lost = Promise.withResolvers<void>();
  lost.promise.catch(() => {
    // Thrown by the await below; a loss before that is reported by the opening itself.
  });
  const change = (announcement: Announcement): void => {
    for (const listener of [...ear.listeners]) listener.onChange(announcement);
  };
  const connection = await openChangeListener(pool, { change, lost: lost.reject });
  try {
    ear.isConnected = true;
    for (const listener of [...ear.listeners]) listener.onGap();
    signal.addEventListener('abort', () => lost.resolve(), { once: true });
    if (!signal.aborted) await lost.promise;
  } finally {
    ear.isConnected = false;
    connection.stop();
  }
}

function readAnnouncement(payload: string): Announcement {
  const row = parseJson(payload) as {
    id: number;
    type: Announcement['type'];
    topic: Announcement['topic'];
    application_id: string | null;
    cluster_id: string | null;
    /** An older release says none. */
    project?: string | null;
  };
  return {
    id: row.id,
    type: row.type,
    topic: row.topic,
    applicationId: row.application_id,
    clusterId: row.cluster_id,
    project: row.project ?? null,
  };
}
