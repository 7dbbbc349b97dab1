import { describe, expect, it } from 'vitest';
import { createByteCache } from './byte-cache.ts';

const kilobyte = 1024;

describe('core/byte-cache', () => {
  it('keeps what fits, and drops what was used least lately', () => {
    const cache = createByteCache<string>(3 * (kilobyte + 200));
    for (const key of ['a', 'b', 'c']) cache.set(key, key, kilobyte);
    expect(cache.get('a')).toBe('a');
    cache.set('d', 'd', kilobyte);
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual(['a', undefined, 'c', 'd']);
  });

  it('counts bytes and not entries: one large value takes the place of many small ones', () => {
    const cache = createByteCache<number>(100 * kilobyte);
    for (let n = 0; n < 100; n++) cache.set(`small-${n}`, n, 200);
    cache.set('large', -1, 90 * kilobyte);
    const left = Array.from({ length: 100 }, (_, n) => cache.get(`small-${n}`)).filter(
      (n) => n !== undefined,
    );
    expect(cache.get('large')).toBe(-1);
    expect(left.length).toBeGreaterThan(10);
    expect(left.length).toBeLessThan(30);
    expect(left[0]).toBe(100 - left.length);
  });

  it('does not empty itself for a value that can never fit, and forgets its former value', () => {
    const cache = createByteCache<string>(kilobyte);
    cache.set('other', 'kept', 1);
    cache.set('key', 'old', 1);
    cache.set('key', 'new', 2 * kilobyte);
    expect([cache.get('other'), cache.get('key')]).toEqual(['kept', undefined]);
  });

  it('counts a value once however often it is set, and nothing after it is gone', () => {
    const cache = createByteCache<string>(2 * kilobyte);
    cache.set('first', 'first', kilobyte / 2);
    for (let n = 0; n < 100; n++) cache.set('again', 'again', kilobyte / 2);
    expect(cache.get('first')).toBe('first');
    for (let n = 0; n < 100; n++) {
      cache.set('gone', 'gone', kilobyte / 2);
      cache.delete('gone');
    }
    cache.delete('never there');
    expect(cache.get('first')).toBe('first');
    cache.clear();
    cache.set('large', 'large', 2 * kilobyte - 200);
    expect(cache.get('large')).toBe('large');
  });

  it('forgets what nobody used for a while although there is room, and keeps what is in use', () => {
    let time = 0;
    const cache = createByteCache<string>(100 * kilobyte, { milliseconds: 1000, now: () => time });
    cache.set('used', 'used', 1);
    cache.set('idle', 'idle', 1);
    time = 900;
    expect(cache.get('used')).toBe('used');
    time = 1000;
    cache.set('young', 'young', 1);
    expect(cache.get('idle')).toBe('idle');
    time = 1500;
    cache.get('used');
    time = 2001;
    cache.set('new', 'new', 1);
    expect(['idle', 'young', 'used', 'new'].map((key) => cache.get(key))).toEqual([
      undefined,
      undefined,
      'used',
      'new',
    ]);
  });

  it('holds as much as comes in within that while, however long it goes on', () => {
    let time = 0;
    const cache = createByteCache<number>(100 * kilobyte, { milliseconds: 1000, now: () => time });
    for (let n = 0; n < 10_000; n++) {
      time = n * 100;
      cache.set(`commit-${n}`, n, 1);
    }
    const held = Array.from({ length: 10_000 }, (_, n) => cache.get(`commit-${n}`));
    expect(held.filter((n) => n !== undefined)).toHaveLength(11);
  });
});
