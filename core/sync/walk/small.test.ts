import { describe, expect, it } from 'vitest';
import type { PlanGroup } from '../plan/plan.ts';
import { desired, plan, request, wave } from '../plan/plan-sync-cases.ts';
import { isSmallPlan, walkedGroups } from './small.ts';

function group(more: Partial<PlanGroup> = {}): PlanGroup {
  return { phase: 'Sync', wave: 0, first: 0, count: 10, settle: false, ...more };
}

type Size = Parameters<typeof isSmallPlan>[0];
const ofGroups = (...groups: readonly PlanGroup[]): Size => ({ groups, hasHooks: false });

describe('core/sync/small', () => {
  it('takes a group of up to 60 steps for small, whatever else its plan holds', () => {
    const marked = walkedGroups([group({ count: 60 }), group({ wave: 1, count: 61 })]);
    expect(marked.map(({ small }) => small)).toEqual([true, false]);
  });

  it('takes a plan of up to 60 steps for small, all its groups together', () => {
    expect(isSmallPlan(ofGroups(group({ count: 30 }), group({ wave: 1, count: 30 })))).toBe(true);
    expect(isSmallPlan(ofGroups(group({ count: 30 }), group({ wave: 1, count: 31 })))).toBe(false);
    expect(isSmallPlan(ofGroups())).toBe(true);
  });

  it('takes no plan for small of which a group is waited for, that is refused, or that has a hook to end', () => {
    expect(isSmallPlan(ofGroups(group({ settle: true }), group({ wave: 1 })))).toBe(false);
    expect(isSmallPlan({ ...ofGroups(group()), refused: 'a kind is unknown' })).toBe(false);
    expect(isSmallPlan({ ...ofGroups(group()), hasHooks: true })).toBe(false);
  });

  it('takes the sync of one wave with its namespace for small, and that of two waves not', () => {
    const one = desired('ConfigMap', 'a', { namespace: 'prod' });
    const later = desired('ConfigMap', 'b', { namespace: 'prod', annotations: { [wave]: '1' } });
    const created = {
      namespaceExists: false,
      request: { ...request, syncOptions: ['CreateNamespace=true'] },
    };
    const planned = plan({ ...created, desired: [one] });
    expect(planned.groups).toHaveLength(2);
    expect(isSmallPlan(ofGroups(...planned.groups))).toBe(true);
    expect(isSmallPlan(ofGroups(...plan({ ...created, desired: [one, later] }).groups))).toBe(false);
  });
});
