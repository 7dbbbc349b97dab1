import { lstat, mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../activities/git.ts';
import { commitTree } from '../../activities/inputs/commit-tree.ts';
import { openView } from '../../activities/inputs/view.ts';
import type { Input } from '../../core/render-inputs/input.ts';
import { accessTo } from '../../core/repository/access.ts';
import { runGit } from '../support/git-import.ts';
import { type GitServer, startGitServer, type TestRepository } from '../support/git-server.ts';

let server: GitServer;
let cacheDir: string;
let git: Git;
let checkouts = 0;

beforeAll(async () => {
  server = await startGitServer();
  cacheDir = await mkdtemp(join(tmpdir(), 'keelson-view-'));
  const real = createGit({ cacheDir });
  git = {
    ...real,
    checkout: (source) => {
      checkouts += 1;
      return real.checkout(source);
    },
  };
});

afterAll(async () => {
  await git?.dispose();
  await server?.stop();
  await rm(cacheDir, { recursive: true, force: true });
});

const everything: readonly Input[] = [{ kind: 'tree', path: 'app' }];

async function viewOf({ dir, url }: TestRepository, inputs = everything) {
  const sha = await runGit(dir, ['rev-parse', 'main']);
  const source = { access: accessTo(url), sha };
  checkouts = 0;
  return await openView(git, source, await commitTree(git, source), inputs);
}

describe('activities/inputs/view', () => {
  it('writes files, rights and links without a checkout, and nothing else', async () => {
    const repository = await server.createRepository('view-plain', {
      'app/a.yaml': 'a: 1\r\n',
      'app/deep/run.sh': { executable: '#!/bin/sh\n' },
      'app/link': { symlink: '../other/b.yaml' },
      'other/b.yaml': 'b: 1\n',
      '.gitattributes': '* text=auto\n',
    });
    const { root, release } = await viewOf(repository);
    expect(checkouts).toBe(0);
    expect(await readFile(join(root, 'app/a.yaml'), 'utf8')).toBe('a: 1\r\n');
    expect((await stat(join(root, 'app/deep/run.sh'))).mode & 0o111).toBe(0o111);
    expect((await stat(join(root, 'app/a.yaml'))).mode & 0o111).toBe(0);
    expect(await readlink(join(root, 'app/link'))).toBe('../other/b.yaml');
    await expect(lstat(join(root, 'other'))).rejects.toThrow('ENOENT');
    await release();
    await expect(lstat(root)).rejects.toThrow('ENOENT');
  });

  it('leaves files to Git whose attributes change what it writes', async () => {
    const repository = await server.createRepository('view-attributes', {
      'app/a.yaml': 'a: 1\n',
      '.gitattributes': '*.yaml text eol=crlf\n',
    });
    const { root, release } = await viewOf(repository);
    expect(checkouts).toBe(1);
    expect(await readFile(join(root, 'app/a.yaml'), 'utf8')).toBe('a: 1\r\n');
    await release();
  });

  it('refuses links out of the repository as Git’s checkout does', async () => {
    const repository = await server.createRepository('view-escape', {
      'app/link': { symlink: '../../../etc/passwd' },
    });
    const view = viewOf(repository);
    await expect(view).rejects.toThrow(/symlink app\/link leads out of the repository/);
  });

  it('writes nothing beside its folder for a tree that no Git would make', async () => {
    const repository = await server.createRepository('view-hostile', { 'evil.yaml': 'a: 1\n' });
    const { dir } = repository;
    const inner = await runGit(dir, ['rev-parse', 'main^{tree}']);
    const tree = await runGit(dir, ['mktree'], Buffer.from(`040000 tree ${inner}\t..\n`));
    const commit = await runGit(dir, ['commit-tree', tree, '-m', 'hostile']);
    await runGit(dir, ['update-ref', 'refs/heads/main', commit]);
    await expect(viewOf(repository, [{ kind: 'entry', path: '../evil.yaml' }])).rejects.toThrow(
      /a name that no checkout can have/,
    );
    const written = await readdir(cacheDir, { recursive: true });
    expect(written.filter((path) => path.endsWith('evil.yaml'))).toEqual([]);
  });
});
