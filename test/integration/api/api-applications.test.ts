import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findApplication } from '../../../db/queries/application/application.ts';
import { readDirty } from '../../../db/queries/application/refresh-request.ts';
import { saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { liveOperation } from '../../../db/queries/operation/operation.ts';
import { endOperation } from '../../../db/queries/operation/operation-life.ts';
import { findRepository } from '../../../db/queries/repository/repository.ts';
import { dirty as dirtyTable } from '../../../db/schema/application.ts';
import {
  at,
  eventually,
  guestbook,
  inClusterServer,
  startApi,
  type TestApi,
} from '../../support/keelson/api/api.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

const path = '/api/v1/applications';

async function create(name: string, spec: Record<string, unknown> = {}, labels?: Record<string, string>) {
  const application = guestbook(name, spec);
  const reply = await server.call('POST', path, {
    ...application,
    metadata: { ...application.metadata, ...(labels === undefined ? {} : { labels }) },
  });
  expect(reply.status).toBe(200);
  return reply.body;
}

async function rowOf(name: string) {
  const row = await findApplication(server.db, { namespace: 'argocd', name });
  if (row === undefined) throw new Error(`${name} is not there`);
  return row;
}

describe('api/routes/application-changes', () => {
  test('a created application is stored, due for a refresh, and its repository known', async () => {
    const body = await create('first');
    expect(body).toMatchObject({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'first', namespace: 'argocd', generation: 1 },
      status: { sync: { status: 'Unknown' }, health: { status: 'Unknown' } },
    });
    const row = await rowOf('first');
    expect(at(body, 'metadata.uid')).toBe(row.id);
    expect(row.clusterId).toBe(server.clusterId);
    expect(await readDirty(server.db, row.id)).toMatchObject({ generation: 1, comparedGeneration: 0 });
    expect(await findRepository(server.db, 'https://git.example.com/team/deploy.git')).toMatchObject({
      type: 'git',
    });
    expect(server.hints).toContainEqual({ call: 'refreshApplication', argument: row.id });
    expect(server.hints).toContainEqual({ call: 'ensureClusterSession', argument: server.clusterId });
    expect((await listAudit(server.db, 1))[0]).toMatchObject({
      actor: 'admin',
      action: 'application.create',
      object: 'default/first',
    });
  });

  test('the same application again is answered as it is; a different one needs upsert', async () => {
    const created = await create('again');
    expect(await create('again')).toEqual(created);
    const different = guestbook('again', { destination: { server: inClusterServer, namespace: 'other' } });
    const refused = await server.call('POST', path, different);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({
      code: 3,
      message: 'existing application spec is different, use upsert flag to force update',
    });
    const changed = await server.call('POST', `${path}?upsert=true`, different);
    expect(changed.body).toMatchObject({
      metadata: { generation: 2, uid: at(created, 'metadata.uid') },
      spec: { destination: { namespace: 'other' } },
    });
    expect(Number(at(changed.body, 'metadata.resourceVersion'))).toBeGreaterThan(
      Number(at(created, 'metadata.resourceVersion')),
    );
  });

  test('creations of one name at once leave one application with one audit row and its repositories', async () => {
    const url = (name: string) => `https://git.example.com/race/${name}.git`;
    const spec = (path: string) => ({
      source: undefined,
      sources: [
        { repoURL: url('b'), path },
        { repoURL: url('a'), chart: 'guestbook', targetRevision: '1.0.0' },
      ],
    });
    const replies = await Promise.all(
      ['x', 'x', 'y', 'y'].map((which) => server.call('POST', path, guestbook('race', spec(which)))),
    );
    const done = replies.filter(({ status }) => status === 200);
    expect(done).toHaveLength(2);
    expect(new Set(done.map(({ body }) => at(body, 'metadata.uid'))).size).toBe(1);
    for (const { status, body } of replies.filter((reply) => !done.includes(reply))) {
      expect(status).toBe(400);
      expect(at(body, 'message')).toContain('existing application spec is different');
    }
    const audited = await listAudit(server.db, 10);
    expect(audited.filter(({ object }) => object === 'default/race')).toHaveLength(1);
    expect(await findRepository(server.db, url('a'))).toMatchObject({
      type: 'helm',
      urlKey: url('a').slice(0, -4),
    });
    expect(await findRepository(server.db, url('b'))).toMatchObject({ type: 'git' });
    expect(await readDirty(server.db, (await rowOf('race')).id)).toMatchObject({ generation: 1 });
  });

  test('an unknown cluster, project and a bad repository URL are all named at once', async () => {
    const { status, body } = await server.call(
      'POST',
      path,
      guestbook('wrong', {
        project: 'ghost',
        source: { repoURL: 'https://user:canary-password@git.example.com/x.git', path: '.' },
        destination: { server: 'https://nowhere.example.com', namespace: 'demo' },
      }),
    );
    expect(status).toBe(400);
    const message = String(at(body, 'message'));
    expect(message).toContain('application references project ghost which does not exist');
    expect(message).toContain('there are no clusters with this server: server "https://nowhere.example.com"');
    expect(message).toContain('spec.source.repoURL: carries a password');
    expect(message).not.toContain('canary-password');
    expect((await server.call('GET', `${path}?name=wrong`)).body).toMatchObject({ items: [] });
  });

  test('a malformed application is refused with every issue', async () => {
    const { status, body } = await server.call('POST', path, {
      metadata: { name: 'Bad Name' },
      spec: { destination: {} },
    });
    expect(status).toBe(400);
    for (const issue of ['metadata.name', 'spec.source', 'spec.destination']) {
      expect(at(body, 'message')).toContain(`${issue}:`);
    }
  });

  test('without validation an application may wait for its cluster', async () => {
    const server1 = 'https://later.example.com';
    const spec = { destination: { server: server1, namespace: 'demo' } };
    const reply = await server.call('POST', `${path}?validate=false`, guestbook('waiting', spec));
    expect(reply.status).toBe(200);
    expect((await rowOf('waiting')).clusterId).toBeNull();
    const synced = await server.call('POST', `${path}/waiting/sync`, {});
    expect(synced).toMatchObject({ status: 400, body: { code: 9 } });
    const cluster = await saveCluster(server.db, server.keyring, {
      name: 'later',
      server: `${server1}/`,
      credentials: {},
    });
    expect((await rowOf('waiting')).clusterId).toBe(cluster.id);
  });

  test('PUT replaces spec and metadata, PUT spec only the spec', async () => {
    await create('put', {}, { team: 'a' });
    const replaced = await server.call('PUT', `${path}/put`, guestbook('put', { revisionHistoryLimit: 3 }));
    expect(replaced.body).toMatchObject({ spec: { revisionHistoryLimit: 3 } });
    expect(at(replaced.body, 'metadata.labels')).toBeUndefined();
    const { spec } = guestbook('put', { revisionHistoryLimit: 5 });
    expect((await server.call('PUT', `${path}/put/spec`, spec)).body).toMatchObject({
      revisionHistoryLimit: 5,
    });
    const other = await server.call('PUT', `${path}/put`, guestbook('other'));
    expect(other).toMatchObject({ status: 400, body: { code: 3 } });
  });

  test('a merge patch changes what it names, a JSON patch what it points at, and numbers keep their digits', async () => {
    await create('patched', {
      syncPolicy: { automated: { prune: true }, syncOptions: ['CreateNamespace=true'] },
    });
    const patch = { spec: { syncPolicy: { automated: null } }, metadata: { labels: { team: 'b' } } };
    const { body } = await server.call('PATCH', `${path}/patched`, {
      patchType: 'merge',
      patch: JSON.stringify(patch),
    });
    expect(at(body, 'spec.syncPolicy')).toEqual({ syncOptions: ['CreateNamespace=true'] });
    expect(at(body, 'metadata.labels')).toEqual({ team: 'b' });
    const operations =
      '[{"op":"test","path":"/metadata/labels/team","value":"b"},' +
      '{"op":"add","path":"/spec/syncPolicy/syncOptions/-","value":"Validate=false"},' +
      '{"op":"add","path":"/spec/source/helm","value":{"valuesObject":{"n":9007199254740993}}}]';
    const pointed = await server.call('PATCH', `${path}/patched`, { patch: operations });
    expect(at(pointed.body, 'spec.syncPolicy.syncOptions')).toEqual([
      'CreateNamespace=true',
      'Validate=false',
    ]);
    const { spec } = await rowOf('patched');
    expect(at(spec, 'source.helm.valuesObject.n')).toBe(9_007_199_254_740_993n);
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    for (const wrong of [deep, deep.replace('1}', '9007199254740993}'), '{"spec":{"__proto__":{"a":1}}}']) {
      const refused = await server.call('PATCH', `${path}/patched`, { patchType: 'merge', patch: wrong });
      expect(refused).toMatchObject({ status: 400, body: { code: 3 } });
    }
    for (const wrong of ['[{"op":"remove","path":"/spec/nothing"}]', '{}', '[{"op":"remove"}]', '[1', '1']) {
      const refused = await server.call('PATCH', `${path}/patched`, { patchType: 'json', patch: wrong });
      expect(refused).toMatchObject({ status: 400, body: { code: 3 } });
    }
    const unknown = await server.call('PATCH', `${path}/patched`, { patchType: 'strategic', patch: '{}' });
    expect(unknown).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('"strategic" is not supported; use "json" or "merge"') },
    });
    const rename = { patchType: 'merge', patch: '{"metadata":{"name":"else"}}' };
    expect((await server.call('PATCH', `${path}/patched`, rename)).status).toBe(400);
  });
});

