import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { accessTo } from '../../../core/repository/access.ts';
import { runGit } from '../../support/render/git-import.ts';
import { type GitServer, startGitServer } from '../../support/servers/git-server.ts';

describe('activities/git/tree', () => {
  let server: GitServer;
  let cacheDir = '';
  let git: Git;

  beforeAll(async () => {
    server = await startGitServer();
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-git-tree-'));
    git = createGit({ cacheDir });
  });

  afterAll(async () => {
    await git.dispose();
    await server.stop();
    await rm(cacheDir, { recursive: true });
  });

  it('lists a commit with directories, executables and links', async () => {
    const one = await server.createRepository('listed', {
      'app/a.yaml': 'one',
      'app/deep/ü b.yaml': 'two',
      'run.sh': { executable: '#!/bin/sh' },
      'link.yaml': { symlink: 'app/a.yaml' },
    });
    const { sha } = await git.resolveRevision({ access: accessTo(one.url) });
    const entries = await git.listFiles({ access: accessTo(one.url), sha });
    expect(entries.map(({ mode, type, path }) => `${mode} ${type} ${path}`)).toEqual([
      '040000 tree app',
      '100644 blob app/a.yaml',
      '040000 tree app/deep',
      '100644 blob app/deep/ü b.yaml',
      '120000 blob link.yaml',
      '100755 blob run.sh',
    ]);
  });

  it('gives an unchanged directory the same id in the next commit, and a changed one another', async () => {
    const one = await server.createRepository('moving', { 'a/x.yaml': '1', 'b/x.yaml': '1' });
    const access = accessTo(one.url);
    const { sha } = await git.resolveRevision({ access });
    const next = await one.commit({ 'b/x.yaml': '2' });
    const ids = async (commit: string): Promise<Record<string, string>> =>
      Object.fromEntries((await git.listFiles({ access, sha: commit })).map(({ path, oid }) => [path, oid]));
    const [before, after] = [await ids(sha), await ids(next)];
    expect(after['a']).toBe(before['a']);
    expect(after['b']).not.toBe(before['b']);
  });

  it('reads files as the commit stores them, and leaves out what is none', async () => {
    const bytes = Buffer.from([0, 10, 255, 13, 10]);
    const one = await server.createRepository('read', {
      'a.bin': bytes,
      'dir/empty.yaml': '',
      'dir/same.bin': bytes,
      'link.yaml': { symlink: 'dir/empty.yaml' },
    });
    const access = accessTo(one.url);
    const { sha } = await git.resolveRevision({ access });
    const paths = ['a.bin', 'dir', 'dir/empty.yaml', 'dir/same.bin', 'link.yaml', 'nowhere'];
    expect(await git.readFiles({ access, sha, paths })).toEqual(
      new Map([
        ['a.bin', bytes],
        ['dir/empty.yaml', Buffer.alloc(0)],
        ['dir/same.bin', bytes],
        ['link.yaml', Buffer.from('dir/empty.yaml')],
      ]),
    );
    expect(await git.readFiles({ access, sha, paths: [] })).toEqual(new Map());
  });

  it('asks the server once for a commit that is listed and read by many', async () => {
    const one = await server.createRepository('asked', { 'a.yaml': 'one' });
    const access = accessTo(one.url);
    const { sha } = await git.resolveRevision({ access });
    server.requests.length = 0;
    await Promise.all(Array.from({ length: 10 }, () => git.readFiles({ access, sha, paths: ['a.yaml'] })));
    // The tree, then the file.
    expect(server.count('git-upload-pack')).toBe(2);
  });

  describe('of a repository with large files', () => {
    const mirrorSize = async (): Promise<number> => {
      const home = join(cacheDir, 'mirrors');
      let total = 0;
      for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) total += (await stat(join(entry.parentPath, entry.name))).size;
      }
      return total;
    };
    const large = (): Buffer => randomBytes(300_000);

    it('fetches only the files that a checkout of some paths writes', async () => {
      const one = await server.createRepository('large', {
        '.gitattributes': '*.bin binary\n',
        'apps/one/a.yaml': 'one',
        'apps/one/big.bin': large(),
        'apps/two/big.bin': large(),
        'apps/three/big.bin': large(),
      });
      const access = accessTo(one.url);
      const { sha } = await git.resolveRevision({ access });
      const before = await mirrorSize();
      expect(await git.listFiles({ access, sha })).toHaveLength(9);
      expect((await mirrorSize()) - before).toBeLessThan(100_000);
      const { path } = await git.checkout({ access, sha, paths: ['apps/one'] });
      expect((await readdir(path, { recursive: true })).sort()).toEqual([
        '.gitattributes',
        'apps',
        'apps/one',
        'apps/one/a.yaml',
        'apps/one/big.bin',
      ]);
      const after = (await mirrorSize()) - before;
      expect(after).toBeGreaterThan(300_000);
      expect(after).toBeLessThan(500_000);
      expect((await readdir((await git.checkout({ access, sha })).path)).sort()).toEqual([
        '.gitattributes',
        'apps',
      ]);
      expect((await mirrorSize()) - before).toBeGreaterThan(900_000);
    });

    it('brings small changes with the next commit, without asking for them again', async () => {
      const one = await server.createRepository('growing', { 'a.yaml': 'one', 'big.bin': large() });
      const access = accessTo(one.url);
      await git.checkout({ access, sha: (await git.resolveRevision({ access })).sha, paths: ['a.yaml'] });
      const sha = await one.commit({ 'a.yaml': 'two' });
      server.requests.length = 0;
      const { path } = await git.checkout({ access, sha, paths: ['a.yaml'] });
      expect(await readFile(join(path, 'a.yaml'), 'utf8')).toBe('two');
      expect(server.count('git-upload-pack')).toBe(1);
    });

    it('asks once for the files that many renders miss at the same time', async () => {
      const one = await server.createRepository('missed', { 'x/a.bin': large(), 'y/b.bin': large() });
      const access = accessTo(one.url);
      const { sha } = await git.resolveRevision({ access });
      await git.listFiles({ access, sha });
      server.requests.length = 0;
      const paths = ['x/a.bin'];
      const taken = await Promise.all([
        git.readFiles({ access, sha, paths }),
        git.readFiles({ access, sha, paths }),
        git.checkout({ access, sha, paths: ['x'] }),
      ]);
      expect(taken[0].get('x/a.bin')).toHaveLength(300_000);
      expect(server.count('git-upload-pack')).toBe(1);
    });

    it('writes what a server sends that leaves nothing out', async () => {
      const one = await server.createRepository('whole', { 'a.yaml': 'one', 'b.yaml': 'two' });
      await runGit(one.dir, ['config', 'uploadpack.allowFilter', 'false']);
      const access = accessTo(one.url);
      const { sha } = await git.resolveRevision({ access });
      server.requests.length = 0;
      const { path } = await git.checkout({ access, sha, paths: ['b.yaml'] });
      expect(await readdir(path)).toEqual(['b.yaml']);
      expect(server.count('git-upload-pack')).toBe(1);
    });
  });
});
