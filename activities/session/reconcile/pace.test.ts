import { describe, expect, it } from 'vitest';
import type { CacheChange } from '../../../cluster/cache/cache-store.ts';
import { assessHealth } from '../../../core/health/assess.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { endDelay, gatherMilliseconds, type PaceFacts, recheckDelay } from './pace.ts';

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

const added: CacheChange = { type: 'added', object: deployment(1) };
const delay = (change: CacheChange, facts: Partial<PaceFacts> = {}) =>
  recheckDelay(change, { due: 0, sinceLook: 0, syncing: false, ...facts }, assessHealth);

describe('activities/session/pace', () => {
  const slow = 1000;

  it('shows an object that became healthy soon, however many applications are due and also during a sync', () => {
    const change = update(deployment(0), deployment(1));
    expect(delay(change)).toBeLessThan(slow);
    expect(delay(change, { due: 500, syncing: true })).toBe(delay(change));
  });

  it('waits longer for a change on the way, and the longer the more are due', () => {
    const onTheWay = update(deployment(1), deployment(0));
    const again = update(deployment(1), deployment(1));
    for (const change of [onTheWay, again]) {
      expect(delay(change)).toBe(slow);
      expect(delay(change, { due: 50 })).toBeGreaterThan(2 * slow);
    }
  });

  it('takes an object that just appeared, and one that another makes, for a change on the way', () => {
    expect(delay(added)).toBe(slow);
    expect(delay(update(deployment(0, 'maker'), deployment(1, 'maker')))).toBe(slow);
  });

  it('looks at once where nothing was looked at for long, unless a sync of the application is under way', () => {
    expect(delay(added, { sinceLook: 60_000 })).toBe(gatherMilliseconds);
    expect(delay(added, { sinceLook: 60_000, syncing: true })).toBe(slow);
  });

  it('looks at once at what a sync came to, and within a second where many have ended', () => {
    expect(endDelay(0)).toBe(0);
    expect(endDelay(20)).toBeGreaterThan(endDelay(2));
    expect(endDelay(5000)).toBe(1000);
  });
});
