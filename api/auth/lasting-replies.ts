import { KeelsonError } from '../../core/errors.ts';
import { runAgain } from '../../core/waiting/run-again.ts';
import type { Logger } from '../../platform/logger.ts';
import { Refusal } from '../reply/problem.ts';
import { type Subject, sessionIdOf } from './subject.ts';

/** With what a reply was asked for. */
export type ReplyTo = {
  readonly token: string;
  readonly subject: Subject;
  /** Throws `forbidden` or `not-found` when the right is gone with which the reply was begun. */
  readonly permit?: (() => Promise<void>) | undefined;
};

/** The place of a reply that goes on. Whoever takes it leaves it when the reply is over. */
export type LastingReply = {
  /** Resolves with the reason when the reply has to end; never where it is over before. */
  readonly ended: Promise<KeelsonError>;
  leave(): void;
};

/** Replies that go on after their login was judged. */
export type LastingReplies = {
  /** Throws 429 where the login has too many, 503 where the server has. */
  enter(to: ReplyTo): LastingReply;
  /** Judges the logins of all of them again, now. */
  look(): void;
};

/** How many replies may go on at once. */
export type LastingSize = { readonly ofServer: number; readonly ofLogin: number };

export const lastingSize: LastingSize = { ofServer: 1_000, ofLogin: 64 };

/** How often the logins are judged whatever is told, and for how long one counts that can't be judged. */
export type LastingPace = { readonly lookMilliseconds: number; readonly patienceMilliseconds: number };

/** Together less than the ten seconds within which no ended login is served any more. */
const lastingPace: LastingPace = { lookMilliseconds: 3_000, patienceMilliseconds: 6_000 };

const retrySeconds = 5;

type Guest = ReplyTo & { readonly end: (reason: KeelsonError) => void; confirmedAt: number };

export type LastingOptions = {
  readonly verify: (token: string) => Promise<Subject>;
  readonly log: Logger;
  readonly size?: LastingSize;
  readonly pace?: LastingPace;
};

/**
 * Keeps judging the logins and rights of replies that go on: on each word that some have ended, and every few seconds. All of a
 * server's are judged together by what judges requests, whose questions share their statements. A login that can't be
 * judged counts for a while only: a server that is cut off from the database must not go on serving it.
 */
export function createLastingReplies(options: LastingOptions): LastingReplies {
  const { verify, log, size = lastingSize, pace = lastingPace } = options;
  const guests = new Set<Guest>();
  let timer: NodeJS.Timeout | undefined;

  /** Answers with what kept a login or a right from being judged. */
  const judge = async (token: string, bring: readonly Guest[]): Promise<unknown> => {
    const began = performance.now();
    try {
      await verify(token);
    } catch (error) {
      if (!isRefusal(error)) return error;
      for (const guest of bring) guest.end(error);
      return undefined;
    }
    const faults = await Promise.all(bring.map((guest) => judgeRight(guest, began)));
    return faults.find((fault) => fault !== undefined);
  };

  const look = runAgain(async () => {
    const byToken = Map.groupBy(guests, ({ token }) => token);
    const faults = await Promise.all([...byToken].map(([token, bring]) => judge(token, bring)));
    const error = faults.find((fault) => fault !== undefined);
    // The database is away: the next look succeeds, or patience runs out.
    if (error !== undefined) log.warn({ error }, 'logins of streams could not be judged');
  });

  const tick = (): void => {
    const oldest = performance.now() - pace.patienceMilliseconds;
    for (const guest of [...guests].filter(({ confirmedAt }) => confirmedAt < oldest)) {
      guest.end(unjudged());
    }
    void look();
  };

  return {
    look: () => void look(),
    enter(to) {
      const session = sessionIdOf(to.subject);
      const own = [...guests].filter(({ subject }) => sessionIdOf(subject) === session).length;
      if (own >= size.ofLogin) {
        throw new Refusal(429, `too many streams of one login; close some of ${own}`, retrySeconds);
      }
      if (guests.size >= size.ofServer) {
        throw new Refusal(503, 'too many streams on this server; close some, or add servers', retrySeconds);
      }
      const { promise: ended, resolve: end } = Promise.withResolvers<KeelsonError>();
      const guest: Guest = { ...to, end, confirmedAt: performance.now() };
      guests.add(guest);
      timer ??= setInterval(tick, pace.lookMilliseconds).unref();
      return {
        ended,
        leave() {
          guests.delete(guest);
          if (guests.size > 0) return;
          clearInterval(timer);
          timer = undefined;
        },
      };
    },
  };
}

async function judgeRight(guest: Guest, began: number): Promise<unknown> {
  try {
    await guest.permit?.();
    guest.confirmedAt = began;
    return undefined;
  } catch (error) {
    if (!isRefusal(error)) return error;
    guest.end(error);
    return undefined;
  }
}

const refusals: ReadonlySet<string> = new Set(['unauthenticated', 'forbidden', 'not-found']);

/** Whether somebody may not go on, rather than nobody being able to say. */
function isRefusal(error: unknown): error is KeelsonError {
  return error instanceof KeelsonError && refusals.has(error.code);
}

function unjudged(): KeelsonError {
  return new KeelsonError('unavailable', 'stream ends since its login could not be judged; open it again', {
    retryable: true,
  });
}