describe('api/routes/applications', () => {
  test('the list is sorted, filtered, and cut down to the wanted fields', async () => {
    await create('list-b', {}, { team: 'lists', tier: 'web' });
    await create('list-a', {}, { team: 'lists', tier: 'db' });
    const names = async (query: string) => {
      const { body } = await server.call('GET', `${path}?${query}`);
      return (at(body, 'items') as unknown[]).map((item) => at(item, 'metadata.name'));
    };
    expect(await names('selector=team%3Dlists')).toEqual(['list-a', 'list-b']);
    expect(await names('selector=team%3Dlists,tier%20notin%20(db)')).toEqual(['list-b']);
    expect(await names('name=list-b')).toEqual(['list-b']);
    expect(await names('projects=ghost')).toEqual([]);
    expect(await names('selector=team%3Dlists&projects=default&projects=ghost')).toEqual([
      'list-a',
      'list-b',
    ]);
    expect(await names('selector=team%3Dlists&repo=https://git.example.com/none.git')).toEqual([]);

    const { body } = await server.call(
      'GET',
      `${path}?name=list-a&fields=items.metadata.name,items.spec.source`,
    );
    expect(body).toMatchObject({ metadata: { resourceVersion: expect.stringMatching(/^\d+$/) } });
    expect(at(body, 'items')).toEqual([
      {
        metadata: { name: 'list-a' },
        spec: { source: { repoURL: 'https://git.example.com/team/deploy.git', path: 'guestbook' } },
      },
    ]);
    expect((await server.call('GET', `${path}?selector=a%20b`)).status).toBe(400);
  });

  test('a missing application looks forbidden, unless its project is named', async () => {
    expect(await server.call('GET', `${path}/missing`)).toMatchObject({
      status: 403,
      body: { code: 7, message: 'permission denied' },
    });
    await create('here');
    expect(await server.call('GET', `${path}/missing?project=default`)).toMatchObject({
      status: 404,
      body: { code: 5 },
    });
    expect(await server.call('GET', `${path}/here?project=ghost`)).toMatchObject({ status: 404 });
    expect(await server.call('GET', `${path}/here?project=default&fields=metadata.name`)).toMatchObject({
      status: 200,
      body: { metadata: { name: 'here' } },
    });
    expect((await server.call('GET', `${path}/here?project=a&project=b`)).status).toBe(400);
  });

  test('refresh answers when the comparison has reached its generation, and not before', async () => {
    await create('fresh');
    const row = await rowOf('fresh');
    let answered = false;
    const reply = server.call('GET', `${path}/fresh?refresh=hard`).finally(() => {
      answered = true;
    });
    const dirty = await eventually('the refresh is asked for', async () => {
      const found = await readDirty(server.db, row.id);
      return found !== undefined && found.generation > 1 ? found : undefined;
    });
    expect(dirty.hard).toBe(1);
    await compared(row.id, dirty.generation - 1);
    let reads = 0;
    const count = () => (reads += 1);
    server.connection.pool.on('acquire', count);
    await eventually('the row is read twice more', () => (reads >= 2 ? true : undefined));
    server.connection.pool.off('acquire', count);
    expect(answered).toBe(false);
    await compared(row.id, dirty.generation);
    expect((await reply).status).toBe(200);
    expect(server.hints).toContainEqual({ call: 'refreshApplication', argument: row.id });
  });
});

