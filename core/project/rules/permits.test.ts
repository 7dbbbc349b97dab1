import { describe, expect, it } from 'vitest';
import type { ProjectKind, ProjectSpec } from '../project.ts';
import {
  permitsDestination,
  permitsKind,
  permitsObject,
  permitsSource,
  permitsSourceNamespace,
} from './permits.ts';

const project = (spec: ProjectSpec) => ({ metadata: { name: 'team' }, spec });

describe('which sources a project permits', () => {
  it.each<[boolean, readonly string[], string]>([
    [true, ['*'], 'https://git.example.com/a/b/c.git'],
    [true, ['**'], 'git@git.example.com:a/b'],
    [false, [], 'https://git.example.com/a'],
    // An asterisk stops at a slash, two don't.
    [true, ['https://git.example.com/*'], 'https://git.example.com/a'],
    [false, ['https://git.example.com/*'], 'https://git.example.com/a/b'],
    [true, ['https://git.example.com/**'], 'https://git.example.com/a/b'],
    [true, ['https://git.example.com/*/b'], 'https://git.example.com/a/b'],
    [true, ['https://*.example.com/a/b'], 'https://git.example.com/a/b'],
    [false, ['https://*.example.com/a/b'], 'https://evil.test/x.example.com/a/b'],
    [true, ['https://git.example.com/{a,b}'], 'https://git.example.com/b'],
    [true, ['https://git.example.com/team-?'], 'https://git.example.com/team-1'],
    [false, ['https://git.example.com/team?'], 'https://git.example.com/team/'],
    [true, ['https://github.com/my-org/backend-*'], 'https://github.com/my-org/backend-api.git'],
    [false, ['https://github.com/my-org/backend-*'], 'https://github.com/my-org/backend'],
    // All ways to write one address are one.
    [true, ['https://git.example.com/Team/App.git'], 'https://GIT.example.com/team/app'],
    [true, ['https://git.example.com/a/'], 'https://git.example.com/a'],
    [true, ['https://git.example.com:443/a'], 'https://git.example.com/a'],
    [true, ['https://git.example.com/a'], 'https://git.example.com:443/a'],
    [false, ['https://git.example.com:8443/a'], 'https://git.example.com/a'],
    [true, ['git@git.example.com:a/*'], 'ssh://git@git.example.com/a/b'],
    [true, ['ssh://git@git.example.com/a/*'], 'git@git.example.com:a/b.git'],
    [false, ['git@git.example.com:a/*'], 'https://git.example.com/a/b'],
    [true, ['oci://registry.example.com/charts/*'], 'registry.example.com/charts/web'],
    [true, ['registry.example.com/charts/*'], 'oci://registry.example.com/charts/web'],
    [true, ['/srv/git/*'], 'file:///srv/git/a'],
    // What leads out of a permitted folder isn't below it.
    [false, ['https://git.example.com/team/**'], 'https://git.example.com/team/../other/a'],
    [false, ['https://git.example.com/team/**'], 'https://git.example.com/team/%2e%2e/other/a'],
    [false, ['https://git.example.com/team/*'], 'https://git.example.com/team-two/a'],
    // Denials: one that fits refuses, wherever it stands; one that doesn't counts as a permission.
    [false, ['*', '!https://git.example.com/a'], 'https://git.example.com/a'],
    [false, ['!https://git.example.com/a', '*'], 'https://git.example.com/a.git'],
    [true, ['!https://git.example.com/a'], 'https://git.example.com/b'],
    [false, ['!https://git.example.com/a', '!https://git.example.com/b'], 'https://git.example.com/b'],
    [true, ['!https://git.example.com/*'], 'https://git.example.com/a/b'],
    [false, ['!https://git.example.com/**', '*'], 'https://git.example.com/a/b'],
    [false, ['!*'], 'https://git.example.com/a'],
    [false, ['!git@git.example.com:a/**', '*'], 'ssh://git@git.example.com/a/b'],
    [false, ['https://git.example.com/[z-a]'], 'https://git.example.com/a'],
    [false, ['*', '!https://git.example.com/[z-a]'], 'https://git.example.com/a'],
  ])('%s: %j for %s', (permitted, sourceRepos, url) => {
    expect(permitsSource(project({ sourceRepos: [...sourceRepos] }), url).permitted).toBe(permitted);
  });

  it('says which rule decided, and refuses in words that name project and repository', () => {
    const spec = { sourceRepos: ['https://a.example.com/x', '!https://a.example.com/y'] };
    expect(permitsSource(project(spec), 'https://a.example.com/x')).toEqual({
      permitted: true,
      rule: 'spec.sourceRepos[0]',
    });
    expect(permitsSource(project(spec), 'https://a.example.com/z')).toEqual({
      permitted: true,
      rule: 'spec.sourceRepos[1]',
    });
    expect(permitsSource(project(spec), 'https://a.example.com/y')).toEqual({
      permitted: false,
      rule: 'spec.sourceRepos[1]',
      message: "application repo https://a.example.com/y is not permitted in project 'team'",
    });
    expect(permitsSource(project({}), 'https://a.example.com/x')).toMatchObject({ rule: 'spec.sourceRepos' });
  });
});

