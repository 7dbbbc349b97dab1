import { describe, expect, it } from 'vitest';
import { shareWork } from './share-work.ts';

const verdict = new Error('verdict');
const isVerdict = (error: unknown): boolean => error === verdict;

/** Counted work whose end the test decides. */
function work() {
  const ends: PromiseWithResolvers<string>[] = [];
  const run = (): Promise<string> => {
    const end = Promise.withResolvers<string>();
    ends.push(end);
    return end.promise;
  };
  return { ends, run };
}

describe('activities/desired/share-work', () => {
  it('does once what is wanted at once, and again afterwards', async () => {
    const share = shareWork<string>(isVerdict);
    const { signal } = new AbortController();
    const { ends, run } = work();
    const all = [share('a', signal, run), share('a', signal, run), share('b', signal, run)];
    for (const end of ends) end.resolve('done');
    expect(await Promise.all(all)).toEqual(['done', 'done', 'done']);
    expect(ends).toHaveLength(2);
    const later = share('a', signal, run);
    ends[2]?.resolve('again');
    expect(await later).toBe('again');
  });

  it('tells a verdict to all, and tries again where it is none', async () => {
    const share = shareWork<string>(isVerdict);
    const { signal } = new AbortController();
    const { ends, run } = work();
    const judged = [share('a', signal, run), share('a', signal, run)];
    ends[0]?.reject(verdict);
    expect(await Promise.allSettled(judged)).toMatchObject([{ reason: verdict }, { reason: verdict }]);
    const [first, second] = [share('a', signal, run), share('a', signal, run)];
    ends[1]?.reject(new Error('gave up'));
    await expect(first).rejects.toThrow('gave up');
    await expect.poll(() => ends.length).toBe(3);
    ends[2]?.resolve('done');
    expect(await second).toBe('done');
  });

  it('joins nothing that has been stopped, however long it goes on', async () => {
    const share = shareWork<string>(isVerdict);
    const [dead, alive] = [new AbortController(), new AbortController()];
    const { ends, run } = work();
    const left = share('a', dead.signal, run);
    dead.abort(new Error('lost its heartbeats'));
    const retried = share('a', alive.signal, run);
    const joined = share('a', alive.signal, run);
    expect(ends).toHaveLength(2);
    // The end of the first takes nothing from those that share the second.
    ends[0]?.resolve('late');
    expect(await left).toBe('late');
    const more = share('a', alive.signal, run);
    ends[1]?.resolve('done');
    expect(await Promise.all([retried, joined, more])).toEqual(['done', 'done', 'done']);
    expect(ends).toHaveLength(2);
  });

  it('waits no longer for somebody else once it is stopped', async () => {
    const share = shareWork<string>(isVerdict);
    const stopping = new AbortController();
    const { run } = work();
    void share('a', new AbortController().signal, run);
    const waiting = share('a', stopping.signal, run);
    stopping.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
