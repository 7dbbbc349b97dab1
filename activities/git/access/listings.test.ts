import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { treeOf } from '../../../core/render/tree.ts';
import { parseTree } from '../checkout/tree.ts';
import { bytesOf, createListings } from './listings.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const folders = 200;

/** What `git ls-tree` writes of so many folders with a file each, different for each commit. */
function written(commit: number): string {
  const lines = Array.from({ length: folders }, (_, number) => {
    const oid = `${commit}${number}`.padStart(40, '0');
    return [`040000 tree ${oid}\tservice-${number}`, `100644 blob ${oid}\tservice-${number}/app.yaml`];
  });
  return `${lines.flat().join('\0')}\0`;
}

describe('activities/git/access/listings', () => {
  it('counts a listing and the tree that is made of it as what they take in memory', () => {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const listings = Array.from({ length: 200 }, (_, commit) => parseTree(written(commit)));
    const trees = listings.map((entries) => treeOf(entries, new Map()));
    collectGarbage();
    const held = process.memoryUsage().heapUsed - before;
    const counted = listings.reduce((sum, entries) => sum + bytesOf(entries), 0);
    expect(trees).toHaveLength(200);
    expect(held / counted).toBeGreaterThan(0.5);
    expect(held / counted).toBeLessThan(1.15);
  });

  it('reads a listing once for all who ask at the same time, and again when it had to go', async () => {
    const listings = createListings(bytesOf(parseTree(written(0))) + 1000);
    let reads = 0;
    const get = (commit: number) =>
      listings.get(`${commit}`, async () => {
        reads++;
        return parseTree(written(commit));
      });
    const [first, second] = await Promise.all([get(0), get(0)]);
    expect(first).toBe(second);
    expect(await get(0)).toBe(first);
    expect(reads).toBe(1);
    await get(1);
    expect(await get(0)).toHaveLength(2 * folders);
    expect(reads).toBe(3);
  });
});
