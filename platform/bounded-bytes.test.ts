import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readBounded } from './bounded-bytes.ts';

const refusal = (): Error => new Error('too much');
const chunksOf = (...sizes: number[]): Readable =>
  Readable.from(sizes.map((size) => Buffer.alloc(size, 'x')));

describe('platform/bounded-bytes', () => {
  it.each([
    ['nothing', [], 0],
    ['as much as is allowed', [4, 6], 10],
  ])('reads %s', async (_, sizes, length) => {
    expect(await readBounded(chunksOf(...sizes), 10, refusal)).toHaveLength(length);
  });

  it('refuses one byte more, and reads no further', async () => {
    await expect(readBounded(chunksOf(4, 6, 1), 10, refusal)).rejects.toThrow('too much');
    const body = chunksOf(4, 7, 5);
    await expect(readBounded(body, 10, refusal)).rejects.toThrow('too much');
    expect(body.destroyed).toBe(true);
  });

  it('passes on that the body broke off', async () => {
    const broken = new Readable({ read: () => broken.destroy(new Error('reset')) });
    await expect(readBounded(broken, 10, refusal)).rejects.toThrow('reset');
  });
});
