import { describe, expect, it } from 'vitest';
import { isTimeZone, zoneOffset, zoneSpan } from './time-zone.ts';

const hour = 3_600_000;
const day = 24 * hour;

describe('core/project/window/time-zone', () => {
  it.each([
    ['Asia/Tokyo', '2026-07-01T00:00:00Z', 9],
    ['Asia/Kolkata', '2026-07-01T00:00:00Z', 5.5],
    ['America/New_York', '2026-01-01T00:00:00Z', -5],
    ['America/New_York', '2026-07-01T00:00:00Z', -4],
    ['America/St_Johns', '2026-01-01T00:00:00Z', -3.5],
    ['Europe/Berlin', '2026-03-29T00:59:59.999Z', 1],
    ['Europe/Berlin', '2026-03-29T01:00:00Z', 2],
    ['Etc/GMT+5', '2026-01-01T00:00:00Z', -5],
    ['UTC', '2026-01-01T00:00:00Z', 0],
    ['', '2026-01-01T00:00:00Z', 0],
    ['Local', '2026-01-01T00:00:00Z', 0],
    ['Mars/Olympus', '2026-01-01T00:00:00Z', 0],
    ['+09:00', '2026-01-01T00:00:00Z', 0],
  ])('%s at %s is %d hours ahead', (zone, at, hours) => {
    expect(zoneOffset(zone, Date.parse(at))).toBe(hours * hour);
  });

  it('tells zones from what is none', () => {
    expect(['Asia/Tokyo', 'UTC', '', 'Local'].map(isTimeZone)).toEqual([true, true, true, true]);
    expect(['Asia/Tokio', '+09:00', '../etc', 'x'.repeat(5000)].map(isTimeZone)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('finds the instant at which clocks change', () => {
    const from = Date.parse('2026-03-20T12:34:56.789Z');
    expect(zoneSpan('Europe/Berlin', from, 35 * day)).toEqual({
      offset: hour,
      until: Date.parse('2026-03-29T01:00:00Z'),
    });
    expect(zoneSpan('Europe/Berlin', Date.parse('2026-03-29T00:59:59.999Z'), day).until).toBe(
      Date.parse('2026-03-29T01:00:00Z'),
    );
  });

  it('looks no further than it is told', () => {
    expect(zoneSpan('Europe/Berlin', 0, day)).toEqual({ offset: hour, until: day });
    expect(zoneSpan('Mars/Olympus', 5, day)).toEqual({ offset: 0, until: day + 5 });
  });
});
