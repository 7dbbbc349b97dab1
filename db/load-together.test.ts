import { describe, expect, it } from 'vitest';
import { connectDatabase, type Database } from './client.ts';
import { loadTogether, openLine } from './load-together.ts';

/** A read whose runs end when the test says so. */
function heldReads() {
  const runs: { ids: readonly string[]; end: (error?: Error) => void }[] = [];
  const load = openLine<string>((ids) => {
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
    const row = load('a');
    await settled();
    runs[0]?.end();
    expect(await row).toBe('row a');
  });

  it('reads in one run what is asked for while another is under way', async () => {
    const { runs, load } = heldReads();
    const first = load('a');
    await settled();
    const others = [load('a'), load('b'), load('gone'), load('b')];
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
    const first = load('a');
    await settled();
    const second = load('b');
    runs[0]?.end(new Error('connection lost'));
    await expect(first).rejects.toThrow('connection lost');
    await settled();
    runs[1]?.end();
    expect(await second).toBe('row b');
  });

  it('reads each row by itself where a shared run fails', async () => {
    const load = openLine<string>(async (ids) => {
      await settled();
      if (ids.includes('bad')) throw new Error('invalid id');
      return new Map(ids.map((id) => [id, `row ${id}`]));
    });
    const rows = ['a', 'b', 'bad', 'c'].map((id) => load(id));
    expect(await Promise.allSettled(rows)).toEqual([
      { status: 'fulfilled', value: 'row a' },
      { status: 'fulfilled', value: 'row b' },
      { status: 'rejected', reason: new Error('invalid id') },
      { status: 'fulfilled', value: 'row c' },
    ]);
  });

  it('reads from another database by itself', async () => {
    // Nobody connects: what is read here needs no database.
    const [one, other] = ['one', 'other'].map(
      (name) => connectDatabase(`postgresql://127.0.0.1:1/${name}`, { onError: () => {} }).db,
    ) as [Database, Database];
    const runs: Database[] = [];
    const load = loadTogether<string>(async (db, ids) => {
      runs.push(db);
      await settled();
      return new Map(ids.map((id) => [id, `row ${id}`]));
    });
    expect(await Promise.all([load(one, 'a'), load(one, 'b'), load(other, 'a')])).toEqual([
      'row a',
      'row b',
      'row a',
    ]);
    expect(runs).toEqual([one, other, one]);
  });
});
