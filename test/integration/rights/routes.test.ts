import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoutePermission } from '../../../api/auth/permission.ts';
import type { Resource } from '../../../core/rbac/resources.ts';
import { login, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { isStream } from '../../support/keelson/api/reply-check.ts';
import { projectWithRole, putPolicies, putProject, roleToken } from '../../support/keelson/api/rights.ts';
import { allRoutes, type Route, requestTo } from '../../support/keelson/api/route-requests.ts';
import {
  type Belongings,
  layBelongings,
  layProjects,
  other,
  team,
} from '../../support/keelson/api/two-projects.ts';

type Caller = 'no rights' | 'read-only' | 'one project' | 'full';

let server: TestApi;
const tokens = new Map<Caller, string>();
beforeAll(async () => {
  server = await startApi();
  tokens.set('one project', await layProjects(server));
  await putProject(server, 'bare', projectWithRole('bare', 'none', []));
  tokens.set('no rights', await roleToken(server, 'bare', 'none'));
  tokens.set('full', (await login(server.api, server.adminPassword)).token);
  await server.deps.policy.reload();
});
afterAll(() => server.close());

/** Resources that have a project in their objects' names, of which a role can have rights. */
const ofProjects = ['applications', 'approvals', 'clusters', 'logs', 'repositories'];

/** Routes that declare a login and need more of whoever has none with a password. */
const likeRight: Readonly<Record<string, RoutePermission>> = {
  'PUT /api/v1/account/password': { resource: 'accounts', action: 'update' },
};
/** Routes that ask for a right besides the declared one: to write an application that would use a folder. */
const asksMore: Readonly<Record<string, { readonly resource: Resource; readonly action: string }>> = {
  'GET /api/v1/repositories/{repo}/apps': { resource: 'applications', action: 'create' },
};
/** Routes whose objects are never a project's. */
const ofNoProject = /\/repocreds/;

type Expected = 'answered' | 'refused';

/** What a route has to do with a caller's request, by the right that it declares. */
function expectedOf({ name, permission: declared }: Route, caller: Caller, of: Belongings): Expected {
  const permission = asksMore[name] ?? likeRight[name] ?? declared;
  if (typeof permission === 'string' || isList(name, permission) || caller === 'full') return 'answered';
  const { resource, action } = permission;
  if (caller === 'read-only') return action === 'get' ? 'answered' : 'refused';
  if (caller === 'no rights' || of !== team || ofNoProject.test(name)) return 'refused';
  return ofProjects.includes(resource) || (resource === 'projects' && action === 'get')
    ? 'answered'
    : 'refused';
}

/** A list is for everybody, and shows what they may see. */
function isList(name: string, permission: RoutePermission): boolean {
  return typeof permission !== 'string' && 'of' in permission && name.startsWith('GET ');
}

const callers: readonly Caller[] = ['no rights', 'read-only', 'one project', 'full'];
const cases = callers.flatMap((caller) =>
  [team, other].flatMap((of) => allRoutes.map((route) => ({ caller, of, route, name: route.name }))),
);
/** What was destroyed by a request is put back: the next one is about the same. */
const destroys = /^DELETE .*(repositories|repocreds)/;
/** The walk would end its own login. */
const leftOut = (caller: Caller, name: string): boolean =>
  caller === 'full' && name === 'DELETE /api/v1/session';

async function ask(caller: Caller, route: Route, of: Belongings): Promise<{ status: number; text: string }> {
  const { method, path, body } = requestTo(route, of);
  const reply = await server.api.request(path, {
    method,
    headers: { token: tokens.get(caller) ?? '', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });
  if (destroys.test(route.name)) await layBelongings(server, of);
  if (!isStream({ method, path }) || !reply.ok) return { status: reply.status, text: await reply.text() };
  const reader = reply.body?.getReader();
  const first = await Promise.race([reader?.read(), new Promise((resolve) => setTimeout(resolve, 500, {}))]);
  await reader?.cancel();
  return { status: reply.status, text: new TextDecoder().decode(Reflect.get(Object(first), 'value')) };
}

describe('every route', () => {
  it('is walked', () => {
    expect(allRoutes.length).toBeGreaterThan(60);
    const answers = cases.map(({ caller, of, route }) => expectedOf(route, caller, of));
    const refused = answers.filter((expected) => expected === 'refused').length;
    expect(refused / answers.length).toBeGreaterThan(0.35);
  });

  describe.each(callers)('with %s', (caller) => {
    beforeAll(async () => {
      await putPolicies(server, caller === 'read-only' ? { 'policy.default': 'role:readonly' } : {});
      tokens.set('read-only', tokens.get('no rights') ?? '');
    });

    const own = cases.filter((one) => one.caller === caller && !leftOut(caller, one.name));
    it.each(own)('$name about what $of.project has', async ({ of, route }) => {
      const { status, text } = await ask(caller, route, of);
      const expected = expectedOf(route, caller, of);
      if (expected === 'refused') {
        expect({ status, text }).toMatchObject({ status: 403 });
        expect(text).toContain('permission denied');
      } else {
        // A wrong password is the answer of a login, not a missing right.
        expect(status, text).not.toBe(403);
        if (route.name !== 'POST /api/v1/session') expect(status, text).not.toBe(401);
        expect(text).not.toContain('answered without asking');
      }
      // Nobody reads a word of what is not theirs to see, whatever the answer is.
      if (caller === 'no rights') expect(text).not.toMatch(foreign(team));
      if (caller === 'no rights' || caller === 'one project') expect(text).not.toMatch(foreign(other));
      if (isList(route.name, route.permission) && (caller === 'read-only' || caller === 'full')) {
        // The first message of a stream is of either.
        expect(text).toMatch(/team|rival/);
      }
    });
  });
});

/** Words that tell of a project's belongings, but for those that the caller itself has named. */
function foreign({ project }: Belongings): RegExp {
  return new RegExp(`${project}-(folder|space|robot|cluster|group)|canary`);
}
