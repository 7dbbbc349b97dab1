import { describe, expect, it } from 'vitest';
import { createTroubles } from './troubles.ts';

describe('activities/session/troubles', () => {
  it('looks again after growing pauses, up to a minute', () => {
    const troubles = createTroubles();
    const pauses = Array.from({ length: 9 }, () => troubles.failed('a').pause);
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('is worth a line in the log at the first failure, and visible from the third on', () => {
    const troubles = createTroubles();
    const told = Array.from({ length: 4 }, () => troubles.failed('a'));
    expect(told.map(({ isFirst }) => isFirst)).toEqual([true, false, false, false]);
    expect(told.map(({ isLasting }) => isLasting)).toEqual([false, false, true, true]);
  });

  it('counts each application by itself, and anew after it has passed', () => {
    const troubles = createTroubles();
    troubles.failed('a');
    troubles.failed('a');
    expect(troubles.failed('b')).toMatchObject({ pause: 1000, isFirst: true });
    expect(troubles.passed('a')).toBe(true);
    expect(troubles.passed('a')).toBe(false);
    expect(troubles.failed('a')).toMatchObject({ pause: 1000, isFirst: true });
  });
});
