import { describe, expect, it } from 'vitest';
import { nextStart, readCron } from './cron.ts';

const next = (schedule: string, after: string): string | undefined => {
  const read = readCron(schedule);
  if (read.fault !== undefined) throw new Error(read.fault);
  const start = nextStart(read.cron, Date.parse(after));
  return start === undefined ? undefined : new Date(start).toISOString().slice(0, 16);
};

describe('core/project/window/cron', () => {
  it.each([
    // The next start is always later than what is asked about, also at a start itself.
    ['* * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:01'],
    ['* * * * *', '2026-01-01T00:00:59.999Z', '2026-01-01T00:01'],
    ['0 6-22 * * 1-5', '2026-11-27T22:30:00Z', '2026-11-30T06:00'],
    ['0 6-22 * * 1-5', '2026-11-30T05:59:59.999Z', '2026-11-30T06:00'],
    ['0 6-22 * * 1-5', '2026-11-30T06:00:00Z', '2026-11-30T07:00'],
    ['*/15 * * * *', '2026-01-01T00:14:00Z', '2026-01-01T00:15'],
    ['*/15 * * * *', '2026-01-01T00:45:00Z', '2026-01-01T01:00'],
    // A number with a step goes on to the end of the field.
    ['5/20 * * * *', '2026-01-01T00:26:00Z', '2026-01-01T00:45'],
    ['5/20 * * * *', '2026-01-01T00:45:00Z', '2026-01-01T01:05'],
    ['10-20/5 3 * * *', '2026-01-01T03:15:00Z', '2026-01-01T03:20'],
    ['0,30 12 * * *', '2026-01-01T12:00:00Z', '2026-01-01T12:30'],
    ['0 0 1 JAN,jul ?', '2026-01-01T00:00:00Z', '2026-07-01T00:00'],
    ['0 0 * * MON-fri', '2026-11-27T01:00:00Z', '2026-11-30T00:00'],
    ['0 0 * * sun', '2026-11-30T00:00:00Z', '2026-12-06T00:00'],
    // The days of month and week together where one is a star, either of them else.
    ['0 0 13 * *', '2026-11-14T00:00:00Z', '2026-12-13T00:00'],
    ['0 0 13 * 5', '2026-11-14T00:00:00Z', '2026-11-20T00:00'],
    ['0 0 */2 * 1', '2026-11-02T00:00:00Z', '2026-11-03T00:00'],
    ['0 0 */1 * 1', '2026-11-02T00:00:00Z', '2026-11-09T00:00'],
    ['0 0 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T00:00'],
    ['0 0 31 * *', '2026-02-01T00:00:00Z', '2026-03-31T00:00'],
    ['59 23 31 12 *', '2026-12-31T23:59:00Z', '2027-12-31T23:59'],
    ['  0   0\t1 1 * ', '2026-01-01T00:00:00Z', '2027-01-01T00:00'],
    // The rest of a range that begins with a star counts for nothing.
    ['*-5 0 * * *', '2026-01-01T00:30:00Z', '2026-01-01T00:31'],
    ['1,,2 0 * * *', '2026-01-01T00:01:00Z', '2026-01-01T00:02'],
    ['+5 007 * * *', '2026-01-01T00:00:00Z', '2026-01-01T07:05'],
    ['@yearly', '2026-01-01T00:00:00Z', '2027-01-01T00:00'],
    ['@annually', '2026-02-01T00:00:00Z', '2027-01-01T00:00'],
    ['@monthly', '2026-01-15T00:00:00Z', '2026-02-01T00:00'],
    ['@weekly', '2026-11-30T00:00:00Z', '2026-12-06T00:00'],
    ['@daily', '2026-01-01T00:00:00Z', '2026-01-02T00:00'],
    ['@midnight', '2026-01-01T23:59:00Z', '2026-01-02T00:00'],
    ['@hourly', '2026-01-01T22:30:00Z', '2026-01-01T23:00'],
  ])('%s after %s comes at %s', (schedule, after, start) => {
    expect(next(schedule, after)).toBe(start);
  });

  it.each([
    ['', 'it has 0 fields, not 5'],
    ['* * * *', 'it has 4 fields, not 5'],
    ['0 * * * * *', 'it has 6 fields, not 5'],
    ['60 * * * *', 'minute "60" is out of range'],
    ['* 24 * * *', 'hour "24" is out of range'],
    ['* * 0 * *', 'day of the month "0" is out of range'],
    ['* * * 13 *', 'month "13" is out of range'],
    ['* * * * 7', 'day of the week "7" is out of range'],
    ['10-5 * * * *', 'minute "10-5" ends before it begins'],
    ['* * * * fri-mon', 'day of the week "fri-mon" ends before it begins'],
    ['1-2-3 * * * *', 'minute "1-2-3" has several hyphens'],
    ['*/5/5 * * * *', 'minute "*/5/5" has several steps'],
    ['*/0 * * * *', 'minute "*/0" has no number above 0'],
    ['*/x * * * *', 'minute "*/x" has no number above 0'],
    ['-5 * * * *', 'minute "-5" is neither a number nor a name'],
    ['* * * foo *', 'month "foo" is neither a number nor a name'],
    [', * * * *', 'minute "," names none'],
    ['@every 1h', '@every is not known'],
    ['@reboot', '@reboot is not known'],
    ['TZ=UTC * * * * *', 'set timeZone'],
    ['CRON_TZ=Asia/Tokyo * * * * *', 'set timeZone'],
    ['0 0 30 2 *', 'no day fits it'],
    ['0 0 31 4,6,9,11 *', 'no day fits it'],
    [`${'1,'.repeat(600)}1 * * * *`, 'longer than 1024 characters'],
  ])('refuses %s: %s', (schedule, why) => {
    expect(readCron(schedule).fault).toContain(why);
  });

  it('takes a day of the week where the month has none of its days', () => {
    expect(next('0 0 30 2 1', '2026-02-02T00:00:00Z')).toBe('2026-02-09T00:00');
  });
});
