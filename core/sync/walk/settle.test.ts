import { describe, expect, it } from 'vitest';
import { assessHealth } from '../../health/assess.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import type { PlanStep, StepAction } from '../plan/plan.ts';
import {
  assessPrune,
  assessStep,
  failureReason,
  type StepOutcome,
  type StepState,
  waitReason,
} from './settle.ts';

function step(action: StepAction, kind = 'Job', name = 'x', group = 'batch'): PlanStep {
  return {
    step: 0,
    phase: 'Sync',
    wave: 0,
    batch: 0,
    action,
    apiVersion: `${group}/v1`,
    key: { group, kind, namespace: 'prod', name },
    changed: true,
    uid: 'u',
  };
}

function job(condition?: string, metadata: object = {}): Manifest {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'x', uid: 'u', ...metadata },
    status:
      condition === undefined
        ? {}
        : { conditions: [{ type: condition, status: 'True', message: condition }] },
  };
}

function failedPod(metadata: object = {}): Manifest {
  const status = { phase: 'Failed' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x', uid: 'u', ...metadata },
    spec: { restartPolicy: 'Never' },
    status,
  };
}

/** As an object looks that somebody has deleted and that our finalizer holds for its result. */
const going = { deletionTimestamp: 'now', finalizers: ['keelson.dev/hook-result'] };
const deletedFirst: StepState = {
  state: 'failed',
  message: 'hook batch/Job/x was deleted before it ended',
};
const map: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', uid: 'u' } };
const odd: Manifest = { ...job(), apiVersion: 'batch/v1beta1' };
const open: StepOutcome = { status: 'Synced', hookPhase: 'Running', message: null, complete: false };
const missing = 'Resource batch/Job/x is missing, it might have been deleted';

