import { describe, expect, it } from 'vitest';
import { type LineLimit, readLines } from './lines.ts';

const limit: LineLimit = { most: 10, beyond: 'cut' };

async function split(...chunks: Uint8Array[]): Promise<string[]> {
  return splitWithin(limit, ...chunks);
}

async function splitWithin(within: LineLimit, ...chunks: Uint8Array[]): Promise<string[]> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const line of readLines(source(), within)) lines.push(line);
  return lines;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('cluster/lines', () => {
  it('joins lines that are cut across chunks', async () => {
    expect(await split(bytes('a\nb'), bytes('c'), bytes('\n\nd\n'))).toEqual(['a', 'bc', '', 'd']);
  });

  it('counts a last line without an end', async () => {
    expect(await split(bytes('a\nb'))).toEqual(['a', 'b']);
    expect(await split()).toEqual([]);
  });

  it('passes on in pieces what has no end, and loses none of it', async () => {
    const chunks = Array.from({ length: 100 }, () => bytes('abcdefg'));
    const pieces = await split(...chunks, bytes('\nb'));
    expect(pieces.join('')).toBe(`${'abcdefg'.repeat(100)}b`);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(20);
    expect(pieces.at(-1)).toBe('b');
  });

  it('ends a stream whose lines may not be cut', async () => {
    const refusing: LineLimit = { most: 10, beyond: () => new Error('endless') };
    expect(await splitWithin(refusing, bytes('0123456789'), bytes('\na'))).toEqual(['0123456789', 'a']);
    await expect(splitWithin(refusing, bytes('0123456789'), bytes('a'))).rejects.toThrow('endless');
  });

  it('joins characters that are cut across chunks', async () => {
    const word = bytes('grüße\n');
    for (let cut = 1; cut < word.length; cut++) {
      expect(await split(word.subarray(0, cut), word.subarray(cut))).toEqual(['grüße']);
    }
  });
});
