import { describe, expect, it } from 'vitest';
import { riseOf } from './steady.ts';

const every = (values: readonly number[]) => values.map((value, n) => ({ seconds: n * 10, value }));

describe('bench/steady', () => {
  it('tells the rise of a line over its window', () => {
    expect(riseOf(every([100, 101, 102, 103, 104])).rise).toBeCloseTo(4 / 102);
    expect(riseOf(every([104, 103, 102, 101, 100])).rise).toBeCloseTo(-4 / 102);
  });

  it('calls a saw level, wherever it is cut, and nothing at all too', () => {
    const saw = Array.from({ length: 61 }, (_, n) => 100 + (n % 6));
    expect(Math.abs(riseOf(every(saw)).rise)).toBeLessThan(0.01);
    expect(riseOf(every([0, 0, 0])).rise).toBe(0);
    expect(riseOf(every([5])).rise).toBe(0);
  });

  it('doubts the rise of what swings, and not that of a line', () => {
    expect(riseOf(every([100, 101, 102, 103, 104])).doubt).toBeCloseTo(0);
    const { rise, doubt } = riseOf(every([4, 5, 3, 4, 6, 4, 3, 5, 4, 5]));
    expect(Math.abs(rise)).toBeLessThan(doubt);
  });
});
