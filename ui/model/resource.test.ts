import { describe, expect, test } from 'vitest';
import { treeNode } from '../../test/support/keelson/api/tree-node.ts';
import { joinResources } from './resource.ts';

const deployment = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'web', name: 'api' };

describe('ui/model/resource', () => {
  test('a live node takes sync and health from the comparison of the same object', () => {
    const [joined] = joinResources(
      [treeNode({ ...deployment, uid: 'u1', health: { status: 'Healthy' } })],
      [
        {
          ...deployment,
          status: 'OutOfSync',
          health: { status: 'Degraded', message: 'no pods' },
          syncWave: 2,
        },
      ],
    );
    expect(joined).toMatchObject({
      sync: 'OutOfSync',
      health: 'Degraded',
      healthMessage: 'no pods',
      wave: 2,
    });
  });

  test('a desired object that is not in the tree is shown all the same', () => {
    const joined = joinResources([], [{ ...deployment, status: 'OutOfSync', health: { status: 'Missing' } }]);
    expect(joined.map((one) => [one.id, one.health])).toEqual([['apps/Deployment/web/api', 'Missing']]);
  });

  test('a hook is shown only while it is in the cluster', () => {
    const job = { group: 'batch', version: 'v1', kind: 'Job', namespace: 'web', name: 'migrate' };
    expect(joinResources([], [{ ...job, hook: true }])).toEqual([]);
    expect(joinResources([treeNode(job)], [{ ...job, hook: true }])).toMatchObject([{ hook: true }]);
  });

  test('a child finds its parent by uid, and by key when there is none', () => {
    const pod = { kind: 'Pod', namespace: 'web', name: 'p' };
    const parentRef = { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'api' };
    for (const parentRefs of [[{ ...parentRef, name: 'renamed', uid: 'u1' }], [parentRef]]) {
      const joined = joinResources(
        [treeNode({ ...deployment, uid: 'u1' }), treeNode({ ...pod, parentRefs })],
        [],
      );
      expect(joined.find((one) => one.node.kind === 'Pod')?.parent).toBe('apps/Deployment/web/api');
    }
  });

  test('health of an object that is not managed comes from the tree', () => {
    const [joined] = joinResources(
      [treeNode({ kind: 'Pod', name: 'p', health: { status: 'Progressing' } })],
      [],
    );
    expect(joined?.health).toBe('Progressing');
    expect(joined?.sync).toBeUndefined();
  });
});
