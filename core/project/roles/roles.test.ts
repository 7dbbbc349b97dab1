import { describe, expect, it } from 'vitest';
import {
  faultOfRoleName,
  groupsOfRole,
  readGroup,
  readRolePolicy,
  readRoleSubject,
  roleSubject,
} from './roles.ts';

const of = { project: 'team', role: 'dev' };

describe('a policy of a project’s role', () => {
  it.each([
    ['p, proj:team:dev, applications, get, team/*, allow', 'applications', 'get', 'team/*', 'allow'],
    ['p,proj:team:dev,logs,get,team/web,deny', 'logs', 'get', 'team/web', 'deny'],
    [
      ' p , proj:team:dev , exec , create , team/ns/web-1.a , allow ',
      'exec',
      'create',
      'team/ns/web-1.a',
      'allow',
    ],
    [
      'p, proj:team:dev, applications, action/apps/Deployment/restart, team/*, allow',
      'applications',
      'action/apps/Deployment/restart',
      'team/*',
      'allow',
    ],
    [
      'p, proj:team:dev, applications, update/*, team/*, allow',
      'applications',
      'update/*',
      'team/*',
      'allow',
    ],
    ['p, proj:team:dev, applications, *, team/*, allow', 'applications', '*', 'team/*', 'allow'],
    ['p, proj:team:dev, windows, break-glass, team/*, allow', 'windows', 'break-glass', 'team/*', 'allow'],
  ])('reads %s', (text, resource, action, object, effect) => {
    expect(readRolePolicy(of, text).policy).toEqual({ resource, action, object, effect });
  });

  it.each([
    ['', 'is no policy'],
    ['p, proj:team:dev, applications, get, team/*', 'is no policy'],
    ['p, proj:team:dev, applications, get, team/*, allow, x', 'is no policy'],
    ['g, proj:team:dev, applications, get, team/*, allow', 'is no policy'],
    ['p, proj:team:ops, applications, get, team/*, allow', 'has the subject "proj:team:ops"'],
    ['p, proj:other:dev, applications, get, team/*, allow', 'has the subject "proj:other:dev"'],
    ['p, role:admin, applications, get, team/*, allow', 'has the subject "role:admin"'],
    ['p, proj:team:dev, accounts, get, team/*, allow', 'has the resource "accounts"'],
    ['p, proj:team:dev, projects, get, team/*, allow', 'has the resource "projects"'],
    ['p, proj:team:dev, *, get, team/*, allow', 'has the resource "*"'],
    ['p, proj:team:dev, applications, destroy, team/*, allow', 'has the action "destroy"'],
    ['p, proj:team:dev, applications, break-glass, team/*, allow', 'has the action "break-glass"'],
    ['p, proj:team:dev, windows, Break/Glass, team/*, allow', 'has the action "Break/Glass"'],
    ['p, proj:team:dev, applications, get, other/*, allow', 'has the object "other/*"'],
    ['p, proj:team:dev, applications, get, *, allow', 'has the object "*"'],
    ['p, proj:team:dev, applications, get, team, allow', 'has the object "team"'],
    ['p, proj:team:dev, applications, get, team/, allow', 'has the object "team/"'],
    ['p, proj:team:dev, applications, get, team/a/b/c, allow', 'has the object "team/a/b/c"'],
    ['p, proj:team:dev, applications, get, team/{a}, allow', 'has the object "team/{a}"'],
    ['p, proj:team:dev, applications, get, team2/*, allow', 'has the object "team2/*"'],
    ['p, proj:team:dev, applications, get, team/*, Allow', 'has the effect "Allow"'],
  ])('refuses %s: %s', (text, why) => {
    expect(readRolePolicy(of, text).fault).toContain(why);
  });

  it('takes the project’s name as it is, not as a pattern', () => {
    const dotted = { project: 'a.b', role: 'dev' };
    expect(readRolePolicy(dotted, 'p, proj:a.b:dev, applications, get, axb/*, allow').fault).toContain(
      'object',
    );
  });
});

describe('names of roles and groups', () => {
  it('reads a subject of three parts only', () => {
    expect(readRoleSubject('proj:team:dev')).toEqual(of);
    expect(['proj:team', 'proj:team:dev:x', 'role:admin', 'Proj:a:b', ''].map(readRoleSubject)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
    expect(roleSubject(of)).toBe('proj:team:dev');
  });

  it.each(['a', 'a-b', 'A_1', '0'])('takes %s for a name of a role', (name) => {
    expect(faultOfRoleName(name)).toBeUndefined();
  });

  it.each(['', '-a', 'a-', 'a b', 'a:b', 'a,b', 'a/b', 'a\n'])('takes %j for none', (name) => {
    expect(faultOfRoleName(name)).toContain('is not a valid name of a role');
  });

  it.each([
    ['my-org:developers', 'my-org:developers'],
    ['the team', 'the team'],
    ['"cn=dev,dc=example"', 'cn=dev,dc=example'],
    ['"a ""b"""', 'a "b"'],
    ['a,b', undefined],
    ['', undefined],
    ['""', undefined],
    ['"a', undefined],
    ['a\tb', undefined],
    ['a\nb', undefined],
  ])('reads the group %j as %j', (text, group) => {
    expect(readGroup(text)).toBe(group);
  });

  it('leaves out groups of a role that cannot be read', () => {
    expect(groupsOfRole({ name: 'dev', groups: ['a', 'b,c', 'd'] })).toEqual(['a', 'd']);
    expect(groupsOfRole({ name: 'dev' })).toEqual([]);
  });
});
