import { describe, expect, it } from 'vitest';
import type { Database } from './client.ts';
import { loadTogether } from './load-together.ts';

const db = {} as Database;

/** A read whose runs end when the test says so. */
function heldReads() {
  const runs: { ids: readonly string[]; end: (error?: Error) => void }[] = [];
  const load = loadTogether<string>((_, ids) => {
    const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<string, string>>();
    const rows = new Map(ids.filter((id) => id !== 'gone').map((id) => [id, `row ${id}`]));
    runs.push({ ids, end: (error) => (error === undefined ? resolve(rows) : reject(error)) });
    return promise;
  });
  return { runs, load };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('db/load-together', () => {
  it('reads a single row at once', async () => {
    const { runs, load } = heldReads();
    const row = load(db, 'a');
    await settled();
    runs[0]?.end();
    expect(await row).toBe('row a');
  });

  it('reads in one run what is asked for while another is under way', async () => {
    const { runs, load } = heldReads();
    const first = load(db, 'a');
    await settled();
    const others = [load(db, 'a'), load(db, 'b'), load(db, 'gone'), load(db, 'b')];
    await settled();
    expect(runs.map(({ ids }) => ids)).toEqual([['a']]);
    runs[0]?.end();
    await first;
    await settled();
    expect(runs.map(({ ids }) => ids)).toEqual([['a'], ['a', 'b', 'gone']]);
    runs[1]?.end();
    expect(await Promise.all(others)).toEqual(['row a', 'row b', undefined, 'row b']);
  });

  it('tells that a row can not be read, and goes on', async () => {
    const { runs, load } = heldReads();
    const first = load(db, 'a');
    await settled();
    const second = load(db, 'b');
    runs[0]?.end(new Error('connection lost'));
    await expect(first).rejects.toThrow('connection lost');
    await settled();
    runs[1]?.end();
    expect(await second).toBe('row b');
  });

  it('reads each row by itself where a shared run fails', async () => {
    const load = loadTogether<string>(async (_, ids) => {
      await settled();
      if (ids.includes('bad')) throw new Error('invalid id');
      return new Map(ids.map((id) => [id, `row ${id}`]));
    });
    const rows = ['a', 'b', 'bad', 'c'].map((id) => load(db, id));
    expect(await Promise.allSettled(rows)).toEqual([
      { status: 'fulfilled', value: 'row a' },
      { status: 'fulfilled', value: 'row b' },
      { status: 'rejected', reason: new Error('invalid id') },
      { status: 'fulfilled', value: 'row c' },
    ]);
  });

  it('reads from another database, or in a transaction, by itself', async () => {
    const { runs, load } = heldReads();
    const rows = [load(db, 'a'), load({} as Database, 'a')];
    await settled();
    expect(runs).toHaveLength(2);
    for (const run of runs) run.end();
    expect(await Promise.all(rows)).toEqual(['row a', 'row a']);
  });
});
