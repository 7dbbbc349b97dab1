import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResourceStatus } from '../../../core/application/status.ts';
import { findApplication } from '../../../db/queries/application/application.ts';
import { createObservationStore } from '../../../db/queries/application/observed.ts';
import { takeSession } from '../../../db/queries/cluster/session.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { at, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';

let server: TestApi;
const path = '/api/v1/projects';
const open = {
  sourceRepos: ['*'],
  destinations: [{ server: '*', namespace: '*' }],
  clusterResourceWhitelist: [{ group: '*', kind: '*' }],
};

beforeAll(async () => {
  server = await startApi();
  for (const name of ['shop', 'base']) {
    expect((await server.call('POST', path, { project: { metadata: { name }, spec: open } })).status).toBe(
      200,
    );
  }
  const { clusterId } = server;
  const epoch = await takeSession(server.db, { clusterId, owner: 'test', version: '1' });
  const store = createObservationStore(server.db, { clusterId, epoch: epoch ?? 0 });
  for (const name of ['web', 'db']) {
    await server.call('POST', '/api/v1/applications', guestbook(name, { project: 'shop' }));
    const row = await findApplication(server.db, { namespace: 'argocd', name });
    if (row === undefined) throw new Error(`${name} is not there`);
    const observed = {
      syncStatus: 'Synced',
      healthStatus: 'Healthy',
      healthMessage: null,
      summary: {},
    } as const;
    await store.save(row, {
      observed: { ...observed, resources: resourcesOf(name) },
      conditions: { types: [], found: [] },
    });
  }
});
afterAll(() => server.close());

function resourcesOf(name: string): ResourceStatus[] {
  return [
    { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'demo', name, status: 'Synced' },
    {
      version: 'v1',
      kind: 'ConfigMap',
      namespace: 'demo',
      name,
      status: 'OutOfSync',
      health: { status: 'Missing' },
    },
    { version: 'v1', kind: 'Namespace', name: 'demo', status: 'Synced' },
  ];
}

const preview = (spec: unknown, name = 'shop') =>
  server.call('PUT', `${path}/${name}?dryRun=true`, { project: { metadata: { name }, spec } });

const rows = (list: unknown, ...fields: string[]): string[] =>
  (list as Record<string, string>[]).map((row) => fields.map((field) => row[field]).join(' '));

describe('a dry run of a project', () => {
  it('names the applications and the live objects that fall out, by rule and in the words of the refusal', async () => {
    const before = [(await server.call('GET', `${path}/shop`)).body, await listAudit(server.db, 1)];
    server.hints.length = 0;
    const { status, body } = await preview({
      ...open,
      sourceRepos: ['https://other'],
      clusterResourceWhitelist: [],
      namespaceResourceBlacklist: [{ group: 'apps', kind: '*' }],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      dryRun: true,
      project: { metadata: { name: 'shop' }, spec: { sourceRepos: ['https://other'] } },
      refusal: 'as a result of project update 2 applications source became invalid',
      applicationCount: 2,
      objectCount: 4,
    });
    expect(rows(at(body, 'applications'), 'applicationNamespace', 'application', 'part', 'rule')).toEqual([
      'argocd db source spec.sourceRepos',
      'argocd web source spec.sourceRepos',
    ]);
    expect(rows(at(body, 'objects'), 'application', 'group', 'kind', 'namespace', 'name', 'rule')).toEqual([
      'db apps Deployment demo db spec.namespaceResourceBlacklist[0]',
      'db  Namespace  demo spec.clusterResourceWhitelist',
      'web apps Deployment demo web spec.namespaceResourceBlacklist[0]',
      'web  Namespace  demo spec.clusterResourceWhitelist',
    ]);
    expect(rows(at(body, 'objects'), 'message')[0]).toBe(
      'resource apps:Deployment is not permitted in project shop',
    );
    expect([(await server.call('GET', `${path}/shop`)).body, await listAudit(server.db, 1)]).toEqual(before);
    expect(server.hints).toEqual([]);
  });

  it('has no refusal where only objects fall out, as saving has none', async () => {
    const { body } = await preview({ ...open, clusterResourceWhitelist: [] });
    expect(at(body, 'refusal')).toBeUndefined();
    expect([at(body, 'applicationCount'), at(body, 'objectCount')]).toEqual([0, 2]);
  });

  it('names what falls out of projects that inherit, which refuses nothing', async () => {
    const globalProjects = '- projectName: base\n';
    const configMaps = { 'argocd-cm': { globalProjects } };
    expect((await server.call('PUT', '/api/v1/keelson/settings', { configMaps })).status).toBe(200);
    await server.settings.reload();
    const { body } = await preview({ ...open, sourceRepos: ['!https://git.example.com/**'] }, 'base');
    expect(at(body, 'refusal')).toBeUndefined();
    expect(rows(at(body, 'applications'), 'project', 'application', 'rule')).toEqual([
      'shop db spec.sourceRepos[1]',
      'shop web spec.sourceRepos[1]',
    ]);
  });

  const elsewhere = { server: '*', namespace: '!demo' };

  it('is there for a creation too, of one that is new and of one that is there', async () => {
    const create = (name: string, spec: unknown, upsert = false) =>
      server.call('POST', `${path}?dryRun=true`, { project: { metadata: { name }, spec }, upsert });
    expect(await create('fresh', open)).toMatchObject({
      status: 200,
      body: {
        dryRun: true,
        project: { metadata: { name: 'fresh' }, spec: open },
        applicationCount: 0,
        objectCount: 0,
      },
    });
    expect((await server.call('GET', `${path}/fresh`)).status).toBe(404);
    expect(await create('shop', open)).toMatchObject({ status: 200, body: { applicationCount: 0 } });
    expect(await create('shop', { ...open, sourceRepos: [] })).toMatchObject({ status: 400 });
    expect(await create('shop', { ...open, destinations: [elsewhere] }, true)).toMatchObject({
      status: 200,
      body: {
        refusal: 'as a result of project update 2 applications destination became invalid',
        applicationCount: 2,
        objectCount: 2,
      },
    });
  });

  it('is refused as the change itself is: unseen versions, faults, none of that name', async () => {
    const project = { metadata: { name: 'shop', resourceVersion: '1' }, spec: open };
    expect((await server.call('PUT', `${path}/shop?dryRun=true`, { project })).status).toBe(409);
    expect((await preview({ sourceRepos: ['!*'] })).status).toBe(400);
    expect((await preview(open, 'ghost')).status).toBe(404);
  });
});
