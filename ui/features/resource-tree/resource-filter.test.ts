import { describe, expect, test } from 'vitest';
import { treeNode } from '../../../test/support/keelson/api/tree-node.ts';
import type { Resource } from '../../model/resource.ts';
import { filterResources } from './resource-filter.ts';

function resource(kind: string, name: string, parent?: string): Resource {
  const id = `${kind}/${name}`;
  return {
    id,
    node: treeNode({ kind, name }),
    hook: false,
    requiresPruning: false,
    ...(parent ? { parent } : {}),
  };
}

const all = [
  resource('Deployment', 'api'),
  resource('ReplicaSet', 'api-1', 'Deployment/api'),
  resource('Pod', 'api-1-x', 'ReplicaSet/api-1'),
  resource('Service', 'web'),
];

function found(search: string): string[] {
  return filterResources(all, search).map((one) => one.id);
}

describe('ui/features/resource-tree/resource-filter', () => {
  test('an object is found by kind and name together, and its ancestors come along', () => {
    expect(found('pod API')).toEqual(['Deployment/api', 'ReplicaSet/api-1', 'Pod/api-1-x']);
  });

  test('an empty search keeps everything', () => {
    expect(found('  ')).toHaveLength(4);
  });

  test('a search that fits nothing finds nothing', () => {
    expect(found('secret')).toEqual([]);
  });
});
