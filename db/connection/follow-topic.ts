import { shareNext } from '../../core/waiting/share-next.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Announcement, ChangeHub } from '../listen.ts';

export type FollowOptions = {
  readonly changes: ChangeHub;
  readonly topic: Announcement['topic'];
  /** How long a missed announcement can keep in force what was read before. */
  readonly pollMilliseconds: number;
  readonly log: Logger;
  /** What the log says when it can't be read, after which what was read before stays in force. */
  readonly failure: string;
  /** Reads what is stored and takes it over, never two at a time. */
  read(): Promise<void>;
};

/** What is kept current in this process by the announcements of one topic. */
export type Follower<Heard extends readonly unknown[]> = {
  /** Resolves when what is stored now is in force here. */
  reload(): Promise<void>;
  /** Calls back after each change; answers with the way to stop. */
  onChange(listener: (...heard: Heard) => void): () => void;
  /** Tells whoever listens of a change. */
  tell(...heard: Heard): void;
  close(): Promise<void>;
};

/** Reads anew on each announcement, after each gap in them, and now and then, since announcements are hints. */
export function followTopic<Heard extends readonly unknown[]>(options: FollowOptions): Follower<Heard> {
  const { changes, topic, log, failure } = options;
  const listeners = new Set<(...heard: Heard) => void>();
  const reading = shareNext(() => options.read());
  const look = (): void => {
    reading.look().catch((error: unknown) => log.warn({ error: String(error) }, failure));
  };
  const listener = changes.listen({
    log,
    onChange: (change) => {
      if (change.topic === topic) look();
    },
    onGap: look,
  });
  const timer = setInterval(look, options.pollMilliseconds).unref();
  return {
    reload: reading.look,
    onChange(heard) {
      listeners.add(heard);
      return () => void listeners.delete(heard);
    },
    tell(...heard) {
      for (const listener of [...listeners]) listener(...heard);
    },
    async close() {
      clearInterval(timer);
      listeners.clear();
      await listener.close();
      await reading.ended();
    },
  };
}