const place = (server: string, name: string, namespace: string) => ({ server, name, namespace });
const prod = (namespace: string) => place('https://prod', 'prod', namespace);

describe('which destinations a project permits', () => {
  it.each<[boolean, ProjectSpec['destinations'], ReturnType<typeof place>]>([
    [false, [], prod('a')],
    [true, [{ server: 'https://prod', namespace: 'a' }], prod('a')],
    [false, [{ server: 'https://prod', namespace: 'a' }], prod('b')],
    [true, [{ name: 'prod', namespace: 'a' }], prod('a')],
    [false, [{ name: 'test', namespace: 'a' }], prod('a')],
    [true, [{ name: 'test', server: 'https://prod', namespace: 'a' }], prod('a')],
    [true, [{ server: '*', namespace: '*' }], prod('')],
    [true, [{ server: 'https://*', namespace: 'team-*' }], prod('team-a')],
    // Globs cross slashes here.
    [true, [{ server: 'https*', namespace: '*' }], place('https://a/b/c', '', 'x')],
    [false, [{ server: 'https://prod' }], prod('a')],
    [true, [{ server: 'https://prod' }], prod('')],
    [false, [{ name: '', namespace: '*' }], place('https://prod', '', 'a')],
    // A denial by name refuses all namespaces.
    [
      false,
      [
        { name: '!prod', namespace: 'x' },
        { server: '*', namespace: '*' },
      ],
      prod('a'),
    ],
    [true, [{ name: '!test', namespace: '*' }], prod('a')],
    [false, [{ name: '!prod', server: 'https://prod', namespace: '*' }], prod('a')],
    // A denial by server refuses those that the namespace fits.
    [
      false,
      [
        { server: '!https://prod', namespace: '*' },
        { server: '*', namespace: '*' },
      ],
      prod('a'),
    ],
    [
      true,
      [
        { server: '!https://prod', namespace: 'x' },
        { server: '*', namespace: '*' },
      ],
      prod('a'),
    ],
    [true, [{ server: '!https://test', namespace: '*' }], prod('a')],
    [false, [{ server: '!https://test', namespace: 'x' }], prod('a')],
    [
      false,
      [
        { server: '!https://p*', namespace: '*' },
        { server: '*', namespace: '*' },
      ],
      prod('a'),
    ],
    // A denial by namespace refuses it in servers that fit.
    [
      false,
      [
        { server: '*', namespace: '!kube-system' },
        { server: '*', namespace: '*' },
      ],
      prod('kube-system'),
    ],
    [
      false,
      [
        { server: '*', namespace: '*' },
        { server: '*', namespace: '!kube-*' },
      ],
      prod('kube-public'),
    ],
    [true, [{ server: '*', namespace: '!kube-system' }], prod('a')],
    [
      true,
      [
        { server: 'https://test', namespace: '!a' },
        { server: '*', namespace: '*' },
      ],
      prod('a'),
    ],
    [
      true,
      [
        { name: 'prod', namespace: '!a' },
        { server: '*', namespace: '*' },
      ],
      prod('a'),
    ],
    [false, [{ name: 'prod', namespace: '!a' }], prod('a')],
    [true, [{ name: 'prod', namespace: '!a' }], prod('b')],
    [true, [{ server: '!https://test', namespace: '!kube-system' }], prod('a')],
    [
      false,
      [
        { server: '!https://test', namespace: '!kube-system' },
        { name: '*', namespace: '*' },
      ],
      prod('kube-system'),
    ],
    [false, [{ server: '[z-a]', namespace: '*' }], prod('a')],
  ])('%s: %j for %j', (permitted, destinations, destination) => {
    expect(permitsDestination(project({ destinations }), destination, []).permitted).toBe(permitted);
  });

  it('asks for a cluster of the project’s own where the project says so', () => {
    const spec = { destinations: [{ server: '*', namespace: '*' }], permitOnlyProjectScopedClusters: true };
    const own = [{ server: 'https://prod', name: 'prod' }];
    expect(permitsDestination(project(spec), prod('a'), own).permitted).toBe(true);
    expect(permitsDestination(project(spec), place('https://test', 'test', 'a'), own)).toMatchObject({
      permitted: false,
      rule: 'spec.permitOnlyProjectScopedClusters',
    });
    expect(permitsDestination(project({ ...spec, destinations: [] }), prod('a'), own).permitted).toBe(false);
  });

  it('says which rule decided, and refuses in words that name all', () => {
    const spec = {
      destinations: [
        { server: '*', namespace: 'a' },
        { server: '*', namespace: '!b' },
      ],
    };
    expect(permitsDestination(project(spec), prod('a'), [])).toEqual({
      permitted: true,
      rule: 'spec.destinations[0]',
    });
    expect(permitsDestination(project(spec), prod('b'), [])).toEqual({
      permitted: false,
      rule: 'spec.destinations[1]',
      message: "application destination server 'https://prod' and namespace 'b' are denied by project 'team'",
    });
    expect(permitsDestination(project({}), prod('b'), [])).toMatchObject({
      message:
        "application destination server 'https://prod' and namespace 'b' do not match any of the allowed destinations in project 'team'",
    });
  });
});

