import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { clusters } from '../../../db/schema/cluster.ts';
import { at, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';

let server: TestApi;
const path = '/api/v1/projects';

beforeAll(async () => {
  server = await startApi();
  const globalProjects =
    '- projectName: base\n  labelSelector:\n    matchLabels: {tier: prod}\n- projectName: gone\n- projectName: all\n';
  const configMaps = { 'argocd-cm': { globalProjects } };
  expect((await server.call('PUT', '/api/v1/keelson/settings', { configMaps })).status).toBe(200);
  await server.settings.reload();
  await create('base', { sourceRepos: ['https://base'], syncWindows: [denyAll] });
  await create('all', { namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }] });
  await create(
    'prod',
    {
      sourceRepos: ['https://own'],
      destinations: [{ server: 'https://mine', namespace: 'x' }],
      syncWindows: [nightly],
    },
    { labels: { tier: 'prod' } },
  );
});
afterAll(() => server.close());

const denyAll = { kind: 'deny', schedule: '* * * * *', duration: '1h', applications: ['*'] };
const nightly = {
  kind: 'allow',
  schedule: '0 22 * * *',
  duration: '2h',
  namespaces: ['*'],
  timeZone: 'Asia/Tokyo',
};

async function create(name: string, spec: Record<string, unknown>, metadata = {}): Promise<void> {
  const reply = await server.call('POST', path, { project: { metadata: { name, ...metadata }, spec } });
  expect([reply.status, reply.body]).toMatchObject([200, {}]);
}

const names = (items: unknown): unknown[] =>
  (items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);

describe('projects to read', () => {
  it('are listed by name, one or all, with the fields that are wanted', async () => {
    const { body } = await server.call('GET', path);
    expect(names(at(body, 'items'))).toEqual(['all', 'base', 'default', 'prod']);
    expect(names(at((await server.call('GET', `${path}?name=base`)).body, 'items'))).toEqual(['base']);
    const wanted = await server.call('GET', `${path}?fields=items.metadata.name&name=base`);
    expect(at(wanted.body, 'items')).toEqual([{ metadata: { name: 'base' } }]);
  });

  it('name the global projects that they inherit from, in the order of the setting', async () => {
    const globalsOf = async (name: string) =>
      names(at((await server.call('GET', `${path}/${name}/globalprojects`)).body, 'items'));
    expect(await globalsOf('prod')).toEqual(['base', 'all']);
    expect(await globalsOf('default')).toEqual(['all']);
    expect(await globalsOf('all')).toEqual([]);
  });

  it('show with all details what they inherit and what is theirs, without credentials', async () => {
    const own = await saveCluster(server.db, server.keyring, {
      name: 'mine',
      server: 'https://mine',
      credentials: { bearerToken: 'canary-own-token' },
    });
    await server.db.update(clusters).set({ project: 'prod' }).where(eq(clusters.id, own.id));
    for (const project of ['prod', 'base']) {
      const password = 'canary-repository-password';
      const repo = { repo: `https://git.example.com/${project}.git`, username: 'u', password, project };
      expect((await server.call('POST', '/api/v1/repositories', repo)).status).toBe(200);
    }
    const destination = { server: 'https://mine', namespace: 'x' };
    const made = guestbook('one', {
      project: 'prod',
      source: { repoURL: 'https://own', path: '.' },
      destination,
    });
    expect((await server.call('POST', '/api/v1/applications?validate=false', made)).status).toBe(200);
    const { status, body } = await server.call('GET', `${path}/prod/detailed`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      project: {
        metadata: { name: 'prod', namespace: 'argocd' },
        spec: {
          sourceRepos: ['https://own', 'https://base'],
          syncWindows: [nightly, denyAll],
          namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }],
        },
      },
      repositories: [{ repo: 'https://git.example.com/prod.git', project: 'prod' }],
      clusters: [{ server: 'https://mine', name: 'mine', project: 'prod', info: { applicationsCount: 1 } }],
    });
    expect(names(at(body, 'globalProjects'))).toEqual(['base', 'all']);
    expect(JSON.stringify(body)).not.toContain('canary');
    // Whoever sends back what is shown makes nothing of it his own.
    const project = at(body, 'project');
    expect((await server.call('PUT', `${path}/prod`, { project })).body).toMatchObject({
      spec: { sourceRepos: ['https://own'], syncWindows: [nightly] },
    });
    const plain = (await server.call('GET', `${path}/prod`)).body;
    expect(at(plain, 'spec.namespaceResourceBlacklist')).toBeUndefined();
  });

  it('say which of their own windows are active', async () => {
    const windowsAt = async (now: string, name = 'prod') => {
      server.clock.now = new Date(now);
      const { body } = await server.call('GET', `${path}/${name}/syncwindows`);
      server.clock.now = undefined;
      return at(body, 'windows');
    };
    const day = new Date().toISOString().slice(0, 10);
    expect(await windowsAt(`${day}T13:30:00Z`)).toEqual([nightly]);
    expect(await windowsAt(`${day}T15:30:00Z`)).toEqual([]);
    expect(await windowsAt(`${day}T15:30:00Z`, 'base')).toEqual([denyAll]);
    expect(await windowsAt(`${day}T15:30:00Z`, 'default')).toEqual([]);
  });

  it.each(['', '/detailed', '/globalprojects', '/syncwindows'])(
    'are not found where there is none: %s',
    async (view) => {
      expect(await server.call('GET', `${path}/ghost${view}`)).toMatchObject({
        status: 404,
        body: { code: 5, message: 'project "ghost" was not found; list the projects to see their names' },
      });
    },
  );
});
