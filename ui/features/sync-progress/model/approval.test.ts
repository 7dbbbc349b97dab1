import { describe, expect, test } from 'vitest';
import type { OperationView, StepView, WaitView } from '../../../../core/wire/operation.ts';
import { approvalOf } from './approval.ts';

const keyOf = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: 'web', name });

function prune(step: number, wave: number): StepView {
  const key = keyOf(`c${step}`);
  return { attempt: 1, step, phase: 'Sync', wave, action: 'prune', key, apiVersion: 'v1', hook: false };
}

const running: Pick<OperationView, 'phase' | 'groups' | 'steps'> = {
  phase: 'Running',
  groups: [
    { phase: 'Sync', wave: 0, first: 0, count: 2, settle: true, approval: [1] },
    { phase: 'Sync', wave: 1, first: 2, count: 2, settle: true, approval: [2] },
  ],
  steps: [prune(0, 0), prune(1, 0), prune(2, 1), prune(3, 1)],
};

const open: WaitView = {
  kind: 'approval',
  attempt: 1,
  phase: 'Sync',
  wave: 0,
  reason: 'waiting for pruning confirmation of /ConfigMap/c1',
  keys: [keyOf('c1')],
  openedAt: '2026-01-01T00:00:00Z',
};

describe('ui/features/sync-progress/approval', () => {
  test('an approval is for what waits now and for what later waves ask for', () => {
    expect(approvalOf(running, open)).toEqual({ now: [keyOf('c1')], later: [keyOf('c2')] });
  });

  test('a deletion, whose groups ask for nothing, is approved as its wait says', () => {
    const groups = running.groups.map(({ approval, ...group }) => group);
    expect(approvalOf({ ...running, groups }, open)).toEqual({ now: [keyOf('c1')], later: [] });
  });

  test('what has a result is not asked for again', () => {
    const steps = running.steps.map((step) =>
      step.step === 2 ? { ...step, status: 'Pruned' as const } : step,
    );
    expect(approvalOf({ ...running, steps }, open)?.later).toEqual([]);
  });

  test('nothing can be confirmed for other waits, closed ones, or an operation that ends', () => {
    expect(approvalOf(running, { ...open, kind: 'settle' })).toBeUndefined();
    expect(approvalOf(running, { ...open, closedAt: '2026-01-01T00:01:00Z' })).toBeUndefined();
    expect(approvalOf({ ...running, phase: 'Terminating' }, open)).toBeUndefined();
    expect(approvalOf({ ...running, phase: 'Superseded' }, open)).toBeUndefined();
  });
});
