import type { Report } from '../settings/words/problem.ts';
import { readDuration } from '../text/duration.ts';
import { defaultLoginTimes, type LoginTimes } from './login-times.ts';

/** Where each time of logins is set in `argocd-cm`. */
export const loginTimeKeys = {
  tokenSeconds: 'users.session.duration',
  limitSeconds: 'keelson.session.limit',
} as const satisfies Record<keyof LoginTimes, string>;

const shortestSeconds = 60;
const longestSeconds = 365 * 24 * 3600;

/** Reads the times of logins; one that can't be used is left at its default, with a report. */
export function readLoginTimes(
  words: Readonly<Record<string, string>>,
  reportOn: (key: string) => Report,
): LoginTimes {
  const read = (name: keyof LoginTimes): number => {
    const key = loginTimeKeys[name];
    const text = words[key];
    if (text === undefined) return defaultLoginTimes[name];
    const seconds = readDuration(text.trim());
    if (seconds !== undefined && seconds >= shortestSeconds && seconds <= longestSeconds) return seconds;
    reportOn(key)('must be a duration from 1m to 8760h, such as 24h; change it');
    return defaultLoginTimes[name];
  };
  return { tokenSeconds: read('tokenSeconds'), limitSeconds: read('limitSeconds') };
}
