import { describe, expect, it } from 'vitest';
import { gatherNext } from './gather.ts';

describe('activities/git/gather', () => {
  it('runs at once for the first, and once with all that came meanwhile', async () => {
    const gather = gatherNext<string>();
    const runs: { all: readonly string[]; end: (value: string) => void }[] = [];
    const want = (...wanted: string[]) =>
      gather('key', wanted, (all) => new Promise((end) => runs.push({ all, end })));
    const first = want('a');
    const others = [want('b', 'c'), want('c', 'd')];
    expect(runs.map(({ all }) => all)).toEqual([['a']]);
    runs[0]?.end('first');
    expect(await first).toBe('first');
    await expect.poll(() => runs.length).toBe(2);
    expect(runs[1]?.all).toEqual(['b', 'c', 'd']);
    runs[1]?.end('second');
    expect(await Promise.all(others)).toEqual(['second', 'second']);
  });

  it('goes on after a failure, which all see who waited for it', async () => {
    const gather = gatherNext<string>();
    const failing = [gather('key', ['a'], () => Promise.reject(new Error('away')))];
    const late = gather('key', ['b'], (all) => Promise.resolve(all.join()));
    await expect(failing[0]).rejects.toThrow('away');
    expect(await late).toBe('b');
  });
});
