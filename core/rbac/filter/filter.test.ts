import { describe, expect, it } from 'vitest';
import { compilePolicy, type PolicyInput } from '../policy/compile.ts';
import { filterOf } from './filter.ts';

const get = { resource: 'applications', action: 'get' };
const projects = ['p1', 'p2', 'p3'];
const alice = { name: 'alice', groups: ['team'] };

const compiled = (lines: readonly string[], more: Partial<PolicyInput> = {}) =>
  compilePolicy({
    texts: [{ name: 'policy.csv', text: lines.join('\n') }],
    projects: projects.map((name) => ({ metadata: { name }, spec: {} })),
    defaultRole: '',
    mode: 'glob',
    ...more,
  });
const filter = (lines: readonly string[], more: Partial<PolicyInput> = {}, subject = alice) => {
  const { clauses, undecided } = filterOf(compiled(lines, more), subject, get, projects);
  return { clauses, undecided };
};

describe('a filter made of a policy', () => {
  it('of an administrator is all names of all projects, in one clause', () => {
    expect(filter([], {}, { name: 'admin', groups: [] })).toEqual({
      clauses: [{ projects, names: 'all' }],
      undecided: [],
    });
  });

  it('of somebody without rights has nothing', () => {
    expect(filter([])).toEqual({ clauses: [], undecided: [] });
  });

  it('takes from each name of a subject what is denied to it, and not what another one has', () => {
    const lines = [
      'p, alice, applications, get, p1/*, allow',
      'p, alice, applications, get, p1/secret-*, deny',
      'p, team, applications, get, p1/secret-plan, allow',
      'g, team, role:x',
      'p, alice, applications, sync, p2/*, allow',
    ];
    const fits = (by: string, text: string) => ({ fits: [{ by, text }] });
    expect(filter(lines)).toEqual({
      clauses: [
        {
          projects: ['p1'],
          names: { some: [fits('equal', 'secret-plan'), { not: fits('like', 'secret-%') }] },
        },
      ],
      undecided: [],
    });
  });

  it('bounds what is granted by the last good policy', () => {
    const before = compiled(['p, alice, applications, get, p1/*, allow']);
    const broken = 'p, alice, applications, get, */*, allow\nq, a';
    const input = {
      texts: [{ name: 'policy.csv', text: broken }],
      projects: [],
      defaultRole: '',
      mode: 'glob',
    } as const;
    const held = filterOf(compilePolicy(input, before), alice, get, projects);
    expect(held.clauses).toEqual([{ projects: ['p1'], names: 'all' }]);
    expect(filterOf(compilePolicy(input), alice, get, projects).clauses[0]?.projects).toEqual(projects);
  });

  it("gives a project's token its project, and what everybody has in others", () => {
    const roles = [{ name: 'dev', policies: ['p, proj:p1:dev, applications, get, p1/*, allow'] }];
    const more: Partial<PolicyInput> = {
      projects: projects.map((name) => ({ metadata: { name }, spec: name === 'p1' ? { roles } : {} })),
      defaultRole: 'role:public',
    };
    const lines = [
      'p, role:public, applications, get, p2/open, allow',
      'p, team, applications, get, */*, allow',
    ];
    expect(filter(lines, more, { name: 'proj:p1:dev', groups: ['team'] }).clauses).toEqual([
      { projects: ['p1'], names: 'all' },
      { projects: ['p2'], names: { fits: [{ by: 'equal', text: 'open' }] } },
    ]);
  });

  it('leaves expressions to be decided on, unless the answer is clear without them', () => {
    const regex = { mode: 'regex' } as const;
    const lines = ['p, alice, applications, get, ^p1/web-.*$, allow'];
    const found = filterOf(compiled(lines, regex), alice, get, projects);
    expect([found.clauses, found.undecided]).toEqual([[], projects]);
    expect([found.decides('p1/web-1'), found.decides('p2/web-1')]).toEqual([true, false]);
    expect(filter([...lines, 'p, alice, applications, get, .*, allow'], regex)).toEqual({
      clauses: [{ projects, names: 'all' }],
      undecided: [],
    });
    expect(filter([...lines, 'p, alice, applications, get, .*, deny'], regex)).toEqual({
      clauses: [],
      undecided: [],
    });
    expect(filter(['p, alice, applications, sync, p1/.*, allow'], regex)).toEqual({
      clauses: [],
      undecided: [],
    });
  });

  it('has at most 2,000 patterns; projects with more are decided on by name', () => {
    const names = (project: string, count: number): string[] =>
      Array.from({ length: count }, (_, at) => `p, alice, applications, get, ${project}/n-${at}, allow`);
    const { clauses, undecided } = filter([...names('p1', 1200), ...names('p2', 900), ...names('p3', 800)]);
    expect(clauses.map((clause) => clause.projects)).toEqual([['p3'], ['p2']]);
    expect(undecided).toEqual(['p1']);
  });
});
