import type { Database } from '../../../db/client.ts';
import { recordAudit } from '../../../db/queries/installation/audit.ts';
import type { Logger } from '../../../platform/logger.ts';

/** A login that failed. The name is told of accounts only: into the field of others people may have typed a password. */
export type FailedLogin = { readonly account: string | undefined; readonly address: string };

const mostPerMinute = 10;
const minuteMilliseconds = 60_000;

/**
 * Tells of failed logins in the log and the audit, of the first ones of a minute one by one, and of the rest by their
 * number with the next one: strangers must not be able to fill either.
 */
export function createFailedLogins(db: Database, log: Logger): (failed: FailedLogin) => Promise<void> {
  let minute = Number.NEGATIVE_INFINITY;
  let told = 0;
  let untold = 0;
  return async ({ account, address }) => {
    const now = performance.now();
    if (now - minute >= minuteMilliseconds) {
      minute = now;
      told = 0;
    }
    if (told >= mostPerMinute) {
      untold += 1;
      return;
    }
    told += 1;
    const more = untold;
    untold = 0;
    log.warn({ account: account ?? null, address, untold: more }, 'login failed');
    await recordAudit(db, {
      actor: account ?? 'unknown account',
      action: 'login.failed',
      object: 'session',
      address,
      decision: 'denied',
      details: { untold: more },
    });
  };
}
