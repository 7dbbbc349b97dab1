import { describe, expect, it } from 'vitest';
import { shareNext } from './share-next.ts';

/** Looks that end when they are told to; each takes what stands when it began. */
function looksAt(stored: { value: string }) {
  const taken: string[] = [];
  const open: { end: () => void; fail: (error: Error) => void }[] = [];
  const { look } = shareNext(async () => {
    const { value } = stored;
    await new Promise<void>((end, fail) => open.push({ end, fail }));
    taken.push(value);
  });
  return { look, open, taken };
}

/** Lets everything go on that waits for nothing from outside. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('core/waiting/share-next', () => {
  it('never lets a look that began early replace what a later one has taken', async () => {
    const stored = { value: 'old' };
    const { look, open, taken } = looksAt(stored);
    const first = look();
    await settle();
    stored.value = 'new';
    const second = look();
    await settle();
    expect(open).toHaveLength(1);
    open[0]?.end();
    await first;
    await settle();
    open[1]?.end();
    await second;
    expect(taken).toEqual(['old', 'new']);
  });

  it('begins the look of those who asked meanwhile after they asked, once for all of them', async () => {
    const { look, open, taken } = looksAt({ value: 'it' });
    const first = look();
    await settle();
    const others = [look(), look(), look()];
    open[0]?.end();
    await first;
    await settle();
    expect(open).toHaveLength(2);
    open[1]?.end();
    await Promise.all(others);
    expect(taken).toHaveLength(2);
  });

  it('tells a failure to those who asked for that look, and goes on with the next', async () => {
    const { look, open, taken } = looksAt({ value: 'it' });
    const first = look();
    await settle();
    const second = look();
    open[0]?.fail(new Error('unreadable'));
    await expect(first).rejects.toThrow('unreadable');
    await settle();
    open[1]?.end();
    await second;
    expect(taken).toEqual(['it']);
  });
});
