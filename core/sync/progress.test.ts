import { describe, expect, it } from 'vitest';
import { operationOf, stepOf, synced, waitOf } from '../../test/support/keelson/operation-view.ts';
import type { OperationView, StepView, WaitView } from '../wire/operation.ts';
import { type ProgressState, progressOf, stateOfWhole } from './progress.ts';

/** The state of each step, then that of each group. */
function statesOf(view: OperationView): readonly [string, string] {
  const { groups, failureGroups } = progressOf(view);
  const all = [...groups, ...failureGroups];
  return [
    all.flatMap(({ steps }) => steps.map(({ state }) => state)).join(' '),
    all.map(({ phase, wave, state }) => `${phase}${wave}:${state}`).join(' '),
  ];
}

const written = { status: 'Synced' } as const;
const settling = { status: 'Synced', hookPhase: 'Running' } as const;
const failed = { status: 'SyncFailed', hookPhase: 'Failed' } as const;
const hook = { hook: true, action: 'create-hook' } as const;
const [first, second, later] = [stepOf(0, 'Sync', 0), stepOf(1, 'Sync', 0), stepOf(2, 'Sync', 1)];
const approval = waitOf('Sync', 0, [first.key], { kind: 'approval' });
const retry: WaitView = { ...waitOf('Sync', 0, []), ...{ kind: 'retry', reason: 'retry' } };
const elsewhere = (kind: WaitView['kind'], keys: WaitView['keys'] = []): WaitView => {
  const { phase: _, wave: __, ...wait } = retry;
  return { ...wait, kind, keys };
};
const closed = { closedAt: '2026-01-01T00:00:06Z' } as const;

type Case = readonly [
  title: string,
  steps: readonly StepView[],
  change: Partial<OperationView>,
  steps: string,
  groups: string,
];

const running: readonly Case[] = [
  [
    'the first group without results is being applied and later ones are pending',
    [stepOf(0, 'PreSync', 0, synced), stepOf(1, 'Sync', 0), stepOf(2, 'Sync', 1)],
    {},
    'done applying pending',
    'PreSync0:done Sync0:applying Sync1:pending',
  ],
  [
    'objects named by an open wait are waiting, and the next group is still pending',
    [{ ...first, ...written }, { ...second, ...synced }, later],
    { waits: [waitOf('Sync', 0, [first.key])] },
    'waiting done pending',
    'Sync0:waiting Sync1:pending',
  ],
  [
    'a wait for all of a settled group keeps it waiting',
    [{ ...first, ...synced }],
    { waits: [waitOf('Sync', 0, [])] },
    'done',
    'Sync0:waiting',
  ],
  [
    'nothing of a group is being applied while a deletion in it waits for an approval',
    [first, second, later],
    { waits: [approval] },
    'waiting pending pending',
    'Sync0:waiting Sync1:pending',
  ],
  [
    'a closed wait holds nothing up',
    [{ ...first, ...written }, stepOf(1, 'Sync', 1)],
    { waits: [waitOf('Sync', 0, [], closed)] },
    'done applying',
    'Sync0:done Sync1:applying',
  ],
  [
    'a wait that an earlier attempt closed settles nothing',
    [
      { ...first, ...written, attempt: 2 },
      { ...stepOf(1, 'Sync', 1), attempt: 2 },
    ],
    { attempt: 2, waits: [waitOf('Sync', 0, [], closed)] },
    'done pending',
    'Sync0:waiting Sync1:pending',
  ],
  [
    'a group that has to settle waits until it has, also before a wait says so',
    [{ ...first, ...settling }, { ...second, ...synced }, later],
    {},
    'waiting done pending',
    'Sync0:waiting Sync1:pending',
  ],
  [
    'a running hook is waiting',
    [stepOf(0, 'PreSync', 0, { ...hook, ...settling })],
    {},
    'waiting',
    'PreSync0:waiting',
  ],
  [
    'a hook is waiting until it has done its work',
    [stepOf(0, 'PreSync', 0, { ...hook, ...written }), second],
    {},
    'waiting pending',
    'PreSync0:waiting Sync0:pending',
  ],
  [
    'after a failure the SyncFail hooks are applied and the rest of the plan is not',
    [{ ...first, ...failed }, stepOf(1, 'Sync', 1), stepOf(2, 'SyncFail', 0)],
    {},
    'failed pending applying',
    'Sync0:failed Sync1:pending SyncFail0:applying',
  ],
  [
    'between two attempts nothing is being applied',
    [{ ...first, ...failed }, stepOf(1, 'Sync', 1)],
    { waits: [elsewhere('retry')] },
    'failed pending',
    'Sync0:failed Sync1:pending',
  ],
  [
    'while the operation waits for something outside its groups nothing is being applied',
    [first],
    { waits: [elsewhere('session')] },
    'pending',
    'Sync0:pending',
  ],
  [
    'a group that is written in part is waiting while the operation waits for something else',
    [{ ...first, ...synced }, second],
    { waits: [elsewhere('session')] },
    'done pending',
    'Sync0:waiting',
  ],
  [
    'an object that a wait outside the groups names is waiting',
    [stepOf(0, 'Delete', 0, { status: 'Pruned' }), stepOf(1, 'Delete', 0, { status: 'Pruned' })],
    { waits: [elsewhere('deletion', [first.key])] },
    'waiting done',
    'Delete0:waiting',
  ],
  [
    'an object that stays although it should be pruned is skipped',
    [stepOf(0, 'Sync', 0, { action: 'skip-prune', status: 'PruneSkipped' })],
    {},
    'skipped',
    'Sync0:skipped',
  ],
  [
    'results of an earlier attempt count for nothing',
    [{ ...first, ...synced }],
    { attempt: 2 },
    '',
    'Sync0:pending',
  ],
];

