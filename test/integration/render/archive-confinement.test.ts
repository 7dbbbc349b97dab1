import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit } from '../../../activities/git/git.ts';
import { accessTo } from '../../../core/repository/access.ts';
import { failureOf } from '../../support/process/failure.ts';
import { openFetching } from '../../support/render/fetching.ts';
import { type GitServer, startGitServer } from '../../support/servers/git-server.ts';
import { archiveOf, climbingLinks } from '../../support/servers/odd-archive.ts';

describe('what comes out of archives', () => {
  let server: GitServer;
  let dir = '';

  beforeAll(async () => {
    server = await startGitServer();
    dir = await mkdtemp(join(tmpdir(), 'keelson-confinement-'));
  });

  afterAll(async () => {
    await server.stop();
    await rm(dir, { recursive: true });
  });

  it('plants nothing beside the chart that it came as', async () => {
    const chart = gzipSync(
      archiveOf([{ name: 'demo/Chart.yaml', text: 'name: demo' }, ...climbingLinks('../secret')]),
    );
    const site = createServer((request, reply) => {
      const index = 'apiVersion: v1\nentries:\n  demo: [{name: demo, version: 1.0.0, urls: [demo.tgz]}]\n';
      reply.end(request.url?.endsWith('.tgz') === true ? chart : index);
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const fetching = await openFetching();
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    const access = { ...accessTo(url), type: 'helm' as const };
    const wanted = { access, chart: 'demo', version: '1.0.0' };
    expect((await failureOf(fetching.charts.fetch(wanted))).message).toContain('is below a symlink');
    const left = await readdir(fetching.cacheDir, { recursive: true });
    expect(left.filter((one) => !/^charts(\/secret)?$/.test(one))).toEqual([]);
    await fetching.close();
    site.close();
  });

  it('could not reach Git through a home folder in the cache, whatever stood there', async () => {
    const cacheDir = join(dir, 'cache');
    const home = join(cacheDir, 'home');
    const mark = join(dir, 'filter-ran');
    await mkdir(join(home, '.config/git'), { recursive: true });
    const settings = `[filter "x"]\n\tsmudge = touch ${mark}; cat\n[core\n`;
    await writeFile(join(dir, 'settings'), settings);
    await symlink('../../settings', join(home, '.gitconfig'));
    await symlink('../../../../settings', join(home, '.config/git/config'));
    const repo = await server.createRepository('filtered', {
      '.gitattributes': '*.yaml filter=x',
      'a.yaml': 'as it is',
    });
    const git = createGit({ cacheDir });
    const access = accessTo(repo.url);
    const { sha } = await git.resolveRevision({ access });
    const { path } = await git.checkout({ access, sha });
    expect(await readFile(join(path, 'a.yaml'), 'utf8')).toBe('as it is');
    expect(await readdir(dir)).not.toContain('filter-ran');
    await git.dispose();
  });
});
