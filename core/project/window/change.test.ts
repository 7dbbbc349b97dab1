import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SyncWindow } from '../project.ts';
import { nextChange } from './change.ts';
import { decideSync, openWindows } from './decision.ts';

const time = (text: string): number => Date.parse(text);

const change = (windows: readonly SyncWindow[], at: string, manual = false) => {
  const found = nextChange(openWindows(windows), { at: time(at), manual });
  return { changes: found.changes, at: new Date(found.at).toISOString() };
};

const nights: SyncWindow = { kind: 'deny', schedule: '0 22 * * *', duration: '8h' };
const office: SyncWindow = {
  kind: 'allow',
  schedule: '0 6-22 * * 1-5',
  duration: '16h',
  timeZone: 'Asia/Tokyo',
};

describe('core/project/window/change', () => {
  it.each<[string, readonly SyncWindow[], string, string]>([
    ['a deny ends', [nights], '2026-01-01T23:00:00Z', '2026-01-02T06:00:00.000Z'],
    [
      'a deny begins, a millisecond after its start',
      [nights],
      '2026-01-01T12:00:00Z',
      '2026-01-01T22:00:00.001Z',
    ],
    ['a deny begins when asked at its start', [nights], '2026-01-01T22:00:00Z', '2026-01-01T22:00:00.001Z'],
    [
      'starts follow each other within its length',
      [office],
      '2026-11-29T22:00:00Z',
      '2026-12-05T05:00:00.000Z',
    ],
    ['it opens after the weekend', [office], '2026-12-05T06:00:00Z', '2026-12-06T21:00:00.001Z'],
    [
      'two denies follow each other',
      [nights, { ...nights, schedule: '0 6 * * *', duration: '2h' }],
      '2026-01-01T23:00:00Z',
      '2026-01-02T06:00:00.000Z',
    ],
    [
      'two denies overlap',
      [nights, { ...nights, schedule: '0 5 * * *', duration: '3h' }],
      '2026-01-01T23:00:00Z',
      '2026-01-02T08:00:00.000Z',
    ],
    [
      'a leap day is years ahead',
      [{ ...nights, schedule: '0 22 29 2 *' }],
      '2027-06-01T00:00:00Z',
      '2028-02-29T22:00:00.001Z',
    ],
  ])('finds when %s', (_, windows, at, expected) => {
    expect(change(windows, at)).toEqual({ changes: true, at: expected });
  });

  it('follows the offset that the zone has by then', () => {
    const window = { ...nights, schedule: '0 23 28 3 *', duration: '6h', timeZone: 'Europe/Berlin' };
    expect(change([window], '2026-03-28T22:30:00Z').at).toBe('2026-03-29T03:00:00.000Z');
    expect(change([{ ...nights, timeZone: 'Europe/Berlin' }], '2026-03-29T12:00:00Z').at).toBe(
      '2026-03-29T20:00:00.001Z',
    );
  });

  it('finds that a window over skipped time ends with the change of the clocks', () => {
    // From 01:00 for 90 minutes; the clocks go from 02:00 to 03:00.
    const window = { ...nights, schedule: '0 1 * * *', duration: '90m', timeZone: 'Europe/Berlin' };
    expect(change([window], '2026-03-29T00:30:00Z').at).toBe('2026-03-29T01:00:00.000Z');
  });

  it('says when to ask again where nothing changes', () => {
    expect(change([], '2026-01-01T00:00:00Z')).toEqual({ changes: false, at: '2027-01-02T00:00:00.000Z' });
    const always: SyncWindow = { kind: 'deny', schedule: '0 0 * * *', duration: '48h' };
    const never: SyncWindow = { kind: 'deny', schedule: '* * * * *', duration: '0s' };
    expect(change([never], '2026-01-01T00:00:00Z').changes).toBe(false);
    const found = change([always], '2026-01-01T00:00:00Z');
    expect(found.changes).toBe(false);
    expect(time(found.at)).toBeGreaterThanOrEqual(time('2026-12-31T00:00:00Z'));
    expect(change([{ kind: 'deny', schedule: 'x', duration: '1h' }], '2026-01-01T00:00:00Z').changes).toBe(
      false,
    );
  });

  it('gives up after so many edges', () => {
    const busy: SyncWindow = {
      kind: 'deny',
      schedule: '* * * * *',
      duration: '30s',
      timeZone: 'Europe/Berlin',
    };
    const all: SyncWindow = { ...busy, duration: '2h' };
    const found = change([busy, busy, busy, all], '2026-01-01T00:00:30Z');
    expect(found.changes).toBe(false);
    expect(time(found.at)).toBeGreaterThan(time('2026-01-01T01:00:00Z'));
    expect(time(found.at)).toBeLessThan(time('2026-01-02T00:00:00Z'));
  });

  const part = fc.constantFrom('*', '0', '30', '*/20', '10-50/15');
  const generated: fc.Arbitrary<SyncWindow> = fc.record({
    kind: fc.constantFrom('allow', 'deny'),
    schedule: fc
      .tuple(part, fc.constantFrom('*', '3', '*/6', '8-17'))
      .map(([minute, hour]) => `${minute} ${hour} * * *`),
    duration: fc.constantFrom('5m', '17m', '1h', '3h', '26h'),
    timeZone: fc.constantFrom('', 'Asia/Tokyo', 'Europe/Berlin', 'Asia/Kolkata'),
    manualSync: fc.boolean(),
  });

  it('agrees with asking minute by minute, a millisecond after each', () => {
    const minute = 60_000;
    fc.assert(
      fc.property(
        fc.array(generated, { minLength: 1, maxLength: 3 }),
        fc.integer({
          min: time('2026-03-27T00:00:00Z') / minute,
          max: time('2026-03-30T00:00:00Z') / minute,
        }),
        fc.boolean(),
        (list, minutes, manual) => {
          const windows = openWindows(list);
          const at = minutes * minute;
          const { allowed } = decideSync(windows, { at, manual });
          const found = nextChange(windows, { at, manual });
          // Starts are seen a millisecond later, ends at once; nothing else happens within a minute.
          for (let slow = at + 1; slow <= at + 360 * minute; slow += slow % minute === 0 ? 1 : minute - 1) {
            if (decideSync(windows, { at: slow, manual }).allowed === allowed) continue;
            expect(found).toMatchObject({ changes: true, at: slow });
            return;
          }
          expect(found.at).toBeGreaterThan(at + 360 * minute);
        },
      ),
      { numRuns: 25, seed: 7 },
    );
  });
});
