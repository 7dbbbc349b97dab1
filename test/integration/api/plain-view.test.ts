import { lstat, mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { commitTree } from '../../../activities/inputs/commit-tree.ts';
import { openInputs } from '../../../activities/inputs/open-inputs.ts';
import type { Input } from '../../../core/render/input.ts';
import { accessTo } from '../../../core/repository/access.ts';
import { runGit } from '../../support/render/git-import.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';

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

async function opened({ dir, url }: TestRepository, inputs = everything, inMemory = false) {
  const sha = await runGit(dir, ['rev-parse', 'main']);
  const source = { access: accessTo(url), sha };
  checkouts = 0;
  return await openInputs(git, source, await commitTree(git, source), inputs, {
    inMemory,
    isToolFile: () => false,
  });
}

async function viewOf(repository: TestRepository, inputs = everything) {
  const { files, release } = await opened(repository, inputs);
  return { root: await files.root(), release };
}

/** What this worker has on disk beside its mirrors. */
async function written(): Promise<string[]> {
  const paths = await readdir(join(cacheDir, 'checkouts'), { recursive: true }).catch(() => []);
  return paths.filter((path) => path.endsWith('.yaml'));
}

describe('activities/inputs/open-inputs', () => {
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

  it('keeps in memory what the worker reads itself, and tells of it what the disk would', async () => {
    const repository = await server.createRepository('view-memory', {
      'app/a.yaml': 'a: ä\n',
      'app/deep/b.yaml': 'b: 1\n',
      'app/link.yaml': { symlink: '../other/c.yaml' },
      'app/gone.yaml': { symlink: 'nowhere.yaml' },
      'app/folder': { symlink: 'deep' },
      'other/c.yaml': 'c: 1\n',
      'other/unseen.yaml': 'd: 1\n',
    });
    const inputs: Input[] = [...everything, { kind: 'entry', path: 'other/c.yaml' }];
    const memory = await opened(repository, inputs, true);
    const disk = await opened(repository, inputs);
    const ways = ['.', './deep/../a.yaml', 'a.yaml/x', 'link.yaml', 'gone.yaml', 'folder', 'folder/b.yaml'];
    const leadingOut = ['../..', '../../app/a.yaml', '../other/unseen.yaml', 'none'];
    const told = async ({ files }: typeof memory) => ({
      lists: await Promise.all(
        ['', 'app', 'app/deep'].map(async (folder) => inOrder(await files.list(folder))),
      ),
      ways: await Promise.all([...ways, ...leadingOut].map((way) => files.find('app', way))),
      sizes: await Promise.all(['app/a.yaml', 'app/link.yaml'].map((path) => files.size(path))),
      texts: await Promise.all(['app/a.yaml', 'app/link.yaml'].map((path) => files.read(path))),
    });
    expect(await told(memory)).toEqual(await told(disk));
    await disk.release();
    expect(await written()).toEqual([]);

    const root = await memory.files.root();
    expect(await readFile(join(root, 'app/link.yaml'), 'utf8')).toBe('c: 1\n');
    expect(await memory.files.root()).toBe(root);
    await memory.release();
    expect(await written()).toEqual([]);
  });

  it('leaves files to Git whose attributes change what it writes', async () => {
    const repository = await server.createRepository('view-attributes', {
      'app/a.yaml': 'a: 1\n',
      '.gitattributes': '*.yaml text eol=crlf\n',
    });
    for (const inMemory of [false, true]) {
      const { files, release } = await opened(repository, everything, inMemory);
      expect(checkouts).toBe(1);
      expect(await files.read('app/a.yaml')).toBe('a: 1\r\n');
      await release();
    }
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

function inOrder<One extends { readonly name: string }>(entries: readonly One[]): One[] {
  return [...entries].sort((left, right) => (left.name < right.name ? -1 : 1));
}
