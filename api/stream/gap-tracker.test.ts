import { describe, expect, test } from 'vitest';
import { createGapTracker } from './gap-tracker.ts';

describe('api/gap-tracker', () => {
  test('an empty log starts at 0, a filled one at its newest id', () => {
    expect(createGapTracker([]).newest()).toBe(0);
    const tracker = createGapTracker([7, 8, 10]);
    expect(tracker.newest()).toBe(10);
    expect(tracker.missing(performance.now())).toEqual([9]);
  });

  test('skipped ids are missing until they are seen', () => {
    const tracker = createGapTracker([1]);
    tracker.saw([2, 5], 0);
    expect(tracker.newest()).toBe(5);
    expect(tracker.missing(0)).toEqual([3, 4]);
    tracker.saw([3], 0);
    expect(tracker.newest()).toBe(5);
    expect(tracker.missing(0)).toEqual([4]);
    expect([2, 3, 4, 5, 6].filter((id) => tracker.isNew(id))).toEqual([4, 6]);
  });

  test('an id that stays away for a minute belongs to a rolled back transaction', () => {
    const tracker = createGapTracker([1]);
    tracker.saw([3], 1_000);
    expect(tracker.missing(60_999)).toEqual([2]);
    expect(tracker.missing(61_001)).toEqual([]);
  });

  test('a huge jump does not fill the memory', () => {
    const tracker = createGapTracker([1]);
    tracker.saw([1_000_000], 0);
    expect(tracker.missing(0)).toHaveLength(1_000);
    tracker.saw([1_000_500], 0);
    expect(tracker.missing(0)).toHaveLength(1_000);
    expect(tracker.missing(0).at(-1)).toBe(1_000_499);
  });
});