describe('core/sync/settle', () => {
  it.each<[string, StepAction, Manifest | undefined, StepState]>([
    ['an applied object without health', 'apply', map, { state: 'succeeded', message: '' }],
    ['a healthy applied object', 'apply', job('Complete'), { state: 'succeeded', message: 'Complete' }],
    ['a degraded applied object', 'apply', job('Failed'), { state: 'failed', message: 'Failed' }],
    ['a progressing applied object', 'apply', job(), { state: 'waiting', message: '' }],
    ['a suspended applied object', 'apply', job('Suspended'), { state: 'waiting', message: 'Suspended' }],
    ['an applied object of unknown health', 'apply', odd, { state: 'waiting', message: expect.any(String) }],
    ['a missing applied object', 'apply', undefined, { state: 'failed', message: missing }],
    [
      'an applied object that is being deleted',
      'apply',
      { ...map, metadata: { ...map.metadata, deletionTimestamp: 'now' } },
      { state: 'failed', message: 'Resource batch/Job/x is being deleted' },
    ],
    [
      'an applied object that is being deleted and held',
      'apply',
      { ...map, metadata: { ...map.metadata, deletionTimestamp: 'now', finalizers: ['example.com/a'] } },
      { state: 'failed', message: 'Resource batch/Job/x is being deleted, held by finalizer example.com/a' },
    ],
    ['a new namespace', 'create-namespace', map, { state: 'succeeded', message: '' }],
    ['a hook without health', 'create-hook', map, { state: 'succeeded', message: 'x created' }],
    ['a complete hook', 'create-hook', job('Complete'), { state: 'succeeded', message: 'Complete' }],
    ['a failed hook', 'create-hook', job('Failed'), { state: 'failed', message: 'Failed' }],
    ['a running hook', 'create-hook', job(), { state: 'waiting', message: '' }],
    ['a suspended hook', 'create-hook', job('Suspended'), { state: 'waiting', message: 'Suspended' }],
    ['a hook of unknown health', 'create-hook', odd, { state: 'failed', message: expect.any(String) }],
    [
      'a hook that ended before it was deleted',
      'create-hook',
      job('Complete', going),
      { state: 'succeeded', message: 'Complete' },
    ],
    [
      'a hook that failed before it was deleted',
      'create-hook',
      job('Failed', going),
      { state: 'failed', message: 'Failed' },
    ],
    ['a suspended hook that is being deleted', 'create-hook', job('Suspended', going), deletedFirst],
    ['a running hook that is being deleted', 'create-hook', job(undefined, going), deletedFirst],
    ['a hook Pod that failed when it was deleted', 'create-hook', failedPod(going), deletedFirst],
    [
      'a hook Pod that failed without a word',
      'create-hook',
      failedPod(),
      { state: 'failed', message: 'hook batch/Job/x failed' },
    ],
    ['a missing hook', 'create-hook', undefined, { state: 'failed', message: missing }],
    ['a pruned object that is gone', 'prune', undefined, { state: 'succeeded', message: 'pruned' }],
    [
      'a pruned object that is still there',
      'prune',
      job(),
      { state: 'waiting', message: 'Pending deletion' },
    ],
    [
      'a successor of a pruned object',
      'prune',
      job(undefined, { uid: 'other' }),
      { state: 'succeeded', message: 'pruned' },
    ],
    ['an object that stays', 'skip-prune', job(), { state: 'succeeded', message: '' }],
  ])('assesses %s', (_name, action, live, expected) => {
    expect(assessStep({ step: step(action), live, result: open, assessHealth })).toEqual(expected);
  });

  const writtenAt = Date.parse('2026-05-01T10:00:00.700Z');
  const failedJob = (told: object, metadata: object = {}) => ({
    ...job(undefined, metadata),
    status: { conditions: [{ type: 'Failed', status: 'True', message: 'Failed', ...told }] },
  });
  const before = '2026-05-01T09:59:59Z';
  const since = '2026-05-01T10:00:00Z';
  const byController = (time: string) => ({ managedFields: [{ manager: 'c', subresource: 'status', time }] });

  it.each([
    [
      'is waited for, since its controller may look again',
      failedJob({ lastTransitionTime: before }),
      20,
      'waiting',
    ],
    [
      'counts when its controller had the time to look',
      failedJob({ lastTransitionTime: before }),
      31,
      'failed',
    ],
    [
      'counts when its condition is of the same second',
      failedJob({ lastTransitionTime: since }),
      1,
      'failed',
    ],
    [
      'counts when it was told anew',
      failedJob({ lastTransitionTime: before, lastUpdateTime: since }),
      1,
      'failed',
    ],
    [
      'counts when its status was written since',
      failedJob({ lastTransitionTime: before }, byController(since)),
      1,
      'failed',
    ],
    ['is waited for when its status was not', failedJob({}, byController(before)), 1, 'waiting'],
    ['counts when nothing tells its time', failedJob({}), 1, 'failed'],
  ] as const)('a failure from before the write %s', (_, live, seconds, state) => {
    const age = { writtenAt, now: writtenAt + seconds * 1000 };
    expect(assessStep({ step: step('apply'), live, result: open, assessHealth, age })).toEqual({
      state,
      message: 'Failed',
    });
  });

  it('takes the status of an object that the sync has made for what it is', () => {
    const live = failedJob({ lastTransitionTime: before });
    const { uid: _, ...made } = step('apply');
    const age = { writtenAt, now: writtenAt };
    expect(assessStep({ step: made, live, result: open, assessHealth, age }).state).toBe('failed');
  });

  it('waits for a step that is not recorded yet', () => {
    expect(assessStep({ step: step('apply'), live: map, result: undefined, assessHealth }).state).toBe(
      'waiting',
    );
  });

  it('takes a failed write for a failure', () => {
    const result: StepOutcome = { status: 'SyncFailed', message: 'forbidden', complete: false };
    expect(assessStep({ step: step('apply'), live: map, result, assessHealth })).toEqual({
      state: 'failed',
      message: 'forbidden',
    });
  });

  it.each<[StepOutcome['hookPhase'], StepState['state']]>([
    ['Succeeded', 'succeeded'],
    ['Failed', 'failed'],
    ['Error', 'failed'],
    [null, 'succeeded'],
  ])('lets a complete result (%s) stand although the object is gone', (hookPhase, state) => {
    const result: StepOutcome = {
      status: 'Synced',
      hookPhase: hookPhase ?? null,
      message: 'm',
      complete: true,
    };
    expect(assessStep({ step: step('create-hook'), live: undefined, result, assessHealth })).toEqual({
      state,
      message: 'm',
    });
  });

  const waiting: StepState = { state: 'waiting', message: '' };
  const done: StepState = { state: 'succeeded', message: '' };
  const web = step('apply', 'Deployment', 'web', 'apps');
  const service = step('apply', 'Service', 'web', '');
  const hook = step('create-hook');
  const other = step('create-hook', 'Job', 'y');
  const prune = step('prune', 'Deployment', 'old', 'apps');

  it.each<[string, readonly PlanStep[]]>([
    ['', []],
    ['waiting for healthy state of apps/Deployment/web', [web]],
    ['waiting for healthy state of /Service/web and 1 more resources', [service, web]],
    ['waiting for completion of hook batch/Job/x', [hook]],
    ['waiting for completion of hook batch/Job/x and 1 more hooks', [hook, other]],
    ['waiting for completion of hook batch/Job/x and 2 more resources', [web, hook, service]],
    ['waiting for deletion of apps/Deployment/old', [prune]],
    ['waiting for healthy state of apps/Deployment/web', [prune, web]],
  ])('says "%s"', (reason, steps) => {
    const settled = { step: step('apply', 'Pod', 'done', ''), state: done };
    expect(
      waitReason([settled, ...steps.map((waitingStep) => ({ step: waitingStep, state: waiting }))]),
    ).toBe(reason);
  });

  it('names what holds objects that are being deleted', () => {
    const heldBy = (name: string, finalizers: string[]) => {
      const removed = step('prune', 'ConfigMap', name, '');
      const metadata = { ...map.metadata, name, deletionTimestamp: 'now', finalizers };
      const live = { ...map, metadata };
      return { step: removed, state: assessPrune(removed, live) };
    };
    const one = heldBy('one', ['example.com/a']);
    expect(waitReason([one])).toBe('waiting for deletion of /ConfigMap/one: held by finalizer example.com/a');
    expect(waitReason([heldBy('free', []), one])).toBe(
      'waiting for deletion of /ConfigMap/free and 1 more resources: /ConfigMap/one is held by finalizer example.com/a',
    );
  });

  it('counts the failures that it does not name', () => {
    const failures = Array.from({ length: 5 }, (_, number) => ({
      step: step('apply', 'Pod', `p${number}`, ''),
      state: { state: 'failed' as const, message: 'crashes' },
    }));
    expect(failureReason(failures)).toBe(
      'Pod prod/p0: crashes; Pod prod/p1: crashes; Pod prod/p2: crashes; and 2 more',
    );
    expect(failureReason(failures.slice(0, 1))).toBe('Pod prod/p0: crashes');
  });

  it('counts the held objects that it does not name', () => {
    const waits = Array.from({ length: 4 }, (_, number) => {
      const removed = step('prune', 'ConfigMap', `m${number}`, '');
      const metadata = { ...map.metadata, name: `m${number}`, deletionTimestamp: 'now', finalizers: ['x'] };
      return { step: removed, state: assessPrune(removed, { ...map, metadata }) };
    });
    expect(waitReason(waits)).toMatch(/ConfigMap\/m2 is held by finalizer x; and 1 more$/);
  });
});
