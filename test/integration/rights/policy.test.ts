import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicySource } from '../../../db/policy-source.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { projects } from '../../../db/schema/project.ts';
import { at, eventually, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import {
  projectWithRole,
  putPolicies,
  putProject,
  roleToken,
  signRoleToken,
} from '../../support/keelson/api/rights.ts';

let server: TestApi;
let other: TestApi;
beforeAll(async () => {
  server = await startApi();
  other = await startApi({ beside: server });
  await putProject(server, 'team', projectWithRole('team', 'ci', ['applications, get, team/*, allow']));
  const made = await server.call('POST', '/api/v1/applications', guestbook('web', { project: 'team' }));
  expect(made.status).toBe(200);
});
afterAll(async () => {
  await other.close();
  await server.close();
});

/** What a token may do, by the server itself. */
async function canI(token: string, right: string, on: TestApi = server): Promise<unknown> {
  const reply = await on.api.request(`/api/v1/account/can-i/${right}`, { headers: { token } });
  return at(await reply.json(), 'value');
}

const statusOf = async (token: string, path: string, on: TestApi = server): Promise<number> =>
  (await on.api.request(path, { headers: { token } })).status;

const web = '/api/v1/applications/web';

describe('a token of a project’s role', () => {
  it('may do what its role is granted, in its project, on every server', async () => {
    const token = await roleToken(server, 'team', 'ci');
    for (const one of [server, other]) {
      await one.deps.policy.reload();
      expect(await statusOf(token, web, one)).toBe(200);
      expect(await canI(token, 'applications/sync/team/web', one)).toBe('no');
      expect(await canI(token, 'projects/get/team', one)).toBe('yes');
      expect(await canI(token, 'projects/get/default', one)).toBe('no');
      expect(await canI(token, 'applications/get/default/web', one)).toBe('no');
    }
    const info = await server.api.request('/api/v1/session/userinfo', { headers: { token } });
    expect(await info.json()).toEqual({
      loggedIn: true,
      username: 'proj:team:ci',
      iss: 'argocd',
      groups: [],
    });
  });

  it('counts for as long as it is recorded, and to its end, on every server at once', async () => {
    const token = await roleToken(server, 'team', 'ci', { id: 'first' });
    expect(await statusOf(token, web, other)).toBe(200);
    const { spec } = (await server.db.select().from(projects)).find(({ name }) => name === 'team') ?? {};
    await putProject(server, 'team', spec ?? {}, { jwtTokensByRole: { ci: { items: [] } } });
    for (const one of [server, other]) expect(await statusOf(token, web, one)).toBe(401);
    const over = await server.api.request(web, { headers: { token } });
    expect(at(await over.json(), 'message')).toBe(
      'invalid session: its token is not one of its project any more; ask for a new token',
    );
    const exp = Math.floor(Date.now() / 1000) + 60;
    const ending = await roleToken(server, 'team', 'ci', { id: 'second', exp });
    expect(await statusOf(ending, web)).toBe(200);
    server.clock.now = new Date((exp + 1) * 1000);
    expect(await statusOf(ending, web)).toBe(401);
    server.clock.now = undefined;
  });

  it.each([
    ['of another id than is recorded', 'proj:team:ci', 'made-up'],
    ['of a role that is not there', 'proj:team:ops', 'token'],
    ['of a project that is not there', 'proj:ghost:ci', 'token'],
    ['of no known kind', 'admin:apiKey', 'token'],
    ['of a login of no account', 'proj:team:ci:login', 'token'],
  ])('counts for nothing when it is %s', async (_, subject, id) => {
    await roleToken(server, 'team', 'ci');
    const forged = await signRoleToken(server, { subject, id, iat: Math.floor(Date.now() / 1000) });
    expect(await statusOf(forged, web)).toBe(401);
  });

  it('is no login that could be ended, nor a password of its own', async () => {
    const token = await roleToken(server, 'team', 'ci');
    const send = (method: string, path: string, body?: object) =>
      server.api.request(path, {
        method,
        headers: { token, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const ended = await send('DELETE', '/api/v1/session');
    expect([ended.status, at(await ended.json(), 'message')]).toEqual([
      400,
      "token of a project's role is no login to end; take the token off its project's role",
    ]);
    const passwords = { currentPassword: server.adminPassword, newPassword: 'another-password' };
    expect((await send('PUT', '/api/v1/account/password', passwords)).status).toBe(403);
    expect((await send('PUT', '/api/v1/account/password', { ...passwords, name: 'admin' })).status).toBe(403);
    await putPolicies(server, { 'policy.default': 'role:admin' });
    await server.deps.policy.reload();
    const refused = await send('PUT', '/api/v1/account/password', passwords);
    expect([refused.status, at(await refused.json(), 'message')]).toEqual([
      400,
      "token of a project's role is no login whose password could be asked for; log in to change one",
    ]);
    await putPolicies(server, {});
    await server.deps.policy.reload();
    expect(await statusOf(token, web)).toBe(200);
  });
});

describe('the policy in force', () => {
  it('follows settings and roles on every server, and counts what it was', async () => {
    const token = await roleToken(server, 'team', 'ci');
    await putPolicies(server, { 'policy.csv': 'p, proj:team:ci, applications, sync, team/*, allow' });
    expect(await canI(token, 'applications/sync/team/web')).toBe('yes');
    await eventually('the other server has heard', async () =>
      (await canI(token, 'applications/sync/team/web', other)) === 'yes' ? true : undefined,
    );
    const { epoch } = server.deps.policy.current();
    await putPolicies(server, { 'policy.default': 'role:readonly' });
    expect(server.deps.policy.current().epoch).toBe(epoch + 1);
    expect(await canI(token, 'applications/sync/team/web')).toBe('no');
    expect(await canI(token, 'clusters/get/https:%2F%2Fany')).toBe('yes');
    await putPolicies(server, {});
    expect(await canI(token, 'clusters/get/https:%2F%2Fany')).toBe('no');
  });

  it('is compiled anew for a role, not for a token', async () => {
    const token = await roleToken(server, 'team', 'ci', { id: 'a' });
    await server.deps.policy.reload();
    const { epoch } = server.deps.policy.current();
    const next = await roleToken(server, 'team', 'ci', { id: 'b' });
    await server.deps.policy.reload();
    expect(server.deps.policy.current().epoch).toBe(epoch);
    expect([await statusOf(token, web), await statusOf(next, web)]).toEqual([401, 200]);
    await putProject(server, 'team', projectWithRole('team', 'ci', ['applications, *, team/*, allow']), {
      jwtTokensByRole: { ci: { items: [{ id: 'b', iat: 0 }] } },
    });
    await eventually('the role is known', async () =>
      (await canI(next, 'applications/delete/team/web')) === 'yes' ? true : undefined,
    );
  });

  it('leaves bad lines out, names them, and grants nothing new until they are mended', async () => {
    const line = (action: string) => `p, proj:team:ci, clusters, ${action}, team/*, allow`;
    const token = await roleToken(server, 'team', 'ci');
    await putPolicies(server, { 'policy.csv': [line('get'), line('update')].join('\n') });
    const slip = [line('get'), 'p, broken', line('delete')].join('\n');
    await expect(putPolicies(server, { 'policy.csv': slip })).rejects.toThrow(
      'argocd-rbac-cm: policy.csv: line 2 has 2 fields, not 6',
    );
    await putPolicies(server, { 'policy.csv': slip }, { partial: true });
    const { body } = await server.call('GET', '/api/v1/keelson/settings');
    expect(at(body, 'problems.0')).toMatchObject({ key: 'policy.csv', weight: 'invalid' });
    const rights = (on: TestApi) =>
      Promise.all(['get', 'update', 'delete'].map((action) => canI(token, `clusters/${action}/team/x`, on)));
    // What stays stays, what was taken away is, and what is new waits.
    expect(await rights(server)).toEqual(['yes', 'no', 'no']);
    const late = await startApi({ beside: server });
    expect(await rights(late)).toEqual(['yes', 'no', 'no']);
    await late.close();
    await putPolicies(server, { 'policy.csv': [line('get'), line('delete')].join('\n') });
    expect(await rights(server)).toEqual(['yes', 'no', 'yes']);
  });

  it('is bounded by the good roles of a project on a server that is started after a slip', async () => {
    const line = (action: string, effect = 'allow') =>
      `p, proj:slips:ci, applications, ${action}, slips/*, ${effect}`;
    const spec = (...policies: string[]) => ({
      ...projectWithRole('slips', 'ci', []),
      roles: [{ name: 'ci', policies }],
    });
    await putProject(server, 'slips', spec(line('*'), line('delete', 'deny')));
    const token = await roleToken(server, 'slips', 'ci');
    const write = (policies: readonly string[]) =>
      server.deps.projects.change('slips', async ({ labels, annotations, finalizers, status }) => ({
        kind: 'replace',
        write: { labels, annotations, finalizers, status, spec: spec(...policies) },
        audit: { actor: 'somebody', action: 'project.update', object: 'slips' },
        concerned: [],
      }));
    const rights = (on: TestApi) =>
      Promise.all(
        ['get', 'sync', 'delete'].map((action) => canI(token, `applications/${action}/slips/x`, on)),
      );
    // Written by somebody past the API, which refuses such a line.
    await write([line('*'), line('delete', 'dney')]);
    await server.deps.policy.reload();
    expect(await rights(server)).toEqual(['yes', 'yes', 'no']);
    await write([line('get'), line('delete'), line('delete', 'dney')]);
    const late = await startApi({ beside: server });
    await server.deps.policy.reload();
    for (const one of [server, late]) expect(await rights(one)).toEqual(['yes', 'no', 'no']);
    await late.close();
    await write([line('get'), line('delete')]);
    await server.deps.policy.reload();
    expect(await rights(server)).toEqual(['yes', 'no', 'yes']);
  });

  it('stays as it is when roles can not be read, and follows what nobody announced', async () => {
    const said: string[] = [];
    const log = { ...server.deps.log, warn: (_: unknown, message: string) => void said.push(message) };
    const { db, settings } = server.deps;
    const { changes } = server.connection;
    const source = await openPolicySource({ db, changes, settings, log, pollMilliseconds: 50 });
    const before = source.current();
    await db.execute(sql`alter table projects rename to projects_away`);
    await eventually('it is said', () => said.find((message) => message.includes('those in force stay')));
    expect(source.current()).toBe(before);
    await db.execute(sql`alter table projects_away rename to projects`);
    await db.insert(projects).values({ name: 'silent', spec: { roles: [{ name: 'r' }, 7] } });
    await eventually('the project is known', () =>
      source.current().compiled.projects.has('silent') ? true : undefined,
    );
    expect(source.current().compiled.issues).toEqual([
      { path: expect.stringMatching(/^project silent, roles\[1\]/), message: expect.any(String) },
    ]);
    expect(said.at(-1)).toBe('lines of policies can not be read and are left out');
    await source.close();
    await db.delete(projects).where(eq(projects.name, 'silent'));
  });
});

describe('the local account', () => {
  it('has its rights by the built-in policy, which others can deny', async () => {
    await putPolicies(server, { 'policy.csv': 'p, role:admin, gpgkeys, create, *, deny' });
    const { body } = await server.call('GET', '/api/v1/account/can-i/gpgkeys/create/x');
    expect(body).toEqual({ value: 'no' });
    const own = await server.call('GET', '/api/v1/account/can-i/settings/update/x');
    expect(own.body).toEqual({ value: 'yes' });
    await putPolicies(server, {});
    expect((await listAudit(server.db, 1))[0]).toMatchObject({ action: 'settings.update' });
  });
});
