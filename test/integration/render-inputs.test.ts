import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { createGit, type Git } from '../../activities/git.ts';
import { type Placement, placeObjects } from '../../activities/place.ts';
import type { RenderTools } from '../../activities/render/render.ts';
import { renderCached } from '../../activities/render-cached.ts';
import { readerOf } from '../../activities/source/readers.ts';
import { renderSources } from '../../activities/source/render.ts';
import type { ResolvedSource } from '../../activities/source/resolve.ts';
import { createLimiter } from '../../cluster/limiter.ts';
import type { ApplicationSource } from '../../core/application/source-spec.ts';
import { mapBounded } from '../../core/bounded.ts';
import { KeelsonError } from '../../core/errors.ts';
import { canonicalJson } from '../../core/object/canonical.ts';
import { accessTo } from '../../core/repository/access.ts';
import type { DatabaseConnection } from '../../db/client.ts';
import { createContentStore } from '../../db/content-store.ts';
import { createKeyring, generateKey } from '../../platform/encryption.ts';
import { openTestDatabase } from '../support/database.ts';
import { type GitServer, startGitServer, type TestRepository } from '../support/git-server.ts';
import { firstFiles, randomCommits, sourcesOver } from '../support/random-commits.ts';
import { renderTools, renderToolsTimeout } from '../support/render-tools.ts';

const seed = Number(process.env['KEELSON_TEST_SEED'] ?? 20_261_121);
const commits = 50;

let server: GitServer;
let connection: DatabaseConnection;
let tools: RenderTools;
let cacheDir = '';
const keyring = createKeyring(generateKey());
const gits: Git[] = [];

beforeAll(async () => {
  cacheDir = mkdtempSync(join(tmpdir(), 'keelson-inputs-'));
  [server, connection, tools] = await Promise.all([startGitServer(), openTestDatabase(), renderTools()]);
}, renderToolsTimeout);

afterAll(async () => {
  for (const git of gits) await git.dispose();
  await Promise.all([server?.stop(), connection?.close()]);
  rmSync(cacheDir, { recursive: true, force: true, maxRetries: 5 });
});

type RenderDeps = Pick<
  Deps,
  'db' | 'keyring' | 'git' | 'tools' | 'content' | 'renderSlots' | 'homeNamespace' | 'reconcileSeconds'
>;

/** What a worker renders with; each has nothing of the others but the database. */
function startWorker(name: string): Deps {
  const git = createGit({ cacheDir: join(cacheDir, name) });
  gits.push(git);
  const { db } = connection;
  const deps: RenderDeps = {
    db,
    keyring,
    git,
    tools,
    content: createContentStore(db, keyring),
    renderSlots: createLimiter(4),
    homeNamespace: 'argocd',
    reconcileSeconds: 180,
  };
  return deps as Deps;
}

function placementOf(name: string, sources: readonly ApplicationSource[]): Placement {
  const [source] = sources;
  return {
    application: { name, namespace: 'argocd' },
    spec: {
      project: 'default',
      destination: { namespace: 'target' },
      ...(sources.length > 1 ? { sources: [...sources] } : { source }),
    } as Placement['spec'],
    capabilities: { kubeVersion: 'v1.35.4', apiVersions: ['v1'], namespaced: { '/ConfigMap': true } },
    tracking: { method: 'annotation', labelKey: 'app.kubernetes.io/instance' } as Placement['tracking'],
  };
}

type Wanted = { readonly placement: Placement; readonly sources: ResolvedSource[] };

function wantedOf(
  name: string,
  sources: readonly ApplicationSource[],
  heads: ReadonlyMap<string, string>,
): Wanted {
  const { signal } = new AbortController();
  return {
    placement: placementOf(name, sources),
    sources: sources.map((source) => ({
      source,
      access: accessTo(source.repoURL),
      signal,
      revision: heads.get(source.repoURL) ?? '',
    })),
  };
}

const { signal } = new AbortController();

/** The objects as they are stored, or why there are none. */
async function cached(deps: Deps, wanted: Wanted): Promise<string[]> {
  return await renderCached(deps, { ...wanted, hard: false, again: true, signal }).then(
    async ({ objects }) => {
      const digests = objects.map(({ digest }) => digest);
      const manifests = await deps.content.manifests(digests);
      return digests.map((digest) => canonicalJson(manifests.get(digest)));
    },
    failure,
  );
}

/** The same from a full checkout, with nothing remembered. */
async function uncached(deps: Deps, { placement, sources }: Wanted): Promise<string[]> {
  const request = {
    instanceName: placement.application.name,
    name: placement.application.name,
    namespace: 'target',
  };
  return await renderSources({
    sources,
    several: sources.length > 1,
    open: (source) => readerOf(deps, source.source).open(source),
    slot: (run) => run(),
    requestFor: ({ revision }) => ({
      application: { ...request, project: 'default', revision },
      tools,
      kubeVersion: placement.capabilities.kubeVersion,
      apiVersions: placement.capabilities.apiVersions,
      signal,
    }),
  }).then(
    ({ manifests }) => placeObjects(deps, placement, manifests).map((one) => canonicalJson(one)),
    failure,
  );
}

function failure(error: unknown): string[] {
  // Kustomize prints addresses of its memory.
  if (error instanceof KeelsonError) return [error.message.replaceAll(/0x[0-9a-f]+/g, '0x')];
  throw error;
}

async function storedRenders(): Promise<number> {
  const { rows } = await connection.pool.query<{ count: string }>('select count(*) from renders');
  return Number(rows[0]?.count);
}

describe('activities/render-cached', () => {
  test(`after each of ${commits} random commits what is cached equals an uncached render (seed ${seed})`, async () => {
    const main = await server.createRepository('main', firstFiles.main);
    const lent = await server.createRepository('lent', firstFiles.lent);
    const repositories: Record<string, TestRepository> = { main, lent };
    const applications = Object.entries(sourcesOver(main.url, lent.url));
    const heads = new Map<string, string>();
    for (const repository of [main, lent]) heads.set(repository.url, await repository.commit({ first: '' }));
    const worker = startWorker('first');
    const wanted = () => applications.map(([name, sources]) => wantedOf(name, sources, heads));
    for (const [number, { repository, files }] of randomCommits(seed, commits).entries()) {
      const { url, commit } = repositories[repository] as TestRepository;
      heads.set(url, await commit(files));
      await mapBounded(wanted(), 4, async (one) => {
        const where = `commit ${number} (${Object.keys(files).join(', ')}), application ${one.placement.application.name}`;
        expect(await cached(worker, one), where).toEqual(await uncached(worker, one));
      });
    }
    const renders = await storedRenders();
    // Each commit changes a few files of forty, so most applications keep their render most of the time.
    expect(renders).toBeLessThan((applications.length * commits) / 2);
    expect(renders).toBeGreaterThan(commits / 2);

    const another = startWorker('second');
    await Promise.all(wanted().map((one) => cached(another, one)));
    expect(await storedRenders()).toBe(renders);
    const { rows } = await connection.pool.query(
      `select 1 from renders where inputs::text like '%"path": ""%'`,
    );
    expect(rows).toEqual([]);
  });
});
