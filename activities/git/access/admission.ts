import { KeelsonError } from '../../../core/errors.ts';
import { type Remote, readerOf } from './remote.ts';

/**
 * Who has been let in by which server. A mirror is shared by all who read a repository, and whoever names a commit by
 * its full SHA asks the server nothing: without this, anybody who knows a SHA could read what others may read.
 */
export type Admission = {
  /** Fetches, and lets the server judge when nothing had to be fetched and this reader is not known yet. */
  admit(
    remote: Remote,
    fetch: () => Promise<'fetched' | 'present'>,
    signal: AbortSignal | undefined,
  ): Promise<void>;
  /** Remembers what the server's answer to this reader says. */
  witness<T>(remote: Remote, ask: () => Promise<T>): Promise<T>;
};

/** What a server says to somebody whom it doesn't let in; some say that there is no such repository. */
const refusals: ReadonlySet<unknown> = new Set(['auth', 'forbidden', 'not-found', 'key', 'host-key']);

/** Remembers for the life of the worker, and until the server refuses. */
export function createAdmission(
  ask: (remote: Remote, signal: AbortSignal | undefined) => Promise<void>,
): Admission {
  const admitted = new Set<string>();

  const witness = async <T>(remote: Remote, work: () => Promise<T>): Promise<T> => {
    const reader = readerOf(remote);
    try {
      const answer = await work();
      admitted.add(reader);
      return answer;
    } catch (cause) {
      if (cause instanceof KeelsonError && refusals.has(cause.details['reason'])) admitted.delete(reader);
      throw cause;
    }
  };

  return {
    witness,
    admit: async (remote, fetch, signal) => {
      // The disk asks nobody.
      if (remote.protocol === 'file') return void (await fetch());
      if (admitted.has(readerOf(remote))) return void (await fetch());
      await witness(remote, async () => {
        if ((await fetch()) === 'present') await ask(remote, signal);
      });
    },
  };
}
