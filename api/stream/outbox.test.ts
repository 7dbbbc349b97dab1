import { describe, expect, test } from 'vitest';
import { createOutbox } from './outbox.ts';

describe('api/outbox', () => {
  test('frames come in order, and a newer frame of a key replaces the one that waits', async () => {
    const outbox = createOutbox();
    outbox.put('a', 'a1');
    outbox.put('b', 'b1');
    outbox.put('a', 'a2');
    expect(await outbox.next(1_000)).toEqual({ frame: 'a2' });
    expect(await outbox.next(1_000)).toEqual({ frame: 'b1' });
  });

  test('a waiting reader is woken by a frame', async () => {
    const outbox = createOutbox();
    const next = outbox.next(5_000);
    outbox.put('a', 'a1');
    expect(await next).toEqual({ frame: 'a1' });
  });

  test('silence is told as idle', async () => {
    expect(await createOutbox().next(5)).toBe('idle');
  });

  test('what waits at the end is still read, and nothing after it', async () => {
    const outbox = createOutbox();
    outbox.put('a', 'a1');
    outbox.end();
    outbox.put('b', 'b1');
    expect(await outbox.next(1_000)).toEqual({ frame: 'a1' });
    expect(await outbox.next(1_000)).toBe('end');
    expect(await outbox.next(1_000)).toBe('end');
  });

  test('the end wakes a waiting reader', async () => {
    const outbox = createOutbox();
    const next = outbox.next(5_000);
    outbox.end();
    expect(await next).toBe('end');
  });

  test('a reader that falls behind too far is let go, and what it is told at the beginning counts for nothing', async () => {
    const outbox = createOutbox(100);
    for (let n = 0; n < 10; n++) outbox.put(`first-${n}`, 'x'.repeat(100));
    expect(await outbox.next(1_000)).toEqual({ frame: 'x'.repeat(100) });
    // The same key again and again is one frame; others are more than may wait.
    for (let n = 0; n < 10; n++) outbox.put('same', 'y'.repeat(100));
    expect(await outbox.next(1_000)).toEqual({ frame: 'x'.repeat(100) });
    for (let n = 0; n < 3; n++) outbox.put(`later-${n}`, 'z'.repeat(100));
    expect(await outbox.next(1_000)).toBe('end');
    outbox.put('after', 'a');
    expect(await outbox.next(1_000)).toBe('end');
  });
});
