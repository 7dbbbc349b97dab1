import { describe, expect, it } from 'vitest';
import { definedKind, definedKinds, isCustomResourceDefinition } from './definition.ts';
import type { Manifest } from './manifest.ts';

function definition(spec: unknown, apiVersion = 'apiextensions.k8s.io/v1'): Manifest {
  return { apiVersion, kind: 'CustomResourceDefinition', metadata: { name: 'x' }, spec };
}

const widget = { group: 'example.com', names: { kind: 'Widget' } };

describe('core/object/definition', () => {
  it('reads the kind, its scope and its served versions', () => {
    const versions = [{ name: 'v1' }, { name: 'v1beta1', served: false }, { name: 'v2', served: true }];
    expect(definedKind(definition({ ...widget, scope: 'Namespaced', versions }))).toEqual({
      group: 'example.com',
      kind: 'Widget',
      namespaced: true,
      versions: ['v1', 'v2'],
    });
    const old = definition({ ...widget, scope: 'Cluster', version: 'v1' }, 'apiextensions.k8s.io/v1beta1');
    expect(definedKind(old)).toMatchObject({ namespaced: false, versions: ['v1'] });
  });

  it.each<[string, Manifest]>([
    ['a definition of another group', definition(widget, 'example.com/v1')],
    ['a definition without a spec', definition(undefined)],
    ['a definition without a group', definition({ names: { kind: 'Widget' } })],
    ['a definition without a kind', definition({ group: 'example.com', names: {} })],
    ['a definition whose spec is a list', definition([])],
    ['another kind', { ...definition(widget), kind: 'Widget' }],
  ])('finds no kind in %s', (_name, manifest) => {
    expect(definedKind(manifest)).toBeUndefined();
  });

  it('tells kinds of one name and different groups apart', () => {
    const other = definition({ group: 'other.org', names: { kind: 'Widget' } });
    const kinds = definedKinds([definition(widget), other, { ...other, kind: 'Widget' }]);
    expect([...kinds.keys()]).toEqual(['example.com/Widget', 'other.org/Widget']);
    expect(isCustomResourceDefinition(other)).toBe(true);
  });
});