/** A session's answer to a refresh request. */
async function compared(applicationId: string, comparedGeneration: number): Promise<void> {
  await server.db
    .update(dirtyTable)
    .set({ comparedGeneration })
    .where(eq(dirtyTable.applicationId, applicationId));
}

describe('api/routes/application-delete', () => {
  test('a cascading deletion becomes an operation and keeps the application until it is done', async () => {
    await create('cascade');
    const row = await rowOf('cascade');
    const reply = await server.call('DELETE', `${path}/cascade?propagationPolicy=background`);
    expect(reply).toMatchObject({ status: 200, body: {} });
    const operation = await liveOperation(server.db, row.id);
    expect(operation).toMatchObject({
      kind: 'delete',
      phase: 'Requested',
      initiatedBy: { username: 'admin' },
    });
    expect((await server.call('GET', `${path}/cascade`)).body).toMatchObject({
      metadata: {
        deletionTimestamp: expect.stringMatching(/Z$/),
        finalizers: ['resources-finalizer.argocd.argoproj.io/background'],
      },
    });
    expect(server.hints).toContainEqual({
      call: 'startOperation',
      argument: { id: operation?.id, applicationId: row.id, kind: 'delete', clusterId: server.clusterId },
    });
    // Asked for twice, it is still one deletion, and nothing can be synced any more.
    expect((await server.call('DELETE', `${path}/cascade`)).status).toBe(200);
    expect((await server.call('POST', `${path}/cascade/sync`, {})).status).toBe(400);
  });

  test('a deletion stops the running sync and follows it', async () => {
    await create('busy');
    const row = await rowOf('busy');
    await server.call('POST', `${path}/busy/sync`, {});
    const sync = await liveOperation(server.db, row.id);
    const reply = server.call('DELETE', `${path}/busy`);
    await eventually('the sync is told to stop', async () => {
      const live = await liveOperation(server.db, row.id);
      return live?.phase === 'Terminating' ? live : undefined;
    });
    await endOperation(
      server.db,
      { id: sync?.id ?? '', applicationId: row.id, clusterId: null },
      {
        phase: 'Failed',
        message: 'Operation terminated',
        inHistory: false,
      },
    );
    expect((await reply).status).toBe(200);
    expect(await liveOperation(server.db, row.id)).toMatchObject({ kind: 'delete' });
  });

  test('without cascade the application goes at once and no operation is made', async () => {
    await create('alone');
    const row = await rowOf('alone');
    expect((await server.call('DELETE', `${path}/alone?cascade=false`)).status).toBe(200);
    expect(await findApplication(server.db, { namespace: 'argocd', name: 'alone' })).toBeUndefined();
    expect(await liveOperation(server.db, row.id)).toBeUndefined();
  });

  test('contradictory and unknown policies are refused', async () => {
    await create('policy');
    for (const query of [
      'cascade=false&propagationPolicy=background',
      'propagationPolicy=orphan',
      'cascade=maybe',
    ]) {
      expect(await server.call('DELETE', `${path}/policy?${query}`)).toMatchObject({
        status: 400,
        body: { code: 3 },
      });
    }
    expect((await rowOf('policy')).deletionRequestedAt).toBeNull();
  });
});
