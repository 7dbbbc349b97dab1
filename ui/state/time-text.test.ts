import { describe, expect, test } from 'vitest';
import { agoText, clockText, durationText, spanOf } from './time-text.ts';

describe('ui/state/time-text', () => {
  test.each([
    [-5, '0 ms'],
    [420, '420 ms'],
    [12_900, '12 s'],
    [185_000, '3 min 05 s'],
    [7_800_000, '2 h 10 min'],
    [400_000_000, '4 d'],
  ])('a duration of %i ms reads %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  test.each([
    [7_999, '0:07'],
    [760_000, '12:40'],
    [3_723_000, '1:02:03'],
  ])('a stopwatch at %i ms shows %s', (ms, text) => {
    expect(clockText(ms)).toBe(text);
  });

  test.each([
    [1_000, 'just now'],
    [59_000, 'just now'],
    [300_000, '5 min ago'],
    [10_800_000, '3 h ago'],
    [864_000_000, '10 d ago'],
  ])('%i ms in the past reads %s', (ms, text) => {
    expect(agoText(0, ms)).toBe(text);
  });

  test('a span without an end runs until now, and never backwards', () => {
    expect(spanOf('2026-01-01T00:00:00Z', undefined, Date.parse('2026-01-01T00:00:09Z'))).toBe(9_000);
    expect(spanOf('2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', 0)).toBe(0);
    expect(spanOf(undefined, undefined, 0)).toBeUndefined();
  });
});
