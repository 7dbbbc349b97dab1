import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTreeCache, type Tree, type TreeCache } from './tree-cache.ts';

describe('activities/archive/tree-cache', () => {
  let dir = '';
  let cache: TreeCache;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'keelson-trees-'));
    // Nothing fits, and nothing has to rest before it goes: only use keeps a tree.
    cache = createTreeCache({ dir, maxBytes: 1, minIdleSeconds: 0 });
  });

  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  const use = (key: string, fresh = false): Promise<Tree> =>
    cache.use({ key, fresh, fill: (folder) => writeFile(join(folder, 'file'), key) });
  const contentOf = (tree: Tree): Promise<string> => readFile(join(tree.path, 'file'), 'utf8');
  const trees = async (): Promise<string[]> =>
    (await readdir(dir, { withFileTypes: true })).filter((one) => one.isDirectory()).map(({ name }) => name);

  it('keeps a tree that is in use, however little room there is', async () => {
    const first = await use('first');
    const second = await use('second');
    await second.release();
    // Each fill sweeps: the third finds the second idle, and the first still held.
    const third = await use('third');
    await vi.waitFor(async () => expect(await trees()).toHaveLength(2));
    expect(await contentOf(first)).toBe('first');
    expect(await contentOf(third)).toBe('third');

    await Promise.all([first.release(), third.release()]);
    const last = await use('last');
    await vi.waitFor(async () => expect(await trees()).toHaveLength(1));
    expect(await contentOf(last)).toBe('last');
  });

  it('holds a tree until the last of its users has given it back, each once', async () => {
    const one = await use('shared');
    const other = await use('shared');
    expect(other.path).toBe(one.path);
    await one.release();
    await one.release();
    await use('sweep');
    await vi.waitFor(async () => expect(await trees()).toHaveLength(2));
    expect(await contentOf(other)).toBe('shared');
  });

  it('takes nothing from those who read the former tree when it is made anew', async () => {
    const former = await use('key');
    const fresh = await use('key', true);
    expect(fresh.path).not.toBe(former.path);
    expect(await contentOf(former)).toBe('key');
  });
});
