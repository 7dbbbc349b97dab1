import { describe, expect, test } from 'vitest';
import { progressOf } from '../../../../core/sync/progress.ts';
import { operationOf, stepOf, synced } from '../../../../test/support/keelson/operation-view.ts';
import { stagesOf } from './stages.ts';

describe('ui/features/sync-progress/stages', () => {
  test('phases are columns in the order in which they run, each with its waves and its counts', () => {
    const view = operationOf([stepOf(0, 'PreSync', 0, synced), stepOf(1, 'Sync', 0), stepOf(2, 'Sync', 1)]);
    expect(
      stagesOf(progressOf(view)).map((stage) => [stage.phase, stage.state, stage.done, stage.total]),
    ).toEqual([
      ['PreSync', 'done', 1, 1],
      ['Sync', 'applying', 0, 2],
    ]);
    expect(stagesOf(progressOf(view)).map(({ waves }) => waves.map(({ wave }) => wave))).toEqual([
      [0],
      [0, 1],
    ]);
  });

  test('hooks for a failure stand behind all that can fail', () => {
    const failed = { status: 'SyncFailed', hookPhase: 'Failed' } as const;
    const view = operationOf([stepOf(0, 'Sync', 0, failed), stepOf(1, 'SyncFail', 0)]);
    expect(stagesOf(progressOf(view)).map(({ phase, state }) => [phase, state])).toEqual([
      ['Sync', 'failed'],
      ['SyncFail', 'applying'],
    ]);
  });

  test('an operation without a plan yet gives no columns', () => {
    expect(stagesOf(progressOf(operationOf([])))).toEqual([]);
  });
});
