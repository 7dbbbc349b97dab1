import { describe, expect, it } from 'vitest';
import { riseOf } from './steady.ts';

const every = (values: readonly number[]) => values.map((value, n) => ({ seconds: n * 10, value }));

describe('bench/steady', () => {
  it('tells the rise of a line over its window', () => {
    expect(riseOf(every([100, 101, 102, 103, 104]))).toBeCloseTo(4 / 102);
    expect(riseOf(every([104, 103, 102, 101, 100]))).toBeCloseTo(-4 / 102);
  });

  it('calls a saw level, wherever it is cut, and nothing at all too', () => {
    const saw = Array.from({ length: 61 }, (_, n) => 100 + (n % 6));
    expect(Math.abs(riseOf(every(saw)))).toBeLessThan(0.01);
    expect(riseOf(every([0, 0, 0]))).toBe(0);
    expect(riseOf(every([5]))).toBe(0);
  });
});
