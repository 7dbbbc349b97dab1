import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstEscape } from '../../../core/symlinks.ts';
import { findEscape } from './symlinks.ts';

describe('activities/git/symlinks', () => {
  let root = '';

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'keelson-symlinks-'));
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  async function escapeOf(links: Record<string, string>): Promise<string | undefined> {
    for (const [path, target] of Object.entries(links)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await symlink(target, join(root, path));
    }
    return (await findEscape(root, Object.keys(links)))?.path;
  }

  it('tells a way out from one in circles', async () => {
    const links = new Map([['a', '../x']]);
    expect(firstEscape(links)).toMatchObject({ path: 'a', leads: 'out' });
    expect(
      firstEscape(
        new Map([
          ['a', 'b'],
          ['b', 'a'],
        ]),
      ),
    ).toMatchObject({ path: 'a', leads: 'in circles' });
  });

  it.each<[string, Record<string, string>]>([
    ['links beside and above within the root', { 'a/x': '../b/y', z: 'a/../b' }],
    ['dangling links within the root', { a: 'nothing/here' }],
    ['a link to the root itself', { 'a/b': '..' }],
    ['links through links', { a: 'b/c', b: 'd' }],
  ])('allows %s', async (_, links) => {
    expect(await escapeOf(links)).toBeUndefined();
  });

  it.each<[string, Record<string, string>]>([
    ['an absolute link', { bad: '/etc/passwd' }],
    ['a link above the root', { 'a/bad': '../../secret' }],
    ['a link that leaves the root and comes back', { bad: '../root/file' }],
    ['a parent step after a link to the root', { bad: 'here/../secret', here: '.' }],
    ['a loop', { bad: 'other', other: 'bad' }],
  ])('finds %s', async (_, links) => {
    expect(await escapeOf(links)).toBe(Object.keys(links)[0]);
  });
});
