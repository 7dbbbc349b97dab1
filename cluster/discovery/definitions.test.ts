import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { changesKinds, promisedKinds } from './definitions.ts';

function definition(established: string, more: object = {}): Manifest {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.test' },
    spec: { group: 'example.test', names: { kind: 'Widget' }, versions: [{ name: 'v1', served: true }] },
    status: { conditions: [{ type: 'Established', status: established }] },
    ...more,
  };
}

describe('cluster/definitions', () => {
  it('looks at definitions that come, go or become established', () => {
    const object = definition('True');
    expect(changesKinds({ type: 'added', object })).toBe(true);
    expect(changesKinds({ type: 'deleted', object })).toBe(true);
    expect(changesKinds({ type: 'updated', object, previous: definition('False') })).toBe(true);
  });

  it('passes over changes that serve nothing new, and over other kinds', () => {
    const object = definition('True');
    const previous = { ...object, metadata: { ...object.metadata, labels: { a: 'b' } } };
    expect(changesKinds({ type: 'updated', object, previous })).toBe(false);
    const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } };
    expect(changesKinds({ type: 'added', object: other })).toBe(false);
  });

  it('names the kinds of established definitions', () => {
    const broken = { ...definition('True'), spec: {} };
    const definitions = [definition('True'), definition('False'), broken];
    expect(promisedKinds(definitions, () => false)).toEqual(['example.test/Widget']);
    expect(promisedKinds(definitions, (group) => group === 'example.test')).toEqual([]);
  });
});
