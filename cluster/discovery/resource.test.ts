import { describe, expect, it } from 'vitest';
import { compareVersions } from '../../core/object/resource-version.ts';
import { cachedKinds } from './cached-kinds.ts';
import { type ApiResource, queryString, resourcePath } from './resource.ts';

function resource(change: Partial<ApiResource>): ApiResource {
  return {
    group: '',
    version: 'v1',
    apiVersion: 'v1',
    kind: 'Pod',
    plural: 'pods',
    namespaced: true,
    verbs: ['list', 'watch'],
    preferred: true,
    ...change,
  };
}

describe('cluster/resource', () => {
  it.each([
    ['a collection in all namespaces', resource({}), {}, '/api/v1/pods'],
    ['a collection in one', resource({}), { namespace: 'a' }, '/api/v1/namespaces/a/pods'],
    [
      'a part of an object',
      resource({}),
      { namespace: 'a', name: 'b', subresource: 'log' },
      '/api/v1/namespaces/a/pods/b/log',
    ],
    [
      'a kind of a group',
      resource({ group: 'apps', apiVersion: 'apps/v1', plural: 'deployments' }),
      { namespace: 'a', name: 'b' },
      '/apis/apps/v1/namespaces/a/deployments/b',
    ],
    [
      'a cluster-scoped object',
      resource({ plural: 'nodes', namespaced: false }),
      { namespace: 'a', name: 'b' },
      '/api/v1/nodes/b',
    ],
    [
      'a name with special characters',
      resource({ plural: 'roles', namespaced: false }),
      { name: 'system:a/b' },
      '/api/v1/roles/system%3Aa%2Fb',
    ],
  ])('builds the path of %s', (_, of, target, path) => {
    expect(resourcePath(of, target)).toBe(path);
  });

  it('leaves undefined parameters out of a query', () => {
    expect(queryString({ a: 1, b: undefined, c: 'x y', d: true })).toBe('?a=1&c=x+y&d=true');
    expect(queryString({ a: undefined })).toBe('');
  });
});

describe('cluster/cached-kinds', () => {
  it.each([
    ['another version than the preferred', { preferred: false }],
    ['what can not be watched', { verbs: ['list'] }],
    ['what can not be listed', { verbs: ['watch', 'create'] }],
    ['events', { kind: 'Event' }],
    ['metrics', { group: 'metrics.k8s.io', kind: 'PodMetrics' }],
    ['leases', { group: 'coordination.k8s.io', kind: 'Lease' }],
  ])('leaves out %s', (_, change) => {
    const kinds = cachedKinds([resource(change), resource({ kind: 'Kept' })], () => false);
    expect(kinds.map(({ kind }) => kind)).toEqual(['Kept']);
  });

  it('leaves out what the settings exclude, but for the definitions that it learns kinds from', () => {
    const definition = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' };
    const all = [resource({ kind: 'Gone' }), resource({ kind: 'Kept' }), resource(definition)];
    const kinds = cachedKinds(all, (_, kind) => kind !== 'Kept');
    expect(kinds.map(({ kind }) => kind)).toEqual(['Kept', 'CustomResourceDefinition']);
  });
});

describe('cluster/resource-version', () => {
  it.each([
    ['9', '10', -1],
    ['10', '9', 1],
    ['10', '10', 0],
    ['18446744073709551616', '18446744073709551615', 1],
    ['a', 'a', 0],
    ['a', '1', undefined],
  ])('orders %s and %s', (a, b, expected) => {
    expect(compareVersions(a, b)).toBe(expected);
  });
});
