import { describe, expect, it } from 'vitest';
import { approvalReason, isApproved } from './approval.ts';
import type { PlanStep } from './plan.ts';

const startedAt = new Date('2026-03-01T10:00:00.900Z');

describe('core/sync/approval', () => {
  it.each([
    ['2026-03-01T10:00:00Z', true],
    ['2026-03-01T11:00:00+01:00', true],
    ['2026-03-01T09:59:59Z', false],
    ['2026-03-01T10:00:00+01:00', false],
    ['yes', false],
    ['2026', false],
    ['', false],
    [undefined, false],
  ])('takes an approval of %s for a sync of 10:00:00.9 as %s', (approval, expected) => {
    expect(isApproved(approval, startedAt)).toBe(expected);
  });

  it('names the first object and counts the rest', () => {
    const step = (name: string): PlanStep => ({
      step: 0,
      phase: 'Sync',
      wave: 0,
      batch: 0,
      action: 'prune',
      apiVersion: 'v1',
      key: { group: '', kind: 'ConfigMap', namespace: 'x', name },
      changed: true,
    });
    expect(approvalReason([step('a')])).toBe('waiting for pruning confirmation of /ConfigMap/a');
    expect(approvalReason([step('a'), step('b')])).toBe(
      'waiting for pruning confirmation of /ConfigMap/a and 1 more resources',
    );
  });
});
