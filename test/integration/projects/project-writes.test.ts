import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { updateProject } from '../../../control/project/write-project.ts';
import { KeelsonError } from '../../../core/errors.ts';
import type { AppProject } from '../../../core/project/project.ts';
import { readProject } from '../../../core/project/read-project.ts';
import { userInitiator } from '../../../core/sync/operation/initiator.ts';
import type { Database } from '../../../db/client.ts';
import type { Announcement } from '../../../db/listen.ts';
import { findApplication } from '../../../db/queries/application/application.ts';
import { createApplication } from '../../../db/queries/application/application-create.ts';
import { readDirty } from '../../../db/queries/application/refresh-request.ts';
import { removeCluster, saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { type AuditRow, listAudit } from '../../../db/queries/installation/audit.ts';
import { lockProject, removeProject } from '../../../db/queries/project/write-project.ts';
import { at, eventually, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

const path = '/api/v1/projects';
const everything = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] };

const named = (name: string, spec: Record<string, unknown> = everything, metadata = {}) => ({
  metadata: { name, ...metadata },
  spec,
});

async function create(name: string, spec?: Record<string, unknown>, metadata = {}): Promise<unknown> {
  const { status, body } = await server.call('POST', path, { project: named(name, spec, metadata) });
  expect([status, body]).toMatchObject([200, {}]);
  return body;
}

const put = (name: string, spec: unknown, metadata = {}) =>
  server.call('PUT', `${path}/${name}`, { project: { metadata: { name, ...metadata }, spec } });

const newest = async (): Promise<AuditRow | undefined> => (await listAudit(server.db, 1))[0];

/** An application in a project, and its row. */
async function applicationIn(project: string, name: string, spec: Record<string, unknown> = {}) {
  const { status } = await server.call('POST', '/api/v1/applications', guestbook(name, { project, ...spec }));
  expect(status).toBe(200);
  const row = await findApplication(server.db, { namespace: 'argocd', name });
  if (row === undefined) throw new Error(`${name} is not there`);
  return row;
}

