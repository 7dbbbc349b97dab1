import { describe, expect, it } from 'vitest';
import { unlessAborted } from './unless-aborted.ts';

describe('core/unless-aborted', () => {
  it('gives the outcome, good or bad', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1);
    expect(await unlessAborted(Promise.resolve(2), undefined)).toBe(2);
    await expect(unlessAborted(Promise.reject(new Error('bad')), signal)).rejects.toThrow('bad');
  });

  it('waits no longer for work without an end once it is stopped, or was before', async () => {
    const stopping = new AbortController();
    const waiting = unlessAborted(new Promise(() => undefined), stopping.signal);
    stopping.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    const failing = Promise.withResolvers<void>();
    await expect(unlessAborted(failing.promise, stopping.signal)).rejects.toThrow('enough');
    // Nobody else listens: its failure must not end the process.
    failing.reject(new Error('late'));
  });
});
