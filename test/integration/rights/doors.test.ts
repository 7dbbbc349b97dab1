import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { findRepository, saveRepository } from '../../../db/queries/repository/repository.ts';
import { at, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { projectWithRole, putPolicies, putProject, roleToken } from '../../support/keelson/api/rights.ts';
import { layProjects, other, team } from '../../support/keelson/api/two-projects.ts';

let server: TestApi;
let token: string;
beforeAll(async () => {
  server = await startApi();
  await layProjects(server);
  // A role with nothing of its own: what it may do is what a case grants it.
  await putProject(server, 'bare', projectWithRole('bare', 'plain', []));
  token = await roleToken(server, 'bare', 'plain');
});
afterAll(() => server.close());

const web = `/api/v1/applications/${team.application}`;

/** Grants these rights by the default role, and nothing else. */
const grant = (...lines: readonly string[]): Promise<void> =>
  putPolicies(server, {
    'policy.default': 'role:now',
    'policy.csv': lines
      .map((line) => `p, role:now, ${line}${/(allow|deny)$/.test(line) ? '' : ', allow'}`)
      .join('\n'),
  });

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const reply = await server.api.request(path, {
    method,
    headers: { token, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: await reply.json() };
}

const get = `applications, get, ${team.project}/*`;
const right = (action: string, project = team.project): string => `applications, ${action}, ${project}/*`;
const moved = (project: string) => guestbook(team.application, { project });
const encoded = encodeURIComponent;

type Case = readonly [
  what: string,
  rights: readonly string[],
  request: readonly [method: string, path: string, body?: unknown],
  /** 400 and 409 come from what is asked for: the right was there. */
  status: number,
];

const cases: readonly Case[] = [
  ['rollback by its own right', [get, right('rollback')], ['POST', `${web}/rollback`, { id: 1 }], 400],
  ['rollback by the right to sync', [get, right('sync')], ['POST', `${web}/rollback`, { id: 1 }], 400],
  [
    'rollback that a line denies',
    [get, right('sync'), `${right('rollback')}, deny`],
    ['POST', `${web}/rollback`, { id: 1 }],
    403,
  ],
  ['rollback by neither', [get, right('override')], ['POST', `${web}/rollback`, { id: 1 }], 403],
  [
    'sync of manifests without override',
    [get, right('sync')],
    ['POST', `${web}/sync`, { manifests: ['{}'] }],
    403,
  ],
  [
    'sync of manifests with override',
    [get, right('sync'), right('override')],
    ['POST', `${web}/sync`, { manifests: ['{}'] }],
    400,
  ],
  ['override without sync', [get, right('override')], ['POST', `${web}/sync`, { manifests: ['{}'] }], 403],
  ['sync without get', [right('sync')], ['POST', `${web}/sync`, {}], 403],
  ['log without the right to logs', [get], ['GET', `${web}/pods/web/logs`], 403],
  [
    'log without the right to the application',
    [`logs, get, ${team.project}/*`],
    ['GET', `${web}/pods/web/logs`],
    403,
  ],
  ['log with both', [get, `logs, get, ${team.project}/*`], ['GET', `${web}/pods/web/logs`], 400],
  [
    'another action than the granted one',
    [get, right('action/apps/Deployment/restart')],
    ['POST', `${web}/resource/actions?resourceName=w&kind=Deployment&group=apps`, 'pause'],
    403,
  ],
  [
    'the granted action',
    [get, right('action/apps/Deployment/restart')],
    ['POST', `${web}/resource/actions?resourceName=w&kind=Deployment&group=apps`, 'restart'],
    400,
  ],
  [
    'move without create there',
    [get, right('update'), right('update', other.project)],
    ['PUT', `${web}?validate=false`, moved(other.project)],
    403,
  ],
  [
    'move without update there',
    [get, right('update'), right('create', other.project)],
    ['PUT', `${web}?validate=false`, moved(other.project)],
    403,
  ],
  [
    'move without update here',
    [get, right('create', other.project), right('update', other.project)],
    ['PUT', `${web}?validate=false`, moved(other.project)],
    403,
  ],
  [
    'upsert without update',
    [get, right('create')],
    ['POST', '/api/v1/applications?upsert=true&validate=false', moved(team.project)],
    403,
  ],
  [
    'missing one of a project that may be read',
    [get],
    ['GET', `/api/v1/applications/ghost?project=team`],
    404,
  ],
  [
    'one of another project by that one',
    [get],
    ['GET', `/api/v1/applications/${other.application}?project=team`],
    404,
  ],
  ['missing one of a project that may not', [get], ['GET', `/api/v1/applications/ghost?project=rival`], 403],
  ['missing one', [get], ['GET', `/api/v1/applications/ghost`], 403],
  ['missing project that may be read', ['projects, get, *'], ['GET', '/api/v1/projects/ghost'], 404],
  ['password of another account', ['accounts, get, *'], ['DELETE', '/api/v1/account/admin/sessions'], 403],
  ['settings by a star', ['*, *, *'], ['GET', '/api/v1/keelson/settings'], 403],
  ['settings by name', ['settings, get, *'], ['GET', '/api/v1/keelson/settings'], 200],
];

describe('a door', () => {
  it.each(cases)('%s', async (_, rights, [method, path, body], status) => {
    await grant(...rights);
    const answer = await ask(method, path, body);
    expect(answer, JSON.stringify(answer.body)).toMatchObject({ status });
    if (status === 403) expect(at(answer.body, 'message')).toMatch(/^permission denied/);
  });

  it('lets an application be moved by whoever may change it here and there and create it there', async () => {
    await grant(
      get,
      right('update'),
      right('create', other.project),
      right('update', other.project),
      right('get', other.project),
    );
    expect(await ask('PUT', `${web}?validate=false`, moved(other.project))).toMatchObject({ status: 200 });
    const back = [
      right('update', other.project),
      right('get', other.project),
      right('create'),
      right('update'),
      get,
    ];
    await grant(...back);
    expect(await ask('PUT', `${web}?validate=false`, moved(team.project))).toMatchObject({ status: 200 });
  });

  it('answers can-i as it opens', async () => {
    await grant(get, 'repositories, get, https://git.example.com/*');
    const answers = [
      'applications/get/team/x',
      'applications/sync/team/x',
      `repositories/get/${encoded('https://git.example.com/x/y')}`,
    ];
    const said = await Promise.all(answers.map((right) => ask('GET', `/api/v1/account/can-i/${right}`)));
    expect(said.map(({ body }) => at(body, 'value'))).toEqual(['yes', 'no', 'yes']);
  });
});

describe('a repository of all', () => {
  const allowed = 'https://git.example.com/open/deploy';
  const closed = 'https://git.example.com/CLOSED/deploy';
  const spelt = 'https://git.example.com/closed/deploy.git';
  const rights = (action: string, folder: string): string =>
    `repositories, ${action}, https://git.example.com/${folder}/*`;
  const path = (url: string): string => `/api/v1/repositories/${encoded(url)}`;
  beforeAll(async () => {
    for (const url of [allowed, closed]) {
      await saveRepository(server.db, server.keyring, {
        url,
        type: 'git',
        name: '',
        project: '',
        credentials: {},
      });
    }
  });

  it('is replaced by whoever may update it, and registered by whoever may create it', async () => {
    await grant(rights('update', 'open'));
    expect((await ask('PUT', path(allowed), { username: 'one' })).status).toBe(200);
    expect((await ask('PUT', path('https://git.example.com/open/new'), {})).status).toBe(403);
    await grant(rights('create', 'open'));
    expect((await ask('PUT', path(allowed), { username: 'two' })).status).toBe(403);
    const again = { repo: allowed, username: 'two' };
    expect((await ask('POST', '/api/v1/repositories?upsert=true', again)).status).toBe(403);
    const row = await findRepository(server.db, allowed);
    expect(row?.credentials).not.toBeNull();
  });

  it.each<[what: string, method: string, url: string, body?: unknown]>([
    ['read', 'GET', spelt],
    ['replaced', 'PUT', spelt, { username: 'x' }],
    ['forgotten', 'DELETE', spelt],
    ['replaced by registering it', 'POST', '', { repo: spelt, username: 'x' }],
  ])('is not %s in another spelling than the one that a right is for', async (_, method, url, body) => {
    await grant(...['get', 'update', 'create', 'delete'].map((action) => rights(action, 'closed')));
    const answer = await ask(method, url === '' ? '/api/v1/repositories?upsert=true' : path(url), body);
    expect(answer).toMatchObject({ status: 403, body: { message: 'permission denied' } });
    expect(await findRepository(server.db, closed)).toMatchObject({ url: closed });
    const [entry] = await listAudit(server.db, 1);
    if (method !== 'GET') expect(entry).toMatchObject({ decision: 'denied', object: closed });
  });
});

describe('a sync through closed windows', () => {
  const project = 'shut';
  const sync = '/api/v1/applications/shut-web/sync';
  const [get, syncs] = [`applications, get, ${project}/*`, `applications, sync, ${project}/*`];
  const glass = `windows, break-glass, ${project}/*`;
  const because = { breakGlassReason: 'the shop is down' };
  const closed = { kind: 'deny', schedule: '* * * * *', duration: '1h', applications: ['*'] };
  let breaker: string;
  beforeAll(async () => {
    const role = projectWithRole(project, 'breaker', [`${get}, allow`, `${syncs}, allow`, `${glass}, allow`]);
    await putProject(server, project, { ...role, syncWindows: [closed] });
    breaker = await roleToken(server, project, 'breaker');
    const made = await server.call('POST', '/api/v1/applications', guestbook('shut-web', { project }));
    expect(made.status).toBe(200);
    await server.deps.policy.reload();
  });

  it.each<[who: string, rights: readonly string[], body: object, words: string]>([
    ['has every right but gives no reason', [get, syncs, glass], {}, 'blocked by sync window'],
    [
      'gives a reason and has no right to windows',
      [get, syncs],
      because,
      'windows, break-glass, shut/shut-web',
    ],
    ['may see windows only', [get, syncs, `windows, get, ${project}/*`], because, 'windows, break-glass'],
    ['may do so elsewhere', [get, syncs, 'windows, break-glass, other/*'], because, 'windows, break-glass'],
    [
      'has all that stars reach',
      [get, '*, *, *', '*, *, */*', 'applications, *, */*'],
      because,
      'windows, break-glass',
    ],
    ['is denied it', [get, syncs, glass, `${glass}, deny`], because, 'windows, break-glass'],
    ['may not sync', [get, glass], because, 'permission denied'],
  ])('is refused to who %s', async (_, rights, body, words) => {
    await grant(...rights);
    const answer = await ask('POST', sync, body);
    expect([answer.status, at(answer.body, 'message')]).toEqual([403, expect.stringContaining(words)]);
    const [entry] = await listAudit(server.db, 1);
    if (words.startsWith('windows')) {
      expect(entry).toMatchObject({
        decision: 'denied',
        action: 'windows.break-glass',
        object: 'shut/shut-web',
      });
    }
  });

  it('goes through for a role of the project that has the right, with a row of the audit that says why', async () => {
    await grant();
    const reply = await server.api.request(sync, {
      method: 'POST',
      headers: { token: breaker, 'content-type': 'application/json' },
      body: JSON.stringify(because),
    });
    expect(reply.status).toBe(200);
    expect(
      (await listAudit(server.db, 2)).find(({ action }) => action === 'windows.break-glass'),
    ).toMatchObject({
      actor: 'proj:shut:breaker',
      object: 'shut/shut-web',
      decision: 'allowed',
      reason: 'the shop is down',
    });
  });
});