describe('a project that is created', () => {
  it('is answered as it is, with an audit row, and announced to whoever listens', async () => {
    const heard: string[] = [];
    const { close } = server.connection.changes.listen({
      log: server.deps.log,
      onGap: () => heard.push('listening'),
      onChange: ({ topic, type }) => heard.push(`${type} ${topic}`),
    });
    await eventually('a connection', () => (heard.includes('listening') ? true : undefined));
    const labels = { team: 'a' };
    const body = await create('born', { ...everything, description: 'shop' }, { labels });
    expect(body).toMatchObject({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'born', namespace: 'argocd', labels, uid: expect.any(String) },
      spec: { ...everything, description: 'shop' },
      status: {},
    });
    expect(await newest()).toMatchObject({
      actor: 'admin',
      action: 'project.create',
      object: 'born',
      decision: 'allowed',
      beforeDigest: null,
      afterDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    await eventually('the announcement', () => (heard.includes('ADDED projects') ? true : undefined));
    await close();
    expect((await server.call('GET', `${path}/born`)).body).toEqual(body);
  });

  it('changes nothing when the same one comes again, and is not replaced by another unless that is asked for', async () => {
    const first = await create('twice', { ...everything, roles: [{ name: 'ci', policies: [] }] });
    const before = await newest();
    expect(await create('twice', { roles: [{ policies: [], name: 'ci' }], ...everything })).toEqual(first);
    const other = named('twice', { ...everything, sourceRepos: ['https://a'], description: 'x' });
    expect(await server.call('POST', path, { project: other })).toMatchObject({
      status: 400,
      body: {
        code: 3,
        message:
          'existing project spec is different; use upsert flag to force update; difference in keys "description,roles,sourceRepos"',
      },
    });
    expect(await newest()).toEqual(before);
    expect(await server.call('POST', path, { project: other, upsert: true })).toMatchObject({
      status: 200,
      body: { spec: other.spec, metadata: { uid: at(first, 'metadata.uid') } },
    });
    expect(await newest()).toMatchObject({ action: 'project.update', beforeDigest: before?.afterDigest });
  });

  it.each<[string, unknown, string]>([
    ['nothing', {}, "missing payload 'project' in request"],
    ['no object', { project: 'x' }, "missing payload 'project' in request"],
    [
      'all its faults at once',
      {
        project: named('Bad', {
          sourceRepos: ['!*'],
          destinations: [{ namespace: 'x' }],
          syncWindows: [{ kind: 'allow', schedule: '* * *', duration: '1h', applications: ['*'] }],
        }),
      },
      'error validating project: project is not valid: metadata.name',
    ],
    [
      'another namespace',
      { project: named('abroad', everything, { namespace: 'other' }) },
      'namespace "other"',
    ],
  ])('is refused with %s', async (_, body, words) => {
    const reply = await server.call('POST', path, body);
    expect([reply.status, at(reply.body, 'code')]).toEqual([400, 3]);
    expect(at(reply.body, 'message')).toContain(words);
    if (words.includes('metadata.name'))
      for (const field of ['sourceRepos[0]', 'destinations[0]', 'syncWindows[0]'])
        expect(at(reply.body, 'message')).toContain(`spec.${field}`);
  });

  it('has applications that waited for it looked at again', async () => {
    const row = await applicationIn('default', 'waiting');
    const dirty = await readDirty(server.db, row.id);
    await server.db.execute(`update applications set project = 'late' where name = 'waiting'`);
    await create('late');
    expect((await readDirty(server.db, row.id))?.generation).toBe((dirty?.generation ?? 0) + 1);
    expect(server.hints).toContainEqual({ call: 'refreshApplication', argument: row.id });
  });
});

describe('a project that is changed', () => {
  it('has its spec replaced, keeps what is left out beside it, and writes its policies in one way', async () => {
    const body = await create('changing', everything, { labels: { team: 'a' }, annotations: { note: 'x' } });
    const policies = ['p,proj:changing:ci,applications,get, changing/*,allow'];
    const spec = { sourceRepos: ['https://a'], roles: [{ name: 'ci', policies }] };
    const reply = await put('changing', spec, { annotations: {} });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        metadata: { labels: { team: 'a' } },
        spec: {
          sourceRepos: ['https://a'],
          roles: [{ name: 'ci', policies: ['p, proj:changing:ci, applications, get, changing/*, allow'] }],
        },
      },
    });
    expect(at(reply.body, 'metadata.annotations')).toBeUndefined();
    expect(at(reply.body, 'spec.destinations')).toBeUndefined();
    expect(Number(at(reply.body, 'metadata.resourceVersion'))).toBeGreaterThan(
      Number(at(body, 'metadata.resourceVersion')),
    );
    const audited = await newest();
    expect(audited).toMatchObject({ action: 'project.update', object: 'changing' });
    expect(audited?.beforeDigest).not.toBe(audited?.afterDigest);
    // The same again is no change.
    expect((await put('changing', at(reply.body, 'spec'))).body).toEqual(reply.body);
    expect(await newest()).toEqual(audited);
  });

  it('is written by one of two who have seen the same version, and the other one hears of it', async () => {
    const body = await create('raced');
    const metadata = { resourceVersion: at(body, 'metadata.resourceVersion') };
    const replies = await Promise.all(
      ['one', 'two'].map((description) => put('raced', { ...everything, description }, metadata)),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(replies.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 10,
      message: expect.stringContaining(
        'the object has been modified; please apply your changes to the latest',
      ),
    });
    const won = replies.find(({ status }) => status === 200);
    expect((await server.call('GET', `${path}/raced`)).body).toEqual(won?.body);
    // Who names no version wants it as it is: both are written, one after the other, each with what it was.
    const both = await Promise.all(
      ['three', 'four'].map((description) => put('raced', { ...everything, description })),
    );
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    const [last, first] = await listAudit(server.db, 2);
    expect(last?.beforeDigest).toBe(first?.afterDigest);
  });

  it('is not written where its applications would become invalid, in words that count them', async () => {
    const spec = { ...everything, sourceRepos: ['https://git.example.com/**', 'https://charts'] };
    await create('used', spec);
    await applicationIn('used', 'used-one');
    await applicationIn('used', 'used-two');
    const refused = async (narrower: Record<string, unknown>) =>
      at((await put('used', { ...spec, ...narrower })).body, 'message');
    const before = await newest();
    expect(await refused({ sourceRepos: ['https://other'] })).toBe(
      'as a result of project update 2 applications source became invalid',
    );
    expect(await refused({ sourceRepos: [], destinations: [{ server: '*', namespace: 'x' }] })).toBe(
      'as a result of project update 2 applications source became invalid and 2 applications destination became invalid',
    );
    expect(
      await server.call('POST', path, { project: named('used', { ...spec, sourceRepos: [] }), upsert: true }),
    ).toMatchObject({ status: 400 });
    expect(await newest()).toEqual(before);
    // What nobody uses can go, and an application without a cluster is invalid as it is.
    expect((await put('used', { ...spec, sourceRepos: ['https://git.example.com/**'] })).status).toBe(200);
    const lost = await saveCluster(server.db, server.keyring, {
      name: 'lost',
      server: 'https://lost',
      credentials: {},
    });
    await create('lost');
    await applicationIn('lost', 'lost', { destination: { server: 'https://lost', namespace: 'x' } });
    await removeCluster(server.db, lost.id);
    expect((await put('lost', { ...everything, destinations: [] })).status).toBe(200);
  });

  it('has its applications looked at again where its rules are others, and only then', async () => {
    await create('watched');
    const row = await applicationIn('watched', 'watched');
    const generation = async () => (await readDirty(server.db, row.id))?.generation ?? 0;
    const before = await generation();
    expect((await put('watched', { ...everything, description: 'x', roles: [{ name: 'ci' }] })).status).toBe(
      200,
    );
    expect(await generation()).toBe(before);
    // Kinds may be taken away from under applications: nothing is deleted by that, and no sync begins.
    server.hints.length = 0;
    const narrower = { ...everything, namespaceResourceWhitelist: [] };
    expect((await put('watched', narrower)).status).toBe(200);
    expect(await generation()).toBe(before + 1);
    expect(server.hints).toEqual([{ call: 'refreshApplication', argument: row.id }]);
  });

  it('is told to the sessions by its name, with those that inherit from it, and only where its rules are others', async () => {
    const heard: Announcement[] = [];
    const { close } = server.connection.changes.listen({
      log: server.deps.log,
      onGap: () => {},
      onChange: (change) => heard.push(change),
    });
    const globals = '- projectName: parent\n  labelSelector: {matchLabels: {of: parent}}\n';
    const words = { configMaps: { 'argocd-cm': { globalProjects: globals } } };
    expect((await server.call('PUT', '/api/v1/keelson/settings', words)).status).toBe(200);
    await create('parent', { ...everything, roles: [{ name: 'ci' }] });
    await create('heir', everything, { labels: { of: 'parent' } });
    await create('stranger');
    await eventually('all of them are heard', () =>
      heard.some(({ project }) => project === 'stranger') ? true : undefined,
    );
    const concerned = async (change: () => Promise<{ status: number }>) => {
      const from = heard.length;
      expect((await change()).status).toBe(200);
      await eventually('it is heard', () =>
        heard.slice(from).some(({ topic }) => topic === 'projects') ? true : undefined,
      );
      // What one transaction announces comes together; this comes after all of it.
      const end = heard.length;
      await create(`after-${end}`);
      await eventually('the next one is heard', () => (heard.length > end + 1 ? true : undefined));
      const rules = heard.slice(from).filter(({ topic }) => topic === 'rules');
      return rules.map(({ project }) => project).filter((project) => project !== `after-${end}`);
    };
    const roles = [{ name: 'ci' }];
    const denied = { ...everything, roles, namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }] };
    expect((await concerned(() => put('parent', denied))).sort()).toEqual(['heir', 'parent']);
    expect(await concerned(() => put('parent', { ...denied, description: 'x' }))).toEqual([]);
    const token = () => server.call('POST', `${path}/parent/roles/ci/token`, {});
    expect(await concerned(token)).toEqual([]);
    await close();
    await server.call('PUT', '/api/v1/keelson/settings', { configMaps: { 'argocd-cm': {} } });
  });

  it.each<[string, () => Promise<{ status: number; body: unknown }>, number, string]>([
    ['one that is not there', () => put('ghost', everything), 404, 'project "ghost" was not found'],
    [
      'another name than the path',
      () => server.call('PUT', `${path}/born`, { project: named('other') }),
      400,
      'make them the same',
    ],
    ['nothing', () => server.call('PUT', `${path}/born`, {}), 400, "missing payload 'project' in request"],
    ['a spec that is none', () => put('born', { sourceRepos: 'x' }), 400, 'spec.sourceRepos'],
  ])('is refused for %s', async (_, call, status, words) => {
    const reply = await call();
    expect(reply.status).toBe(status);
    expect(at(reply.body, 'message')).toContain(words);
  });

  it('needs the right to what it adds beside the right to the project', async () => {
    await create('rights');
    const attempt = async (spec: Record<string, unknown>, missing: string): Promise<unknown> => {
      const asked: string[] = [];
      const actor = {
        by: userInitiator('dev'),
        address: '',
        require: ({ resource, action, object }: { resource: string; action: string; object: string }) => {
          asked.push(`${resource}, ${action}, ${object}`);
          if (resource === missing) throw new KeelsonError('forbidden', `permission denied: ${resource}`);
        },
      };
      const project = readProject({
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'AppProject',
        ...named('rights', spec),
      });
      const error = await updateProject(server.deps, actor, project.value as AppProject).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      return [asked, error instanceof KeelsonError ? error.message : error];
    };
    const before = await newest();
    expect(await attempt({ ...everything, sourceRepos: ['*', 'https://a'] }, 'repositories')).toEqual([
      ['projects, update, rights', 'repositories, update, https://a'],
      'permission denied: repositories',
    ]);
    expect(
      await attempt({ ...everything, destinations: [{ name: 'b', namespace: '*' }] }, 'clusters'),
    ).toEqual([['projects, update, rights', 'clusters, update, b'], 'permission denied: clusters']);
    expect(await attempt(everything, 'projects')).toEqual([
      ['projects, update, rights'],
      'permission denied: projects',
    ]);
    expect(await newest()).toEqual(before);
  });
});

