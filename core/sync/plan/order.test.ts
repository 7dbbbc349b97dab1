import { describe, expect, it } from 'vitest';
import { compareSteps, kindRank, type Ordered } from './order.ts';

function step(phase: Ordered['phase'], wave: number, kind: string, name: string, namespace = 'a'): Ordered {
  return { phase, wave, key: { group: '', kind, namespace, name } };
}

describe('core/sync/order', () => {
  it.each<[string, Ordered, Ordered]>([
    ['the phase before the wave', step('PreSync', 9, 'Job', 'z'), step('Sync', -9, 'Namespace', 'a')],
    ['SyncFail last', step('PostSync', 0, 'Job', 'z'), step('SyncFail', 0, 'Job', 'a')],
    ['the wave before the kind', step('Sync', -1, 'Ingress', 'z'), step('Sync', 0, 'Namespace', 'a')],
    ['the kind before the name', step('Sync', 0, 'Secret', 'z'), step('Sync', 0, 'Deployment', 'a')],
    ['unlisted kinds last', step('Sync', 0, 'APIService', 'z'), step('Sync', 0, 'Widget', 'a')],
    ['the name by code units', step('Sync', 0, 'Secret', 'B'), step('Sync', 0, 'Secret', 'a')],
    [
      'the namespace between equals',
      step('Sync', 0, 'Secret', 'x', 'a'),
      step('Sync', 0, 'Secret', 'x', 'b'),
    ],
  ])('orders by %s', (_name, first, second) => {
    expect(compareSteps(first, second)).toBeLessThan(0);
    expect(compareSteps(second, first)).toBeGreaterThan(0);
  });

  it('gives all unlisted kinds one rank', () => {
    expect(kindRank('Widget')).toBe(kindRank('Gadget'));
    expect(kindRank('Namespace')).toBe(0);
  });
});
