import { describe, expect, it } from 'vitest';
import type { SyncWindow } from '../project.ts';
import { isActive, matchingWindows, readWindow } from './window.ts';

const target = {
  name: 'web',
  namespace: 'shop',
  server: 'https://prod.example.com',
  cluster: 'prod',
};

const matches = (window: SyncWindow): boolean => matchingWindows([window], target).length === 1;

describe('which windows are an application’s', () => {
  it.each<[boolean, string, SyncWindow]>([
    [true, 'its name', { applications: ['web'] }],
    [true, 'a glob of its name', { applications: ['api', 'w*'] }],
    [false, 'another name', { applications: ['api'] }],
    [true, 'its namespace', { namespaces: ['shop'] }],
    [false, 'another namespace', { namespaces: ['shop-*'] }],
    [true, 'its cluster by name', { clusters: ['prod'] }],
    [true, 'its cluster by server', { clusters: ['https://*.example.com'] }],
    [false, 'another cluster', { clusters: ['test'] }],
    [false, 'nothing', {}],
    [false, 'empty lists', { applications: [], namespaces: [], clusters: [] }],
    [true, 'one of several lists', { applications: ['api'], namespaces: ['shop'] }],
    [
      false,
      'one of several lists that all have to',
      { applications: ['api'], namespaces: ['shop'], andOperator: true },
    ],
    [true, 'all of several lists', { applications: ['web'], namespaces: ['shop'], andOperator: true }],
    [true, 'all lists that are set', { clusters: ['prod'], applications: [], andOperator: true }],
    [false, 'no list with the operator', { andOperator: true }],
    [false, 'a name with an exclamation mark, which denies nothing here', { applications: ['!api'] }],
    [false, 'a glob that cannot be read', { applications: ['[z-a]'] }],
  ])('%s: by %s', (expected, _, window) => {
    expect(matches(window)).toBe(expected);
  });

  it('does not take an unnamed cluster for one that a glob names', () => {
    const unnamed = { ...target, cluster: '' };
    expect(matchingWindows([{ clusters: ['?*'] }, { clusters: [''] }], unnamed)).toEqual([
      { clusters: ['?*'] },
    ]);
  });

  it('names a window that fits in two lists once', () => {
    expect(matchingWindows([{ applications: ['web'], clusters: ['prod'] }], target)).toHaveLength(1);
  });
});

const activeAt = (window: SyncWindow, at: string): boolean => {
  const read = readWindow({ kind: 'allow', ...window });
  if (read.fault !== undefined) throw new Error(read.fault.message);
  return isActive(read.opened, Date.parse(at));
};

describe('when a window is active', () => {
  it.each<[boolean, string, string, string]>([
    // Neither at the very start nor at the very end.
    [false, '0 8 * * *', '1h', '2026-01-01T08:00:00.000Z'],
    [true, '0 8 * * *', '1h', '2026-01-01T08:00:00.001Z'],
    [true, '0 8 * * *', '1h', '2026-01-01T08:59:59.999Z'],
    [false, '0 8 * * *', '1h', '2026-01-01T09:00:00.000Z'],
    [true, '0 22 * * *', '8h', '2026-01-02T03:00:00Z'],
    [true, '0 22 * * *', '8h30m', '2026-01-02T06:29:59Z'],
    // Longer than what lies between two starts: always.
    [true, '0 0 * * *', '48h', '2026-01-02T00:00:00Z'],
    [true, '0 6-22 * * 1-5', '16h', '2026-11-28T13:00:00Z'],
    [false, '0 6-22 * * 1-5', '16h', '2026-11-28T14:00:00Z'],
    [false, '0 8 * * *', '0s', '2026-01-01T08:00:00.001Z'],
    [false, '0 8 * * *', '-1h', '2026-01-01T08:00:00.001Z'],
    [false, '* * * * *', '1ms', '2026-01-01T08:00:00.001Z'],
  ])('%s for %s %s at %s', (expected, schedule, duration, at) => {
    expect(activeAt({ schedule, duration }, at)).toBe(expected);
  });

  it.each<[boolean, string, string]>([
    [false, 'Asia/Tokyo', '2026-01-01T08:30:00Z'],
    [true, 'Asia/Tokyo', '2025-12-31T23:30:00Z'],
    [true, 'Mars/Olympus', '2026-01-01T08:30:00Z'],
    [true, 'America/New_York', '2026-07-01T12:30:00Z'],
    [true, 'America/New_York', '2026-01-01T13:30:00Z'],
  ])('%s in %s at %s', (expected, timeZone, at) => {
    expect(activeAt({ schedule: '0 8 * * *', duration: '1h', timeZone }, at)).toBe(expected);
  });

  it('reckons with the offset of the instant itself, so that a change of the clocks moves its end', () => {
    // From 23:00 for 6 hours; at 02:00 the clocks go to 03:00. What began at 22:00 UTC would end at 04:00 UTC.
    const window = { schedule: '0 23 28 3 *', duration: '6h', timeZone: 'Europe/Berlin' };
    expect(activeAt(window, '2026-03-28T22:00:00.001Z')).toBe(true);
    expect(activeAt(window, '2026-03-29T02:59:59Z')).toBe(true);
    expect(activeAt(window, '2026-03-29T03:00:00Z')).toBe(false);
  });

  it.each<[string, SyncWindow, string]>([
    ['kind', { kind: 'Allow', schedule: '* * * * *', duration: '1h' }, 'is "Allow"'],
    ['kind', { schedule: '* * * * *', duration: '1h' }, 'is ""'],
    ['schedule', { kind: 'deny', schedule: '* * *', duration: '1h' }, '3 fields'],
    ['schedule', { kind: 'deny', duration: '1h' }, '0 fields'],
    ['duration', { kind: 'deny', schedule: '* * * * *', duration: '1d' }, '"1d" is not a duration'],
    ['duration', { kind: 'deny', schedule: '* * * * *', duration: '30' }, '"30" is not a duration'],
    ['duration', { kind: 'deny', schedule: '* * * * *' }, '"" is not a duration'],
  ])('says what of %s cannot be read in %j', (field, window, words) => {
    const { fault } = readWindow(window);
    expect(fault?.field).toBe(field);
    expect(fault?.message).toContain(words);
  });
});
