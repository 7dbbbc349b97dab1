import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../activities/git.ts';
import { accessTo } from '../../core/repository/access.ts';
import { type GitServer, startGitServer } from '../support/git-server.ts';

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
    expect(server.count('refs')).toBe(1);
  });
});
