import { describe, expect, it } from 'vitest';
import { formatIssue } from '../../issue.ts';
import { type Decision, decide } from '../decide.ts';
import { compilePolicy, type PolicyInput } from './compile.ts';
import { goodRolesBeside, policyProject } from './projects.ts';

const inputOf = (text: string, more: Partial<PolicyInput> = {}): PolicyInput => ({
  texts: [{ name: 'policy.csv', text }],
  projects: [],
  defaultRole: '',
  mode: 'glob',
  ...more,
});

const asks = (policy: ReturnType<typeof compilePolicy>, name: string, ask: string): Decision => {
  const [resource = '', action = '', object = ''] = ask.split(' ');
  return decide(policy, { name, groups: [] }, { resource, action, object });
};

const team = (policies: readonly string[], groups: readonly string[] = []) => ({
  metadata: { name: 'team' },
  spec: { roles: [{ name: 'dev', policies: [...policies], groups: [...groups] }] },
});
const dev = 'p, proj:team:dev, applications,';

describe('core/rbac/compile', () => {
  it('leaves bad lines out one by one, each named with its place', () => {
    const text = [
      'p, a, applications, get, */*, allow',
      'p, a, applications, sync, */*',
      'p, a, applications, delete, [z-a], allow',
      '',
      'g, a',
      'p, a, applications, update, */*, allow',
    ].join('\n');
    const policy = compilePolicy(
      inputOf(text, {
        texts: [
          { name: 'policy.csv', text },
          { name: 'policy.more.csv', text: '\nx, y' },
        ],
      }),
    );
    expect(policy.issues.map(({ path }) => path)).toEqual([
      'policy.csv:2',
      'policy.csv:5',
      'policy.more.csv:2',
      'policy.csv:3',
    ]);
    expect(asks(policy, 'a', 'applications get x/y').allowed).toBe(true);
    expect(asks(policy, 'a', 'applications update x/y').allowed).toBe(true);
    expect(asks(policy, 'a', 'applications sync x/y').allowed).toBe(false);
  });

  it('names the bad policies of a project’s role, and keeps its good ones', () => {
    const policy = compilePolicy(
      inputOf('', { projects: [team([`${dev} get, team/*, allow`, `${dev} get, other/*, allow`])] }),
    );
    expect(policy.issues.map(formatIssue)).toEqual([
      'project team, role dev, policies[1]: has the object "other/*"; write team/ and a name or *',
    ]);
    expect(asks(policy, 'proj:team:dev', 'applications get team/web').allowed).toBe(true);
  });

  it('tells the line that decided, and as whom', () => {
    const policy = compilePolicy(
      inputOf(
        'g, alice, role:x\np, role:x, applications, get, */*, allow\np, bob, applications, get, */*, deny',
      ),
    );
    expect(asks(policy, 'alice', 'applications get x/y')).toEqual({
      allowed: true,
      as: 'alice',
      line: expect.objectContaining({ subject: 'role:x', place: 'policy.csv:2' }),
    });
    expect(asks(policy, 'bob', 'applications get x/y')).toEqual({
      allowed: false,
      line: expect.objectContaining({ place: 'policy.csv:3' }),
      held: false,
    });
    expect(asks(policy, 'carol', 'applications get x/y')).toEqual({
      allowed: false,
      line: undefined,
      held: false,
    });
  });

  describe('with lines that cannot be read', () => {
    const good =
      'p, a, applications, *, */*, allow\np, a, applications, delete, */*, deny\np, b, applications, get, */*, allow';
    const before = compilePolicy(inputOf(good));

    it('grants no more by a denial that was lost', () => {
      const slipped = compilePolicy(inputOf(good.replace('*/*, deny', '*/*, dney')), before);
      expect(asks(slipped, 'a', 'applications delete x/y')).toMatchObject({ allowed: false, held: true });
      expect(asks(slipped, 'a', 'applications get x/y').allowed).toBe(true);
    });

    it('lets a removed line take effect', () => {
      const slipped = compilePolicy(inputOf(`${good.split('\n').slice(0, 2).join('\n')}\nx`), before);
      expect(asks(slipped, 'b', 'applications get x/y')).toMatchObject({ allowed: false, held: false });
    });

    it('lets a new line take effect once all can be read', () => {
      const more = `${good}\np, c, applications, get, */*, allow`;
      const slipped = compilePolicy(inputOf(`${more}\nx`), before);
      expect(asks(slipped, 'c', 'applications get x/y')).toMatchObject({ allowed: false, held: true });
      const mended = compilePolicy(inputOf(more), slipped);
      expect(asks(mended, 'c', 'applications get x/y').allowed).toBe(true);
    });

    it('keeps the last good ones over several bad ones', () => {
      const first = compilePolicy(inputOf(`${good.split('\n')[0]}\nx`), before);
      const second = compilePolicy(inputOf(`${good.split('\n')[0]}\ny`), first);
      expect(asks(second, 'a', 'applications delete x/y')).toMatchObject({ allowed: false, held: true });
    });

    it('bounds nothing where nothing was before', () => {
      expect(asks(compilePolicy(inputOf(`${good}\nx`)), 'b', 'applications get x/y').allowed).toBe(true);
    });

    describe('in the roles of a stored project', () => {
      const lines = [`${dev} *, team/*, allow`, `${dev} delete, team/*, deny`];
      const slip = [`${dev} *, team/*, allow`, `${dev} sync, team/web, allow`, `${dev} delete, team/*, dney`];
      const base =
        'p, proj:team:dev, clusters, get, *, allow\ng, devs, role:x\np, role:x, applications, get, */*, allow';
      const asksRole = (projects: PolicyInput['projects'], ask: string) =>
        asks(compilePolicy(inputOf(base, { projects })), 'proj:team:dev', ask).allowed;
      const roles = (policies: readonly string[]) => team(policies, ['devs']).spec.roles;

      it('is bounded by the good ones beside them, in a process that has just started', () => {
        const project = policyProject({
          name: 'team',
          spec: { roles: roles(slip) },
          goodRoles: roles(lines),
        });
        expect(asksRole([project], 'applications get team/web')).toBe(true);
        expect(asksRole([project], 'applications delete team/web')).toBe(false);
        const less = policyProject({
          name: 'team',
          spec: { roles: roles(slip) },
          goodRoles: roles([`${dev} get, team/*, allow`]),
        });
        expect(asksRole([less], 'applications get team/web')).toBe(true);
        expect(asksRole([less], 'applications sync team/web')).toBe(false);
      });

      it('grants nothing to a role, nor to its groups, where no good ones are known', () => {
        for (const goodRoles of [undefined, null, 'none', roles(slip)]) {
          const project = policyProject({ name: 'team', spec: { roles: roles(slip) }, goodRoles });
          for (const ask of ['applications get team/web', 'clusters get team/x', 'projects get team']) {
            expect(asksRole([project], ask)).toBe(false);
          }
          const policy = compilePolicy(inputOf(base, { projects: [project] }));
          const ask = (object: string) =>
            decide(
              policy,
              { name: 'x', groups: ['devs'] },
              { resource: 'applications', action: 'get', object },
            );
          expect(ask('team/web').allowed).toBe(false);
          expect(ask('other/web').allowed).toBe(true);
          expect(asks(policy, 'admin', 'applications delete team/web').allowed).toBe(true);
        }
      });

      it('grants nothing to one of which only the name can be read', () => {
        const spec = { roles: [{ name: 'dev', policies: 'all' }, 7] };
        const project = policyProject({ name: 'team', spec });
        expect(project.issues).toHaveLength(2);
        expect(asksRole([project], 'clusters get team/x')).toBe(false);
        expect(asksRole([policyProject({ name: 'team', spec: {} })], 'clusters get team/x')).toBe(true);
      });

      it('is forgotten once all can be read, and kept over several slips', () => {
        const good = { name: 'team', spec: { roles: roles(lines) } };
        const bad = { name: 'team', spec: { roles: roles(slip) } };
        expect(goodRolesBeside(good, good, 'glob')).toBe(null);
        expect(goodRolesBeside(good, bad, 'glob')).toEqual(roles(lines));
        expect(goodRolesBeside({ ...bad, goodRoles: roles(lines) }, bad, 'glob')).toEqual(roles(lines));
        expect(goodRolesBeside({ ...bad, goodRoles: roles(lines) }, good, 'glob')).toBe(null);
        expect(goodRolesBeside(bad, bad, 'glob')).toBe(null);
        expect(goodRolesBeside(undefined, bad, 'glob')).toBe(null);
        expect(goodRolesBeside({ name: 'team', spec: {} }, bad, 'glob')).toEqual([]);
      });

      it('depends on the mode: what is a glob may be no expression', () => {
        const globs = roles([`${dev} get, team/**, allow`]);
        const good = { name: 'team', spec: { roles: globs } };
        expect(goodRolesBeside(good, { name: 'team', spec: { roles: roles(slip) } }, 'regex')).toBe(null);
        const input = inputOf('p, proj:team:dev, clusters, get, .*, allow', {
          mode: 'regex',
          projects: [policyProject(good)],
        });
        expect(asks(compilePolicy(input), 'proj:team:dev', 'clusters get team/x').allowed).toBe(false);
      });
    });

    it('bounds a project by its own lines only', () => {
      const projects = [team([`${dev} get, team/*, allow`])];
      const sound = compilePolicy(inputOf(good, { projects }));
      const worse = compilePolicy(
        inputOf(`${good}\np, c, applications, get, */*, allow`, {
          projects: [team([`${dev} get, team/*, allow`, `${dev} sync, team/*, allow`, 'x'])],
        }),
        sound,
      );
      expect(asks(worse, 'proj:team:dev', 'applications get team/web').allowed).toBe(true);
      expect(asks(worse, 'proj:team:dev', 'applications sync team/web')).toMatchObject({ held: true });
      expect(asks(worse, 'c', 'applications get other/web').allowed).toBe(true);
      expect(asks(worse, 'c', 'applications get team/web').allowed).toBe(true);
    });
  });

  it('follows a project that is changed while the rest stays', () => {
    const first = compilePolicy(inputOf('', { projects: [team([`${dev} get, team/*, allow`], ['devs'])] }));
    const second = compilePolicy(inputOf('', { projects: [team([`${dev} get, team/*, allow`], [])] }), first);
    const ask = { resource: 'applications', action: 'get', object: 'team/web' };
    expect(decide(first, { name: '', groups: ['devs'] }, ask).allowed).toBe(true);
    expect(decide(second, { name: '', groups: ['devs'] }, ask).allowed).toBe(false);
  });

  it('takes no time for patterns and names that are made to take it', () => {
    const hostile = `p, a, applications, ${'*a'.repeat(500)}, ${'*a'.repeat(500)}, allow`;
    const policy = compilePolicy(inputOf(hostile));
    const regex = compilePolicy(inputOf('p, a, applications, (a*)*b, (a|a)*$, allow', { mode: 'regex' }));
    const text = 'a'.repeat(4000);
    const begun = process.cpuUsage();
    expect(asks(policy, 'a', `applications ${text}b ${text}b`).allowed).toBe(false);
    expect(asks(regex, 'a', `applications ${text} ${text}`).allowed).toBe(false);
    expect(process.cpuUsage(begun).user).toBeLessThan(2_000_000);
  });
});