describe('a project that is deleted', () => {
  it.each<[string, string, number, string]>([
    ['the one that has to be there', 'default', 400, "name 'default' is reserved and cannot be deleted"],
    ['one that applications use', 'used', 400, 'project is referenced by 2 applications'],
    ['one that is not there', 'ghost', 404, 'project "ghost" was not found'],
  ])('stays: %s', async (_, name, status, message) => {
    const reply = await server.call('DELETE', `${path}/${name}`);
    expect([reply.status, at(reply.body, 'message')]).toEqual([status, expect.stringContaining(message)]);
  });

  it('is gone, with an audit row of what it was', async () => {
    await create('leaving');
    const created = await newest();
    expect(await server.call('DELETE', `${path}/leaving`)).toMatchObject({ status: 200, body: {} });
    expect(await newest()).toMatchObject({
      action: 'project.delete',
      object: 'leaving',
      beforeDigest: created?.afterDigest,
      afterDigest: null,
    });
    expect((await server.call('GET', `${path}/leaving`)).status).toBe(404);
    expect((await server.call('DELETE', `${path}/leaving`)).status).toBe(404);
  });

  /** How many statements of others wait for a lock. */
  const waiting = async (): Promise<number> => {
    const { rows } = await server.db.execute<{ count: number }>(sql`
      select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`);
    return rows[0]?.count ?? 0;
  };

  /** Has something go on in a transaction that ends only once somebody waits for it; answers with what that one got. */
  async function meanwhile<Answer>(
    begin: (tx: Database) => Promise<unknown>,
    other: () => Promise<Answer>,
  ): Promise<Answer> {
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const first = server.db.transaction(async (tx) => {
      await begin(tx);
      begun.resolve();
      await end.promise;
    });
    await begun.promise;
    const second = other();
    await eventually('the other one waits', async () => ((await waiting()) > 0 ? true : undefined));
    end.resolve();
    await first;
    return second;
  }

  const removes = async (tx: Database): Promise<void> => {
    const row = await lockProject(tx, 'doomed');
    if (row !== undefined) await removeProject(tx, row);
  };
  const refused = {
    status: 400,
    body: { message: expect.stringContaining('application references project doomed which does not exist') },
  };

  it('leaves no application without a project that is created at the same moment', async () => {
    await create('doomed');
    const application = guestbook('racer', { project: 'doomed' });
    const creates = () => server.call('POST', '/api/v1/applications', application);
    expect(await meanwhile(removes, creates)).toMatchObject(refused);
    expect(await findApplication(server.db, { namespace: 'argocd', name: 'racer' })).toBeUndefined();
  });

  it('leaves none without a project that is moved into it at the same moment', async () => {
    await create('doomed');
    await applicationIn('default', 'mover');
    const moved = guestbook('mover', { project: 'doomed' });
    const moves = () => server.call('PUT', '/api/v1/applications/mover', moved);
    expect(await meanwhile(removes, moves)).toMatchObject(refused);
    expect(await findApplication(server.db, { namespace: 'argocd', name: 'mover' })).toMatchObject({
      project: 'default',
    });
  });

  it('stays where an application is created in it at the same moment', async () => {
    await create('joined');
    const row = await applicationIn('default', 'model');
    const { namespace, labels, annotations, finalizers } = row;
    const spec = { ...row.spec, project: 'joined' };
    const creates = (tx: Database) =>
      createApplication(tx, {
        ...{ namespace, labels, annotations, finalizers, spec, name: 'joiner', project: 'joined' },
        ...{ repositories: [], inProject: true },
        audit: { actor: 'somebody', action: 'application.create', object: 'joined/joiner' },
      });
    expect(await meanwhile(creates, () => server.call('DELETE', `${path}/joined`))).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('project is referenced by 1 applications') },
    });
  });
});
