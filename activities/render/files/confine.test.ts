import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locate } from './confine.ts';

describe('activities/render/confine', () => {
  let top = '';
  let root = '';

  beforeAll(async () => {
    top = await mkdtemp(join(tmpdir(), 'keelson-confine-'));
    root = join(top, 'root');
    await mkdir(join(root, 'app'), { recursive: true });
    await writeFile(join(root, 'file'), '');
    await writeFile(join(top, 'secret'), '');
    await symlink('../../secret', join(root, 'app/evil'));
    await symlink('../..', join(root, 'app/up'));
    await symlink('../file', join(root, 'app/good'));
  });

  afterAll(async () => {
    await rm(top, { recursive: true });
  });

  it.each([
    ['../file', 'found'],
    ['good', 'found'],
    ['..', 'found'],
    ['gone', 'missing'],
    ['good/below-a-file', 'missing'],
    ['x'.repeat(300), 'missing'],
    ['x/'.repeat(5000), 'missing'],
    ['a\u0000b', 'missing'],
    ['../..', 'outside'],
    ['../../secret', 'outside'],
    ['evil', 'outside'],
    ['up/secret', 'outside'],
  ])('%s is %s', async (path, kind) => {
    expect((await locate(root, join(root, 'app'), path)).kind).toBe(kind);
  });

  it('starts at the root for a path with a leading slash', async () => {
    expect(await locate(root, root, '/file')).toEqual({ kind: 'found', path: join(root, 'file') });
  });
});
