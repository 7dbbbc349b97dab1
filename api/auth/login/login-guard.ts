import { formatJson } from '../../../core/object/json/json.ts';
import type { Database } from '../../../db/client.ts';
import { countAttempt, dropAttempts, forgetAttempts } from '../../../db/queries/login/login-attempt.ts';
import type { Keyring } from '../../../platform/encryption.ts';
import { Refusal } from '../../reply/problem.ts';

/** Who tries to log in: a name, from an address. */
export type LoginCaller = { readonly username: string; readonly address: string };

/** Slows down whoever tries passwords, and nobody else. */
export type LoginGuard = {
  /** Counts a try before anything is known of it; throws 429 where the caller has to wait. */
  admit(caller: LoginCaller): Promise<void>;
  /** The try was a login: those before it are forgotten. */
  succeed(caller: LoginCaller): Promise<void>;
};

const sweepMilliseconds = 60_000;

/**
 * Counts by name and address, in the database, so that all servers count together. Only who fails waits: a name can't be
 * locked from another address. Nothing is ever forgotten before its time; a row is written for a try that got a place in
 * the queue of passwords, some twelve a second, so they stay few. Names are kept as digests, since people type passwords
 * into the wrong field, and are counted whether they exist or not.
 */
export function createLoginGuard(db: Database, keyring: Keyring): LoginGuard {
  const keyOf = ({ username, address }: LoginCaller): string =>
    keyring.digest(formatJson(['login', username, address]));
  let sweptAt = performance.now();
  return {
    async admit(caller) {
      if (performance.now() - sweptAt > sweepMilliseconds) {
        sweptAt = performance.now();
        await forgetAttempts(db);
      }
      const waitSeconds = await countAttempt(db, keyOf(caller));
      if (waitSeconds === 0) return;
      throw new Refusal(429, `too many failed logins; try again in ${waitSeconds} seconds`, waitSeconds);
    },
    succeed: (caller) => dropAttempts(db, keyOf(caller)),
  };
}
