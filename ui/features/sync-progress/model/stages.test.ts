import { describe, expect, test } from 'vitest';
import type { OperationView, StepView, WaitView } from '../../../../core/sync/operation/operation.ts';
import type { PlanGroup, SyncPhase } from '../../../../core/sync/plan/plan.ts';
import { running } from '../../../../test/support/keelson/operation-view.ts';
import { stagesOf, summaryMark } from './stages.ts';

function step(number: number, phase: SyncPhase, wave: number, result: Partial<StepView> = {}): StepView {
  return {
    attempt: 1,
    step: number,
    phase,
    wave,
    action: 'apply',
    key: { group: 'apps', kind: 'Deployment', namespace: 'web', name: `d${number}` },
    apiVersion: 'apps/v1',
    hook: false,
    ...result,
  };
}

function operation(steps: readonly StepView[], change: Partial<OperationView> = {}): OperationView {
  const groups: PlanGroup[] = [];
  for (const { phase, wave, step: first } of steps) {
    if (groups.some((group) => group.phase === phase && group.wave === wave)) continue;
    groups.push({ phase, wave, first, count: 1, settle: true });
  }
  return {
    ...running,
    application: 'web',
    groups: groups.filter((group) => group.phase !== 'SyncFail'),
    failureGroups: groups.filter((group) => group.phase === 'SyncFail'),
    steps,
    ...change,
  };
}

function wait(phase: SyncPhase, wave: number, keys: WaitView['keys']): WaitView {
  return {
    kind: 'settle',
    attempt: 1,
    phase,
    wave,
    reason: 'not ready',
    keys,
    openedAt: '2026-01-01T00:00:05Z',
  };
}

const synced = { status: 'Synced', hookPhase: 'Succeeded' } as const;

function marks(view: OperationView): string[] {
  return stagesOf(view).flatMap((stage) => stage.waves.flatMap((wave) => wave.steps.map((one) => one.mark)));
}

describe('ui/features/sync-progress/stages', () => {
  test('the first wave without results is being applied and later ones are pending', () => {
    const view = operation([step(0, 'PreSync', 0, synced), step(1, 'Sync', 0), step(2, 'Sync', 1)]);
    expect(marks(view)).toEqual(['done', 'applying', 'pending']);
    expect(stagesOf(view).map((stage) => [stage.phase, stage.mark, stage.done, stage.total])).toEqual([
      ['PreSync', 'done', 1, 1],
      ['Sync', 'applying', 0, 2],
    ]);
  });

  test('objects named by an open wait are waiting, and the next wave is still pending', () => {
    const first = step(0, 'Sync', 0, { status: 'Synced' });
    const view = operation([first, step(1, 'Sync', 0, synced), step(2, 'Sync', 1)], {
      waits: [wait('Sync', 0, [first.key])],
    });
    expect(marks(view)).toEqual(['waiting', 'done', 'pending']);
    expect(stagesOf(view)[0]?.waves[0]?.wait?.reason).toBe('not ready');
  });

  test('a wait for all of a settled wave keeps the wave waiting', () => {
    const view = operation([step(0, 'Sync', 0, synced)], { waits: [wait('Sync', 0, [])] });
    expect(stagesOf(view)[0]?.mark).toBe('waiting');
  });

  test('nothing of a wave is being applied while a deletion in it waits for an approval', () => {
    const first = step(0, 'Sync', 0);
    const view = operation([first, step(1, 'Sync', 0), step(2, 'Sync', 1)], {
      waits: [{ ...wait('Sync', 0, [first.key]), kind: 'approval' }],
    });
    expect(marks(view)).toEqual(['waiting', 'pending', 'pending']);
    expect(stagesOf(view)[0]?.waves[0]?.mark).toBe('waiting');
  });

  test('a closed wait holds nothing up', () => {
    const view = operation([step(0, 'Sync', 0, synced), step(1, 'Sync', 1)], {
      waits: [{ ...wait('Sync', 0, []), closedAt: '2026-01-01T00:00:06Z' }],
    });
    expect(marks(view)).toEqual(['done', 'applying']);
  });

  test('a running hook is waiting', () => {
    const view = operation([step(0, 'PreSync', 0, { hook: true, status: 'Synced', hookPhase: 'Running' })]);
    expect(marks(view)).toEqual(['waiting']);
  });

  test('after a failure the SyncFail hooks are applied and the rest of the plan is not', () => {
    const view = operation([
      step(0, 'Sync', 0, { status: 'SyncFailed', hookPhase: 'Failed' }),
      step(1, 'Sync', 1),
      step(2, 'SyncFail', 0),
    ]);
    expect(marks(view)).toEqual(['failed', 'pending', 'applying']);
  });

  test('between two attempts nothing is being applied', () => {
    const retry: WaitView = {
      kind: 'retry',
      attempt: 1,
      reason: 'retry',
      keys: [],
      openedAt: '',
      deadline: '2026-01-01T00:01:00Z',
    };
    const view = operation([step(0, 'Sync', 0, { status: 'SyncFailed' }), step(1, 'Sync', 1)], {
      waits: [retry],
    });
    expect(marks(view)).toEqual(['failed', 'pending']);
  });

  test('while the operation waits for something outside its waves nothing is being applied', () => {
    const session: WaitView = { kind: 'session', attempt: 1, reason: 'no session', keys: [], openedAt: '' };
    expect(marks(operation([step(0, 'Sync', 0)], { waits: [session] }))).toEqual(['pending']);
  });

  test('what a finished operation never reached is skipped, and nothing waits any more', () => {
    const view = operation(
      [step(0, 'Sync', 0, { status: 'Synced', hookPhase: 'Running' }), step(1, 'Sync', 1)],
      {
        phase: 'Failed',
        waits: [wait('Sync', 0, [])],
      },
    );
    expect(marks(view)).toEqual(['done', 'skipped']);
    expect(stagesOf(view)[0]?.waves[0]?.wait).toBeUndefined();
  });

  test('an object that stays although it should be pruned is skipped', () => {
    const view = operation([step(0, 'Sync', 0, { action: 'skip-prune', status: 'PruneSkipped' })]);
    expect(marks(view)).toEqual(['skipped']);
  });

  test('a wave without a plan yet gives no columns', () => {
    expect(stagesOf(operation([]))).toEqual([]);
  });

  test('a whole shows trouble first, then progress, then its end', () => {
    expect(summaryMark(['done', 'failed', 'applying'])).toBe('failed');
    expect(summaryMark(['done', 'waiting', 'pending'])).toBe('waiting');
    expect(summaryMark(['done', 'pending'])).toBe('pending');
    expect(summaryMark(['skipped', 'done'])).toBe('done');
    expect(summaryMark(['skipped'])).toBe('skipped');
  });
});
