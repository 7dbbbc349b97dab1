import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shareHints } from './share-hints.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('workflows/share-hints', () => {
  it('sends the first hint at once and those that follow it as one, after the pause', async () => {
    const sent: string[] = [];
    const hint = shareHints(300, async (key: string) => sent.push(key));
    const first = hint('a');
    const followers = [hint('a'), hint('a')];
    await first;
    await vi.advanceTimersByTimeAsync(299);
    expect(sent).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(followers);
    expect(sent).toEqual(['a', 'a']);
  });

  it('sends a hint after the last call, however long the one before takes', async () => {
    const ends: (() => void)[] = [];
    const hint = shareHints(300, () => new Promise<void>((resolve) => ends.push(resolve)));
    void hint('a');
    await vi.advanceTimersByTimeAsync(1000);
    const late = hint('a');
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await late;
  });

  it('holds up no other key', async () => {
    const sent: string[] = [];
    const hint = shareHints(300, async (key: string) => sent.push(key));
    await Promise.all([hint('a'), hint('b')]);
    expect(sent).toEqual(['a', 'b']);
  });

  it('tells only the callers of a hint that it failed, and sends the next', async () => {
    let fails = true;
    const hint = shareHints(300, async () => {
      if (fails) throw new Error('unreachable');
    });
    await expect(hint('a')).rejects.toThrow('unreachable');
    fails = false;
    const next = hint('a');
    await vi.advanceTimersByTimeAsync(300);
    await expect(next).resolves.toBeUndefined();
  });

  it('sends at once again when the pause has passed', async () => {
    const sent: string[] = [];
    const hint = shareHints(300, async (key: string) => sent.push(key));
    await hint('a');
    await vi.advanceTimersByTimeAsync(300);
    await hint('a');
    expect(sent).toEqual(['a', 'a']);
  });
});