const ended: readonly Case[] = [
  [
    'what a failed operation never reached is skipped, and the group at which it failed has failed',
    [{ ...first, ...failed }, second, later],
    { phase: 'Failed' },
    'failed skipped skipped',
    'Sync0:failed Sync1:skipped',
  ],
  [
    'a group that was written in part has failed with its operation',
    [{ ...first, ...synced }, second],
    { phase: 'Error' },
    'done skipped',
    'Sync0:failed',
  ],
  [
    'a group that had not settled when its operation failed has failed, and nothing waits any more',
    [{ ...first, ...settling }, later],
    { phase: 'Failed', waits: [waitOf('Sync', 0, [])] },
    'done skipped',
    'Sync0:failed Sync1:skipped',
  ],
  [
    'a group that had come through before its operation failed is done',
    [
      { ...first, ...synced },
      { ...later, ...failed },
    ],
    { phase: 'Failed' },
    'done failed',
    'Sync0:done Sync1:failed',
  ],
  [
    'a hook whose end never came has failed with its operation',
    [stepOf(0, 'PreSync', 0, { ...hook, ...settling }), second],
    { phase: 'Failed' },
    'failed skipped',
    'PreSync0:failed Sync0:skipped',
  ],
  [
    'a group at which something newer took over has not failed',
    [{ ...first, ...settling }, second, later],
    { phase: 'Superseded' },
    'done skipped skipped',
    'Sync0:skipped Sync1:skipped',
  ],
  [
    'failure hooks of an operation that succeeded are skipped',
    [{ ...first, ...synced }, stepOf(1, 'SyncFail', 0)],
    { phase: 'Succeeded' },
    'done skipped',
    'Sync0:done SyncFail0:skipped',
  ],
];

describe('core/sync/progress', () => {
  it.each(running)('of a running operation: %s', (_, steps, change, stepStates, groupStates) => {
    expect(statesOf(operationOf(steps, change))).toEqual([stepStates, groupStates]);
  });

  it.each(ended)('of one that has ended: %s', (_, steps, change, stepStates, groupStates) => {
    expect(statesOf(operationOf(steps, change))).toEqual([stepStates, groupStates]);
  });

  it('counts what is done, and names the wait of a group while it is open', () => {
    const view = operationOf(
      [
        { ...first, ...written },
        { ...second, ...synced },
      ],
      {
        waits: [waitOf('Sync', 0, [first.key])],
      },
    );
    expect(progressOf(view).groups[0]).toMatchObject({ done: 1, count: 2, wait: { reason: 'not ready' } });
    expect(progressOf({ ...view, phase: 'Failed' }).groups[0]?.wait).toBeUndefined();
    expect(progressOf(operationOf([first], { waits: [elsewhere('session')] })).waits).toHaveLength(1);
  });

  it('has the span of a group from its first start to its last end, waits included', () => {
    const at = (seconds: number) => `2026-01-01T00:00:0${seconds}Z`;
    const steps = [
      { ...first, ...synced, startedAt: at(2), finishedAt: at(3) },
      { ...second, ...synced, startedAt: at(1), finishedAt: at(2) },
    ];
    const [group] = progressOf(operationOf(steps, { waits: [waitOf('Sync', 0, [], closed)] })).groups;
    expect([group?.startedAt, group?.finishedAt]).toEqual([at(1), at(6)]);
    const [open] = progressOf(operationOf(steps, { waits: [waitOf('Sync', 0, [])] })).groups;
    expect([open?.startedAt, open?.finishedAt]).toEqual([at(1), undefined]);
  });

  it.each<[readonly ProgressState[], ProgressState]>([
    [['done', 'failed', 'applying'], 'failed'],
    [['done', 'waiting', 'pending'], 'waiting'],
    [['done', 'pending'], 'pending'],
    [['skipped', 'done'], 'done'],
    [['skipped'], 'skipped'],
    [[], 'done'],
  ])('shows trouble first, then progress, then the end of a whole: %j', (states, whole) => {
    expect(stateOfWhole(states)).toBe(whole);
  });
});
