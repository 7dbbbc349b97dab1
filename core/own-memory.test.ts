import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createByteCache } from './byte-cache.ts';
import { ownBytes, ownText } from './own-memory.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const megabyte = 1024 * 1024;
const copies = 400;

/** Bytes that are kept after something was made, as long as its result lives. */
function keptBy<Made>(make: () => Made): { readonly made: Made; readonly bytes: number } {
  collectGarbage();
  const before = process.memoryUsage();
  const made = make();
  collectGarbage();
  const after = process.memoryUsage();
  return { made, bytes: after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers };
}

/** A megabyte of text, its parts told by a number. */
const longText = (number: number): string => `${number}`.padStart(20, '0') + 'x'.repeat(megabyte);

describe('core/own-memory', () => {
  it('keeps the same text, whatever is in it', () => {
    for (const text of [
      '',
      'short',
      'a'.repeat(40),
      'ä€𝄞'.repeat(20),
      `${'x'.repeat(20)}\uD800"\\\n\u0000`,
    ]) {
      expect(ownText(text)).toBe(text);
    }
  });

  it('keeps the same bytes, of a part and of nothing', () => {
    expect(ownBytes(Buffer.from('0123456789').subarray(2, 5)).toString()).toBe('234');
    expect(ownBytes(Buffer.alloc(0))).toHaveLength(0);
  });

  it('keeps a part of a text without the whole', () => {
    const { made, bytes } = keptBy(() =>
      Array.from({ length: 20 }, (_, number) => ownText(longText(number).slice(0, 20))),
    );
    expect(made[19]).toBe('19'.padStart(20, '0'));
    expect(bytes).toBeLessThan(megabyte);
  });

  it('keeps small bytes without the pool that others were cut from', () => {
    const { made, bytes } = keptBy(() =>
      Array.from({ length: copies }, () => {
        const own = ownBytes(Buffer.from('small'));
        // Fills what is left of the pool, as other work does.
        for (let filled = 0; filled < 2 * Buffer.poolSize; filled += 1000) Buffer.from('x'.repeat(1000));
        return own;
      }),
    );
    expect(made).toHaveLength(copies);
    expect(bytes).toBeLessThan((copies * Buffer.poolSize) / 4);
  });

  it('is what a cache keeps its keys in, also after they were read by another view', () => {
    const cache = createByteCache<number>(megabyte);
    const { made, bytes } = keptBy(() => {
      for (let number = 0; number < 20; number++) cache.set(longText(number).slice(0, 20), number, 0);
      for (let number = 0; number < 20; number++) cache.get(longText(number).slice(0, 20));
      return cache;
    });
    expect(made.get('19'.padStart(20, '0'))).toBe(19);
    expect(bytes).toBeLessThan(megabyte);
  });
});