const one = (group: string, kind: string, name?: string): ProjectKind => ({
  group,
  kind,
  ...(name === undefined ? {} : { name }),
});
const object = (group: string, kind: string, namespace?: string, name = 'x') => ({
  group,
  kind,
  name,
  namespace,
});

describe('which kinds a project permits', () => {
  it.each<[boolean, ProjectSpec, ReturnType<typeof object>]>([
    // Cluster-scoped: none without a list.
    [false, {}, object('', 'Namespace')],
    [false, { clusterResourceWhitelist: [] }, object('', 'Namespace')],
    [true, { clusterResourceWhitelist: [one('', 'Namespace')] }, object('', 'Namespace')],
    [false, { clusterResourceWhitelist: [one('', 'Namespace')] }, object('apps', 'Namespace')],
    [true, { clusterResourceWhitelist: [one('*', '*')] }, object('', 'Namespace')],
    [
      true,
      { clusterResourceWhitelist: [one('*.k8s.io', 'Cluster*')] },
      object('rbac.authorization.k8s.io', 'ClusterRole'),
    ],
    [
      false,
      { clusterResourceWhitelist: [one('*', '*')], clusterResourceBlacklist: [one('', 'Namespace')] },
      object('', 'Namespace'),
    ],
    [
      true,
      { clusterResourceWhitelist: [one('*', '*')], clusterResourceBlacklist: [one('', 'Node')] },
      object('', 'Namespace'),
    ],
    [
      true,
      { clusterResourceWhitelist: [one('', 'Namespace', 'team-*')] },
      object('', 'Namespace', undefined, 'team-a'),
    ],
    [
      false,
      { clusterResourceWhitelist: [one('', 'Namespace', 'team-*')] },
      object('', 'Namespace', undefined, 'other'),
    ],
    [
      false,
      {
        clusterResourceWhitelist: [one('*', '*')],
        clusterResourceBlacklist: [one('', 'Namespace', 'kube-*')],
      },
      object('', 'Namespace', undefined, 'kube-system'),
    ],
    [true, { clusterResourceWhitelist: [one('', 'Namespace', '')] }, object('', 'Namespace')],
    [false, { namespaceResourceWhitelist: [one('*', '*')] }, object('', 'Namespace')],
    // Namespaced: all without a list.
    [true, {}, object('apps', 'Deployment', 'a')],
    [false, { namespaceResourceWhitelist: [] }, object('apps', 'Deployment', 'a')],
    [true, { namespaceResourceWhitelist: [one('apps', '*')] }, object('apps', 'Deployment', 'a')],
    [false, { namespaceResourceWhitelist: [one('apps', '*')] }, object('', 'Service', 'a')],
    [false, { namespaceResourceBlacklist: [one('apps', '*')] }, object('apps', 'Deployment', 'a')],
    [
      false,
      { namespaceResourceWhitelist: [one('*', '*')], namespaceResourceBlacklist: [one('', 'Secret')] },
      object('', 'Secret', 'a'),
    ],
    [true, { namespaceResourceBlacklist: [one('', 'ResourceQuota')] }, object('', 'Secret', 'a')],
    [
      false,
      { clusterResourceWhitelist: [one('*', '*')], namespaceResourceWhitelist: [] },
      object('', 'Secret', 'a'),
    ],
    // A name counts among cluster-scoped kinds only.
    [false, { namespaceResourceBlacklist: [one('', 'Secret', 'other')] }, object('', 'Secret', 'a')],
    // Patterns of paths: classes with ^, no braces, a backslash.
    [true, { namespaceResourceWhitelist: [one('', '[R-T]*')] }, object('', 'Secret', 'a')],
    [false, { namespaceResourceWhitelist: [one('', '[^R-T]*')] }, object('', 'Secret', 'a')],
    [false, { namespaceResourceWhitelist: [one('', '{Secret,Service}')] }, object('', 'Secret', 'a')],
    [true, { namespaceResourceWhitelist: [one('', '\\Secret')] }, object('', 'Secret', 'a')],
    [true, { namespaceResourceWhitelist: [one('', 'S?c**et')] }, object('', 'Secret', 'a')],
    // What can't be read permits nothing and denies.
    [false, { namespaceResourceWhitelist: [one('', '[')] }, object('', 'Secret', 'a')],
    [false, { namespaceResourceBlacklist: [one('', '[')] }, object('', 'Secret', 'a')],
    [true, { namespaceResourceBlacklist: [one('apps', '[')] }, object('', 'Secret', 'a')],
  ])('%s: %j for %j', (permitted, spec, of) => {
    expect(permitsKind(project(spec), of).permitted).toBe(permitted);
  });

  it('says which rule decided', () => {
    const spec = {
      namespaceResourceWhitelist: [one('', 'A'), one('', 'B')],
      namespaceResourceBlacklist: [one('', 'C')],
    };
    expect(permitsKind(project(spec), object('', 'B', 'a'))).toEqual({
      permitted: true,
      rule: 'spec.namespaceResourceWhitelist[1]',
    });
    expect(permitsKind(project(spec), object('', 'C', 'a'))).toEqual({
      permitted: false,
      rule: 'spec.namespaceResourceBlacklist[0]',
      message: 'resource :C is not permitted in project team',
    });
    expect(permitsKind(project({}), object('', 'Node'))).toMatchObject({
      rule: 'spec.clusterResourceWhitelist',
    });
  });
});

