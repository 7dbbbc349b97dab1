import { describe, expect, it } from 'vitest';
import type { CacheChange } from '../../cluster/cache-store.ts';
import { assessHealth } from '../../core/health/assess.ts';
import type { Manifest } from '../../core/object/manifest.ts';
import { lookPace } from './pace.ts';

function deployment(available: number, owner?: string): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      generation: 1,
      ...(owner === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: 'v1', kind: 'Any', name: owner, uid: '1' }] }),
    },
    spec: { replicas: 1 },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: available },
  };
}

function update(previous: Manifest, object: Manifest): CacheChange {
  return { type: 'updated', previous, object };
}

describe('activities/session/pace', () => {
  const slow = 1000;

  it('shows an object that became healthy soon, however many applications are due', () => {
    const change = update(deployment(0), deployment(1));
    expect(lookPace(change, 0, assessHealth)).toBeLessThan(slow);
    expect(lookPace(change, 500, assessHealth)).toBe(lookPace(change, 0, assessHealth));
  });

  it('waits longer for a change on the way, and the longer the more are due', () => {
    const onTheWay = update(deployment(1), deployment(0));
    const again = update(deployment(1), deployment(1));
    for (const change of [onTheWay, again]) {
      expect(lookPace(change, 0, assessHealth)).toBe(slow);
      expect(lookPace(change, 50, assessHealth)).toBeGreaterThan(2 * slow);
    }
  });

  it('takes an object that just appeared, and one that another makes, for a change on the way', () => {
    expect(lookPace({ type: 'added', object: deployment(1) }, 0, assessHealth)).toBe(slow);
    const made = update(deployment(0, 'maker'), deployment(1, 'maker'));
    expect(lookPace(made, 0, assessHealth)).toBe(slow);
  });
});
