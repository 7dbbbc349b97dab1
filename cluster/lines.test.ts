import { describe, expect, it } from 'vitest';
import { readLines } from './lines.ts';

async function split(...chunks: Uint8Array[]): Promise<string[]> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const line of readLines(source())) lines.push(line);
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

  it('joins characters that are cut across chunks', async () => {
    const word = bytes('grüße\n');
    for (let cut = 1; cut < word.length; cut++) {
      expect(await split(word.subarray(0, cut), word.subarray(cut))).toEqual(['grüße']);
    }
  });
});
