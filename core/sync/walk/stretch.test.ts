import { describe, expect, it } from 'vitest';
import type { PlanGroup } from '../plan/plan.ts';
import { withStretches } from './stretch.ts';

function group(wave: number, more: Partial<PlanGroup> = {}): PlanGroup {
  return { phase: 'Sync', wave, first: 0, count: 10, settle: false, ...more };
}

function togetherOf(...groups: readonly PlanGroup[]): number[] {
  return withStretches(groups).map(({ together }) => together);
}

function lastOf(...groups: readonly PlanGroup[]): boolean[] {
  return withStretches(groups).map(({ last }) => last);
}

describe('core/sync/stretch', () => {
  it('goes up to the first group that is waited for, and stops before one that needs approval', () => {
    expect(togetherOf(group(0), group(1, { settle: true }), group(2))).toEqual([2, 1, 1]);
    expect(togetherOf(group(0), group(1, { approval: [1] }), group(2))).toEqual([1, 2, 1]);
  });

  it('is the last where no group follows and nothing is waited for', () => {
    expect(lastOf(group(0), group(1))).toEqual([true, true]);
    expect(lastOf(group(0), group(1, { settle: true }))).toEqual([false, false]);
    expect(lastOf(group(0, { settle: true }), group(1))).toEqual([false, true]);
    expect(lastOf(group(0), group(1, { approval: [1] }))).toEqual([false, true]);
  });

  it('is short up to 60 steps, all its groups together', () => {
    const isShort = (count: number) =>
      withStretches([group(0, { count: 30 }), group(1, { count })]).map(({ short }) => short);
    expect(isShort(30)).toEqual([true, true]);
    expect(isShort(31)).toEqual([false, true]);
  });
});
