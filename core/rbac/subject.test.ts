import { describe, expect, it } from 'vitest';
import { compilePolicy } from './policy/compile.ts';
import { readRbacSettings } from './policy/settings.ts';
import { applicationObject, customAction, decideOnObject, scopedObject } from './request.ts';
import { subjectOf } from './subject.ts';

describe('core/rbac/subject', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['sub', { sub: 'alice' }, 'alice'],
    ['the federated id before it', { sub: 'x', federated_claims: { user_id: 'alice' } }, 'alice'],
    ['sub where that is empty', { sub: 'x', federated_claims: { user_id: '' } }, 'x'],
    ['sub where there is none', { sub: 'x', federated_claims: {} }, 'x'],
    ['sub where it is no text', { sub: 'x', federated_claims: { user_id: 7 } }, 'x'],
    ['nothing', {}, ''],
    ['nothing for what is no text', { sub: ['a'] }, ''],
  ])('takes %s for the name', (_, claims, name) => {
    expect(subjectOf(claims, []).name).toBe(name);
  });

  it('takes the values of all scopes for groups, lists and texts', () => {
    const claims = { groups: ['a', 'b', 7, ''], email: 'x@example.com', other: 'no', toString: 'own' };
    expect(subjectOf(claims, ['groups', 'email', 'none', 'constructor']).groups).toEqual([
      'a',
      'b',
      'x@example.com',
    ]);
  });
});

describe('core/rbac/settings', () => {
  it('takes policy.csv first and further ones by their keys', () => {
    const read = readRbacSettings({
      'policy.z.csv': 'z',
      'policy.a.csv': 'a',
      'policy.csv': 'first',
      'policy.default': 'role:readonly',
      scopes: '[groups, email]',
      'policy.matchMode': 'regex',
      'policy.txt': 'none',
    });
    expect(read.texts.map(({ name }) => name)).toEqual(['policy.csv', 'policy.a.csv', 'policy.z.csv']);
    expect(read).toMatchObject({
      defaultRole: 'role:readonly',
      mode: 'regex',
      scopes: ['groups', 'email'],
      issues: [],
    });
  });

  it('has groups, globs and no default role where nothing is set', () => {
    expect(readRbacSettings({})).toEqual({
      texts: [],
      defaultRole: '',
      mode: 'glob',
      scopes: ['groups'],
      issues: [],
    });
  });

  it('names what it cannot read, and does not take it for empty', () => {
    const read = readRbacSettings({ scopes: '{a', 'policy.matchMode': 'Regex' });
    expect(read.scopes).toBeUndefined();
    expect(read.mode).toBe('glob');
    expect(read.issues.map(({ path }) => path)).toEqual(['scopes', 'policy.matchMode']);
    expect(readRbacSettings({ scopes: 'groups' }).scopes).toBeUndefined();
  });
});

describe('core/rbac/request', () => {
  it('names objects and actions as policies do', () => {
    expect(applicationObject({ project: 'p', name: 'web' })).toBe('p/web');
    expect(applicationObject({ project: 'p', name: 'web', namespace: 'ns' })).toBe('p/ns/web');
    expect(applicationObject({ project: 'p', name: 'web', namespace: 'ns' }, 'home')).toBe('p/ns/web');
    expect(applicationObject({ project: 'p', name: 'web', namespace: 'home' }, 'home')).toBe('p/web');
    expect(scopedObject('https://a', '')).toBe('https://a');
    expect(scopedObject('https://a', 'p')).toBe('p/https://a');
    expect(customAction('apps', 'Deployment', 'restart')).toBe('action/apps/Deployment/restart');
  });

  it.each([
    ['whole', true, true],
    ['whole', false, false],
    ['fine', true, true],
    ['fine', false, true],
    ['denied', true, true],
    ['denied', false, false],
    ['nobody', true, false],
  ])('%s, inherited %s: %s', (name, inherited, allowed) => {
    const text = [
      'p, whole, applications, delete, p/*, allow',
      'p, fine, applications, delete//Pod/*, p/*, allow',
      'p, denied, applications, delete, p/*, allow',
      'p, denied, applications, delete//Pod/*, p/*, deny',
    ].join('\n');
    const policy = compilePolicy({
      texts: [{ name: 'x', text }],
      projects: [],
      defaultRole: '',
      mode: 'glob',
    });
    const object = { group: '', kind: 'Pod', namespace: 'ns', name: 'web-1' };
    const application = { project: 'p', name: 'web' };
    const change = { verb: 'delete', application, object, inherited } as const;
    expect(decideOnObject(policy, { name, groups: [] }, change).allowed).toBe(allowed);
  });
});
