import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mirrorName, parseRemote } from '../../../activities/git/access/remote.ts';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { accessTo } from '../../../core/repository/access.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';

describe('activities/git/usage', () => {
  let server: GitServer;
  let cacheDir = '';
  let git: Git;
  let repositories: TestRepository[] = [];

  beforeAll(async () => {
    server = await startGitServer();
    const make = (name: string) => server.createRepository(name, { 'big.bin': randomBytes(200_000) });
    repositories = await Promise.all(['one', 'two', 'three', 'four'].map(make));
  });

  afterAll(async () => {
    await server.stop();
  });

  beforeEach(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-git-cache-'));
    // Room for two of them.
    git = createGit({ cacheDir, cacheLimitBytes: 600_000 });
    return async () => {
      await git.dispose();
      await rm(cacheDir, { recursive: true });
    };
  });

  const nameOf = (one: TestRepository): string =>
    `${mirrorName(parseRemote(accessTo(one.url), ['http']))}.git`;

  async function kept(): Promise<TestRepository[]> {
    const names = new Set(await readdir(join(cacheDir, 'mirrors')));
    return repositories.filter((one) => names.has(nameOf(one)));
  }

  async function read(one: TestRepository | undefined): Promise<void> {
    if (one === undefined) throw new Error('no repository');
    const access = accessTo(one.url);
    const { sha } = await git.resolveRevision({ access });
    expect((await git.readFiles({ access, sha, paths: ['big.bin'] })).get('big.bin')).toHaveLength(200_000);
  }

  it('keeps the mirrors that were used last within the limit, and fetches others again', async () => {
    const [one, two, three, four] = repositories;
    for (const each of [one, two, one, three]) await read(each);
    expect(await kept()).toEqual([one, three]);
    await read(four);
    expect(await kept()).toEqual([three, four]);
    await read(one);
    expect(await kept()).toEqual([one, four]);
  });

  it('throws no mirror away that a worker of the machine uses, and forgets the uses of dead ones', async () => {
    const [one, two, three, four] = repositories;
    await read(one);
    const users = join(cacheDir, 'usage', nameOf(one as TestRepository), 'users');
    await mkdir(users, { recursive: true });
    const uuid = '00000000-0000-4000-8000-000000000000';
    const mark = (pid: number): string => join(users, `${hostname()}.${pid}.${uuid}.${uuid}`);
    await writeFile(mark(process.ppid), '');
    for (const each of [two, three, four]) await read(each);
    expect(await kept()).toContain(one);
    await rm(mark(process.ppid));
    // A process that is gone, and one before us that had our number.
    await writeFile(mark(2 ** 22 + 1), '');
    await writeFile(mark(process.pid), '');
    for (const each of [two, three, two]) await read(each);
    expect(await kept()).not.toContain(one);
  });

  it('looks at what others have fetched when it begins, and no sooner than a minute after', async () => {
    const [one, two, three] = repositories;
    await read(one);
    const size = join(cacheDir, 'usage', 'other.git', 'size');
    await mkdir(dirname(size), { recursive: true });
    await writeFile(size, '550000');
    await read(two);
    expect(await readFile(size, 'utf8')).toBe('550000');
    await git.dispose();
    git = createGit({ cacheDir, cacheLimitBytes: 600_000 });
    await read(three);
    await expect(readFile(size)).rejects.toThrow('ENOENT');
  });

  it('serves many readers while there is room for one mirror alone', async () => {
    const crowded = [1, 2].map(() => createGit({ cacheDir, cacheLimitBytes: 250_000 }));
    const readers = crowded.flatMap((each) =>
      [...repositories, ...repositories].map(async (one) => {
        const access = accessTo(one.url);
        const { sha } = await each.resolveRevision({ access });
        const { path, release } = await each.checkout({ access, sha });
        const content = await readFile(join(path, 'big.bin'));
        await release();
        return content.length;
      }),
    );
    expect(new Set(await Promise.all(readers))).toEqual(new Set([200_000]));
    await Promise.all(crowded.map((each) => each.dispose()));
  });

  it('begins a mirror anew that has become slow by many fetches', async () => {
    const [one] = repositories;
    await read(one);
    const packs = join(cacheDir, 'mirrors', nameOf(one as TestRepository), 'objects', 'pack');
    for (let number = 0; number < 301; number += 1) await writeFile(join(packs, `pack-${number}.pack`), '');
    await one?.commit({ 'a.yaml': 'more' });
    await read(one);
    expect(await kept()).toEqual([]);
    await read(one);
    expect((await readdir(packs)).filter((name) => name.endsWith('.pack')).length).toBeLessThan(5);
  });
});
