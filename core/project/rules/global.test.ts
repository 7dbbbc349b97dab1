import { describe, expect, it } from 'vitest';
import type { AppProject, ProjectSpec } from '../project.ts';
import {
  GlobalProject,
  globalProjectsOf,
  type LabelSelector,
  selects,
  withGlobalProjects,
} from './global.ts';
import { permitsKind, permitsSource } from './permits.ts';

const project = (name: string, spec: ProjectSpec = {}, labels?: Record<string, string>): AppProject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name, ...(labels === undefined ? {} : { labels }) },
  spec,
});

describe('which labels a selector selects', () => {
  const labels = { team: 'a', tier: 'prod' };
  it.each<[boolean, LabelSelector]>([
    [true, {}],
    [true, { matchLabels: { team: 'a' } }],
    [false, { matchLabels: { team: 'b' } }],
    [false, { matchLabels: { team: 'a', zone: 'x' } }],
    [true, { matchExpressions: [{ key: 'team', operator: 'In', values: ['b', 'a'] }] }],
    [false, { matchExpressions: [{ key: 'zone', operator: 'In', values: ['x'] }] }],
    [false, { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['a'] }] }],
    [true, { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['x'] }] }],
    [true, { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }],
    [false, { matchExpressions: [{ key: 'toString', operator: 'Exists' }] }],
    [false, { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }],
    [true, { matchExpressions: [{ key: 'zone', operator: 'DoesNotExist' }] }],
    [false, { matchLabels: { team: 'a' }, matchExpressions: [{ key: 'zone', operator: 'Exists' }] }],
    [false, { matchExpressions: [{ key: 'team', operator: 'In' }] }],
  ])('%s: %j', (expected, selector) => {
    expect(selects(selector, labels)).toBe(expected);
  });
});

describe('global projects', () => {
  const base = project('base', { sourceRepos: ['https://base.example.com/*'] });
  const all = new Map([
    ['base', base],
    ['more', project('more')],
  ]);
  const entries = ['more', 'gone', 'base', 'team'].map((projectName) => GlobalProject.parse({ projectName }));

  it('are those of the setting that select the project, in its order, without itself and what is gone', () => {
    expect(globalProjectsOf(project('team'), entries, all).map(({ metadata }) => metadata.name)).toEqual([
      'more',
      'base',
    ]);
    const selective = [
      GlobalProject.parse({ projectName: 'base', labelSelector: { matchLabels: { team: 'a' } } }),
    ];
    expect(globalProjectsOf(project('team'), selective, all)).toEqual([]);
    expect(globalProjectsOf(project('team', {}, { team: 'a' }), selective, all)).toEqual([base]);
  });

  it('add each of their lists behind the project’s own', () => {
    const window = { kind: 'deny', schedule: '* * * * *', duration: '1h', applications: ['*'] };
    const item = { group: '', kind: 'A' };
    const given: ProjectSpec = {
      sourceRepos: ['b'],
      destinations: [{ server: 'b' }],
      clusterResourceWhitelist: [item],
      clusterResourceBlacklist: [item],
      namespaceResourceWhitelist: [item],
      namespaceResourceBlacklist: [item],
      syncWindows: [window],
      destinationServiceAccounts: [{ server: 'b', defaultServiceAccount: 'b' }],
    };
    const own = project('team', { sourceRepos: ['a'], roles: [{ name: 'x' }] });
    const merged = withGlobalProjects(own, [
      project('base', { ...given, roles: [{ name: 'y' }], description: 'base' }),
    ]);
    expect(merged.spec).toEqual({ ...given, sourceRepos: ['a', 'b'], roles: [{ name: 'x' }] });
    expect(own.spec).toEqual({ sourceRepos: ['a'], roles: [{ name: 'x' }] });
  });

  it('add nothing by an empty list, where none means everything', () => {
    const merged = withGlobalProjects(project('team'), [project('base', { namespaceResourceWhitelist: [] })]);
    expect(merged.spec.namespaceResourceWhitelist).toBeUndefined();
    expect(withGlobalProjects(project('team', { namespaceResourceWhitelist: [] }), []).spec).toEqual({
      namespaceResourceWhitelist: [],
    });
  });

  it('permit and deny like the project’s own', () => {
    const denying = project('base', {
      sourceRepos: ['!https://a.example.com/secret'],
      namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }],
    });
    const merged = withGlobalProjects(project('team', { sourceRepos: ['*'] }), [denying]);
    expect(permitsSource(merged, 'https://a.example.com/secret').permitted).toBe(false);
    const secret = { group: '', kind: 'Secret', name: 'x', namespace: 'a' };
    expect(permitsKind(merged, secret)).toMatchObject({
      permitted: false,
      rule: 'spec.namespaceResourceBlacklist[0]',
    });
  });
});
