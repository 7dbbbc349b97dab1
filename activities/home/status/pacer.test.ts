import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPacer } from './pacer.ts';

describe('work at a pace', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  const started: string[] = [];
  const begin = (work: (subject: string) => Promise<void> = async () => {}) => {
    started.length = 0;
    const errors: unknown[] = [];
    const pacer = createPacer({
      paceMilliseconds: 1000,
      retryMilliseconds: 5000,
      async work(subject) {
        started.push(subject);
        await work(subject);
      },
      onError: (_, error) => errors.push(error),
    });
    return { ...pacer, errors };
  };

  it('is done at once, and once in its time however often it is asked for', async () => {
    const { schedule } = begin();
    for (let asked = 0; asked < 25; asked++) {
      schedule('a');
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(started).toEqual(['a', 'a', 'a']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(started).toHaveLength(4);
  });

  it("is each subject's own", async () => {
    const { schedule } = begin();
    schedule('a');
    schedule('b');
    await vi.advanceTimersByTimeAsync(0);
    expect(started).toEqual(['a', 'b']);
  });

  it('is done again for what is asked for while it is done', async () => {
    const ends: (() => void)[] = [];
    const { schedule } = begin(() => new Promise<void>((resolve) => void ends.push(resolve)));
    schedule('a');
    await vi.advanceTimersByTimeAsync(0);
    schedule('a');
    await vi.advanceTimersByTimeAsync(5000);
    expect(started).toHaveLength(1);
    ends[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(started).toHaveLength(2);
  });

  it('is tried again later where it fails', async () => {
    let fails = true;
    const { schedule, errors } = begin(async () => {
      if (fails) throw new Error('away');
    });
    schedule('a');
    await vi.advanceTimersByTimeAsync(4000);
    expect([started.length, errors.length]).toEqual([1, 1]);
    fails = false;
    await vi.advanceTimersByTimeAsync(20_000);
    expect([started.length, errors.length]).toEqual([2, 1]);
  });

  it('is not begun any more once it is stopped', async () => {
    const { schedule, stop } = begin();
    schedule('a');
    await stop();
    schedule('b');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(started).toEqual([]);
  });
});
