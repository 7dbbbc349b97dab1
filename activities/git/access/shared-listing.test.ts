import { describe, expect, it } from 'vitest';
import { shareNext } from './shared-listing.ts';

/** Reads that end when the test says so, in the order in which they were started. */
function manualReads() {
  const started: { key: string; end: (value: string) => void; fail: (error: Error) => void }[] = [];
  const read = (key: string): Promise<string> =>
    new Promise((end, fail) => {
      started.push({ key, end, fail });
    });
  const share = shareNext<string>();
  return { started, shared: (key: string) => share(key, () => read(key)) };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('activities/git/shared-listing', () => {
  it('reads at once when nothing runs', async () => {
    const { started, shared } = manualReads();
    const asked = shared('a');
    expect(started).toHaveLength(1);
    started[0]?.end('first');
    expect(await asked).toBe('first');
  });

  it('gives callers that come while a read runs the next one, together', async () => {
    const { started, shared } = manualReads();
    const first = shared('a');
    const late = [shared('a'), shared('a'), shared('a')];
    expect(started).toHaveLength(1);
    started[0]?.end('old');
    expect(await first).toBe('old');
    await settle();
    expect(started).toHaveLength(2);
    started[1]?.end('new');
    expect(await Promise.all(late)).toEqual(['new', 'new', 'new']);
  });

  it('keeps keys apart', () => {
    const { started, shared } = manualReads();
    void shared('a');
    void shared('b');
    expect(started.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('reads for the callers behind a failed read all the same', async () => {
    const { started, shared } = manualReads();
    const first = shared('a');
    const late = shared('a');
    started[0]?.fail(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await settle();
    started[1]?.end('found');
    expect(await late).toBe('found');
  });

  it('stops the read when the last caller is stopped, and not before', async () => {
    const share = shareNext<string>();
    let stopped: AbortSignal | undefined;
    const read = (signal: AbortSignal): Promise<string> => {
      stopped = signal;
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('read was stopped')));
      });
    };
    const blocking = manualReads();
    void share('a', () => blocking.shared('a'));
    const callers = [new AbortController(), new AbortController()];
    const [first, second] = callers.map(({ signal }) => share('a', read, signal));
    blocking.started[0]?.end('done');
    await settle();
    callers[0]?.abort(new Error('first is stopped'));
    await expect(first).rejects.toThrow('first is stopped');
    expect(stopped?.aborted).toBe(false);
    callers[1]?.abort();
    await expect(second).rejects.toThrow('read was stopped');
  });
});