describe('which objects a project permits', () => {
  const cluster = { server: 'https://prod', name: 'prod' };
  const spec = {
    destinations: [{ server: 'https://prod', namespace: 'a' }],
    clusterResourceWhitelist: [one('', 'Namespace')],
  };

  it('asks for the place of namespaced ones, and the kind of all', () => {
    const permits = (of: ReturnType<typeof object>) => permitsObject(project(spec), of, cluster, []);
    expect(permits(object('', 'Secret', 'a')).permitted).toBe(true);
    expect(permits(object('', 'Secret', 'b'))).toEqual({
      permitted: false,
      rule: 'spec.destinations',
      message: "namespace b is not permitted in project 'team'",
    });
    expect(permits(object('', 'Namespace')).permitted).toBe(true);
    expect(permits(object('', 'Node')).permitted).toBe(false);
  });
});

describe('from which namespaces a project takes applications', () => {
  it.each<[boolean, readonly string[], string]>([
    [false, [], 'a'],
    [true, ['a'], 'a'],
    [true, ['team-*'], 'team-a'],
    [false, ['team-*'], 'my-team-a'],
    [true, ['/team-[0-9]+/'], 'my-team-1'],
    [false, ['/^team-[0-9]+$/'], 'my-team-1'],
    [false, ['/(/'], '('],
    [true, ['*'], 'a'],
  ])('%s: %j for %s', (permitted, sourceNamespaces, namespace) => {
    expect(
      permitsSourceNamespace(project({ sourceNamespaces: [...sourceNamespaces] }), namespace).permitted,
    ).toBe(permitted);
  });

  it('refuses in words', () => {
    expect(permitsSourceNamespace(project({}), 'a')).toEqual({
      permitted: false,
      rule: 'spec.sourceNamespaces',
      message: "application in namespace 'a' is not permitted to use project 'team'",
    });
  });
});
