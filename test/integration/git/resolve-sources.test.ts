import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { createCharts } from '../../../activities/helm/charts.ts';
import { createOciArtifacts } from '../../../activities/oci/artifacts.ts';
import { createHttp } from '../../../activities/remote/http.ts';
import { resolveSources } from '../../../activities/source/resolve.ts';
import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import { accessTo } from '../../../core/repository/access.ts';
import { defaultSettings } from '../../../core/settings/settings.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { problemsOf } from '../../support/hostile/remedies.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';

describe('activities/source/resolve', () => {
  let connection: DatabaseConnection;
  let server: GitServer;
  let cacheDir = '';
  let git: Git;
  let repository: TestRepository;
  let pushes = 2;

  beforeAll(async () => {
    connection = await openTestDatabase();
    server = await startGitServer();
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-resolve-'));
    git = createGit({ cacheDir });
    repository = await server.createRepository('apps', { 'a.yaml': 'a: 1\n' });
    await repository.tag('v1');
    await repository.commit({ 'a.yaml': 'a: 2\n' });
  });

  afterAll(async () => {
    await git.dispose();
    await server.stop();
    await rm(cacheDir, { recursive: true, force: true });
    await connection?.close();
  });

  /** Resolves with a push after every look at the repository. */
  function resolve(sources: readonly ApplicationSource[], revisions?: readonly string[]) {
    const pushing: Git = {
      ...git,
      async resolveRevision(source) {
        const found = await git.resolveRevision(source);
        pushes += 1;
        await repository.commit({ 'a.yaml': `a: ${pushes}\n` });
        return found;
      },
    };
    const http = createHttp();
    return resolveSources(
      {
        db: connection.db,
        keyring: createKeyring(generateKey()),
        git: pushing,
        settings: { current: () => defaultSettings },
        charts: createCharts({ http, cacheDir, indexSeconds: 180 }),
        artifacts: createOciArtifacts({ http, cacheDir }),
      },
      {
        spec: { project: 'default', destination: {}, sources: [...sources] },
        ...(revisions === undefined ? {} : { revisions }),
        signal: new AbortController().signal,
      },
    );
  }

  it('brings sources of one repository and target revision to one commit, whatever is pushed meanwhile', async () => {
    const source = { repoURL: repository.url, path: '.', targetRevision: 'main' };
    const resolved = await resolve([source, { ...source, ref: 'values' }]);
    expect(resolved[1]?.revision).toBe(resolved[0]?.revision);
  });

  it('takes a revision that is asked for by position, and its own where none is', async () => {
    const source = { repoURL: repository.url, path: '.' };
    const [head, tagged] = await resolve([source, source], ['', 'v1']);
    const expected = await git.resolveRevision({ access: accessTo(repository.url), revision: 'v1' });
    expect(tagged?.revision).toBe(expected.sha);
    expect(head?.revision).not.toBe(expected.sha);
  });

  it('says so when there is no source, and finds one that is named as it says', async () => {
    const refused = await problemsOf(() => resolve([]));
    expect(refused.join()).toContain('spec.source: is missing; name a repoURL and a path');
    expect(await problemsOf(() => resolve([{ repoURL: repository.url, path: '.' }]))).toEqual([]);
  });
});
