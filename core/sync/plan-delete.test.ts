import { describe, expect, it } from 'vitest';
import { planDelete } from './plan-delete.ts';
import type { LiveObject } from './plan-input.ts';

function object(name: string, annotations: Record<string, string> = {}, extra: object = {}): LiveObject {
  const tracking = { 'argocd.argoproj.io/tracking-id': `shop:/ConfigMap:prod/${name}` };
  return {
    key: { group: '', kind: 'ConfigMap', namespace: 'prod', name },
    uid: `uid-${name}`,
    apiVersion: 'v1',
    metadata: { annotations: { ...tracking, ...annotations }, ...extra },
    changed: false,
  };
}

function plan(live: LiveObject[]) {
  return planDelete({
    live,
    application: { instance: 'shop', syncOptions: [], tracking: { method: 'annotation' } },
    propagationPolicy: 'foreground',
  });
}

describe('core/sync/plan-delete', () => {
  it('deletes the highest wave first and waits for each wave', () => {
    const planned = plan([
      object('first', { 'argocd.argoproj.io/sync-wave': '-1' }),
      object('last', { 'argocd.argoproj.io/sync-wave': '2' }),
      object('middle'),
    ]);
    expect(planned.steps.map((step) => step.key.name)).toEqual(['last', 'middle', 'first']);
    expect(planned.groups.map(({ first, count, settle }) => [first, count, settle])).toEqual([
      [0, 1, true],
      [1, 1, true],
      [2, 1, true],
    ]);
  });

  it.each([
    ['an object with an owner', object('kept', {}, { ownerReferences: [{ uid: 'x' }] })],
    [
      'an object that another application tracks',
      object('kept', { 'argocd.argoproj.io/tracking-id': 'other:/ConfigMap:prod/kept' }),
    ],
    [
      'a copy of a tracking annotation',
      object('kept', { 'argocd.argoproj.io/tracking-id': 'shop:/Secret:prod/other' }),
    ],
    ['an object with Delete=false', object('kept', { 'argocd.argoproj.io/sync-options': 'Delete=false' })],
    ['an object that Helm is told to keep', object('kept', { 'helm.sh/resource-policy': 'keep' })],
  ])('leaves %s alone', (_, kept) => {
    expect(plan([kept]).steps).toEqual([]);
  });

  it('ties each deletion to the object that was seen', () => {
    expect(plan([object('one')]).steps[0]?.uid).toBe('uid-one');
  });
});
