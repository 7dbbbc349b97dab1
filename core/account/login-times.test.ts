import { describe, expect, it } from 'vitest';
import { endOfToken, isRenewable, type LoginTimes } from './login-times.ts';

const start = new Date('2026-01-01T00:00:00Z');
const hours = (count: number): Date => new Date(start.getTime() + count * 3_600_000);
const times: LoginTimes = { tokenSeconds: 24 * 3600, limitSeconds: 60 * 3600 };
const login = { id: 'a', startedAt: start, endsAt: hours(60), generation: 0 };

describe('core/account/login-times', () => {
  it.each([
    ['after its own time', 0, times, 24],
    ['with its login at the latest', 40, times, 60],
    ['with its login, also where new logins may last longer', 40, { ...times, limitSeconds: 90 * 3600 }, 60],
    ['where the limit was lowered since', 10, { ...times, limitSeconds: 12 * 3600 }, 12],
    ['at once where its login is over', 70, times, 60],
  ] as const)('a token ends %s', (_, at, set, end) => {
    expect(endOfToken(login, set, hours(at))).toEqual(hours(end));
  });

  it.each([
    ['with hours left', 24, 20, times, false],
    ['with minutes left', 24, 23.95, times, true],
    ['with minutes left of its login', 60, 59.95, times, false],
    [
      'that lasts for minutes anyway and has more than half of them left',
      0.05,
      0.01,
      { ...times, tokenSeconds: 180 },
      false,
    ],
    [
      'that lasts for minutes anyway and has less than half of them left',
      0.05,
      0.04,
      { ...times, tokenSeconds: 180 },
      true,
    ],
  ] as const)('a token %s: renewable %#', (_, expires, at, set, renewable) => {
    expect(isRenewable({ login, expiresAt: hours(expires) }, set, hours(at))).toBe(renewable);
  });
});
