import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttemptRef, GroupRef, StopState } from '../../../workflows/messages.ts';
import { nudgeSignal, settledSignal } from '../../../workflows/signals.ts';
import { type ScriptedEngine, startScriptedEngine } from '../../support/scripted/scripted-engine.ts';
import {
  admitted,
  closed,
  group,
  planOf,
  scriptedOperation,
  settled,
  waiting,
  written,
} from '../../support/scripted/scripted-operation.ts';

/** No history of these tests is long. */
const long = 10_000;
/** A limit that nobody reaches within a test. */
const later = { until: '2100-01-01T00:00:00.000Z', milliseconds: 3_600_000 };

let engine: ScriptedEngine;

beforeAll(async () => {
  engine = await startScriptedEngine(long);
});

afterAll(() => engine?.stop());

/** An operation's row, as far as it says what requests its end; whoever writes it nudges the workflow. */
function rowOf(operation: ReturnType<typeof scriptedOperation>) {
  let state: StopState = { requested: 'none' };
  return {
    readStop: () => state,
    async request(next: StopState): Promise<void> {
      state = next;
      await operation.signal(nudgeSignal);
    },
    set(next: StopState): void {
      state = next;
    },
  };
}

describe.concurrent('a small sync', () => {
  it('is over with its admission where that has ended it', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const { outcomes, places } = await operation.run({ trySmallSync: () => ({ state: 'ended' }) });
    expect({ outcomes, places }).toEqual({ outcomes: [], places: [] });
  });

  it('is walked from its first group where anything kept it from that', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const plan = planOf([
      { ...group('PreSync', 0), settle: false },
      { ...group('Sync', 0), settle: false },
    ]);
    const { outcomes, places } = await operation.run({ trySmallSync: () => admitted(plan) });
    expect(places).toEqual(['PreSync 0', 'Sync 0']);
    expect(outcomes).toEqual([{ phase: 'Succeeded' }]);
  });

  it('has a group that takes its time finished by an activity of its own, and a large one begun by it', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const plan = planOf([group('Sync', 0), { ...group('Sync', 1), count: 61 }, group('Sync', 2)]);
    const calls: string[] = [];
    const { outcomes } = await operation.run({
      trySmallSync: () => admitted(plan),
      applySmallGroup({ wave }) {
        calls.push(`small ${wave}`);
        return wave === 0 ? { kind: 'unfinished' } : written;
      },
      applyGroup({ wave }) {
        calls.push(`queued ${wave}`);
        return written;
      },
    });
    expect(calls).toEqual(['small 0', 'queued 0', 'queued 1', 'small 2']);
    expect(outcomes).toEqual([{ phase: 'Succeeded' }]);
  });
});

describe.concurrent('an operation that is to stop', () => {
  it('gives way to a newer revision while objects get healthy', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const row = rowOf(operation);
    const { outcomes, places } = await operation.run({
      trySmallSync: () => admitted(planOf([group('Sync', 0), group('Sync', 1)])),
      readStop: row.readStop,
      async settleGroup() {
        await row.request({ requested: 'supersede' });
        return waiting(false);
      },
    });
    expect(places).toEqual(['Sync 0']);
    expect(outcomes).toEqual([{ phase: 'Superseded' }]);
  });

  it('gives way behind the hook that runs, and ends its hooks', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const row = rowOf(operation);
    const ended: string[] = [];
    let looks = 0;
    const { outcomes, places } = await operation.run({
      trySmallSync: () => admitted(planOf([group('PreSync', 0), group('Sync', 0)])),
      readStop: row.readStop,
      async settleGroup({ attempt, phase, wave }) {
        looks += 1;
        if (looks > 1) return settled;
        await row.request({ requested: 'supersede' });
        await operation.signal(settledSignal, { attempt, phase, wave });
        return waiting(true);
      },
      endHooks: ({ outcome }) => void ended.push(outcome),
    });
    expect({ looks, places }).toEqual({ looks: 2, places: ['PreSync 0'] });
    expect(ended).toEqual(['Superseded']);
    expect(outcomes).toEqual([{ phase: 'Superseded' }]);
  });

  it('is terminated while a hook runs', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const row = rowOf(operation);
    const { outcomes } = await operation.run({
      trySmallSync: () => admitted(planOf([group('PreSync', 0), group('Sync', 0)])),
      readStop: row.readStop,
      async settleGroup() {
        await row.request({ requested: 'terminate' });
        return waiting(true);
      },
    });
    expect(outcomes).toEqual([{ phase: 'Terminated' }]);
  });

  it('is terminated by what the write has seen in its row before any signal', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const { outcomes } = await operation.run({
      trySmallSync: () => admitted(planOf([group('Sync', 0), group('Sync', 1)])),
      applySmallGroup: () => ({ kind: 'terminating' }),
    });
    expect(outcomes).toEqual([{ phase: 'Terminated' }]);
  });

  it('writes no end in the words of a run that has lost its fence', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const ended: string[] = [];
    const { outcomes } = await operation.run({
      trySmallSync: () => ({ ...admitted(planOf([group('Sync', 0)])), requested: 'none' }),
      applySmallGroup() {
        throw ApplicationFailure.nonRetryable('another run took over', 'fenced');
      },
      endHooks: ({ outcome }) => void ended.push(outcome),
    });
    expect(outcomes).toEqual([{ phase: 'Fenced', message: 'another run took over' }]);
    expect(ended).toEqual([]);
  });

  it.each(['sync', 'delete'] as const)(
    'has its time limit ended as if somebody asked for it: %s',
    async (kind) => {
      const operation = scriptedOperation(engine, kind);
      const row = rowOf(operation);
      const limited = {
        ...admitted(planOf([group(kind === 'sync' ? 'PreSync' : 'PreDelete', 0)])),
        limit: { until: '2026-05-01T10:00:00.000Z', milliseconds: 200 },
      };
      let expiries = 0;
      const { outcomes } = await operation.run({
        trySmallSync: () => limited,
        admitOperation: () => limited,
        readStop: row.readStop,
        settleGroup: () => waiting(true),
        expireOperation() {
          expiries += 1;
          row.set({ requested: 'terminate' });
        },
      });
      expect(expiries).toBe(1);
      expect(outcomes).toEqual([{ phase: 'Terminated' }]);
    },
  );

  it('goes on past a limit that was moved, and ends at the one that was moved forward', async () => {
    const operation = scriptedOperation(engine, 'delete');
    const row = rowOf(operation);
    const seen: string[] = [];
    const soon = { until: '2026-05-01T10:00:00.000Z', milliseconds: 200 };
    let looks = 0;
    const { outcomes } = await operation.run({
      admitOperation: () => ({ ...admitted(planOf([group('Delete', 0)])), limit: later }),
      readStop: row.readStop,
      async settleGroup() {
        looks += 1;
        // The first look moves the limit to a moment from now; the row then says that there is time after all.
        if (looks === 1) await row.request({ requested: 'none', limit: soon });
        return waiting(false);
      },
      expireOperation() {
        seen.push('expired');
        row.set(
          seen.length === 1
            ? { requested: 'none', limit: { ...soon, until: '2026-05-01T11:00:00.000Z' } }
            : { requested: 'terminate' },
        );
      },
    });
    expect(seen).toEqual(['expired', 'expired']);
    expect(outcomes).toEqual([{ phase: 'Terminated' }]);
  });
});

describe.concurrent('an attempt', () => {
  it('that failed is made again after its pause, with what its row says by then', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const rendered: number[] = [];
    const attempts: AttemptRef['attempt'][] = [];
    const failing = planOf([group('Sync', 0)], [group('SyncFail', 0)]);
    const { places } = await operation.run({
      trySmallSync: () => admitted(failing),
      applySmallGroup: ({ attempt, phase }) =>
        attempt === 1 && phase === 'Sync' ? { kind: 'failed', message: 'web: refused' } : written,
      finishAttempt({ attempt, outcome }) {
        attempts.push(attempt);
        expect(outcome.phase).toBe(attempt === 1 ? 'Failed' : 'Succeeded');
        return attempt === 1 ? { next: 'retry', attempt: 2, delaySeconds: 0.001 } : { next: 'end' };
      },
      beginAttempt: () => ({ requested: 'none', rendered: false }),
      renderOperation: ({ attempt }) => void rendered.push(attempt),
      planSync: () => planOf([group('Sync', 0)]),
    });
    expect(places).toEqual([]);
    expect({ attempts, rendered }).toEqual({ attempts: [1, 2], rendered: [2] });
  });

  it('that waits for its retry gives way in its pause, and is not made', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const row = rowOf(operation);
    const phases: string[] = [];
    const { places } = await operation.run({
      trySmallSync: () => admitted(planOf([group('Sync', 0)])),
      applySmallGroup: () => ({ kind: 'failed', message: 'web: refused' }),
      readStop: row.readStop,
      async finishAttempt({ outcome }) {
        phases.push(outcome.phase);
        if (phases.length > 1) return { next: 'end' };
        await row.request({ requested: 'supersede' });
        return { next: 'retry', attempt: 2, delaySeconds: 3600 };
      },
      beginAttempt: () => ({ ...row.readStop(), rendered: true }),
    });
    expect({ phases, places }).toEqual({ phases: ['Failed', 'Superseded'], places: [] });
  });

  it('says what it had come to when ending its hooks failed', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const { outcomes } = await operation.run({
      trySmallSync: () => admitted(planOf([group('Sync', 0)])),
      endHooks() {
        throw ApplicationFailure.nonRetryable('Job here/check: forbidden', 'forbidden');
      },
    });
    expect(outcomes).toEqual([
      {
        phase: 'Error',
        message: 'Job here/check: forbidden',
        retryable: true,
        after: { phase: 'Succeeded' },
      },
    ]);
  });
});

describe.concurrent('a gate before a group', () => {
  it.each<['delete' | 'sync', GroupRef['phase']]>([
    ['sync', 'Sync'],
    ['delete', 'Delete'],
  ])('holds back a %s until a nudge says that it is open', async (kind, phase) => {
    const operation = scriptedOperation(engine, kind);
    const plan = planOf([group(phase, 0), group(phase, 1)]);
    const asked: number[] = [];
    const isOpen = () => asked.length > 2;
    const { outcomes, places } = await operation.run(
      {
        trySmallSync: () => admitted(plan),
        admitOperation: () => admitted(plan),
        passGates({ wave }) {
          asked.push(wave);
          return isOpen() ? { state: 'open' } : closed;
        },
        findLeftovers: () => ({ message: '' }),
      },
      { isNudged: true, isOpen: ({ wave }) => wave === 0 || isOpen() },
    );
    expect(asked).toEqual([1, 1, 1]);
    expect(places).toEqual([`${phase} 0`, `${phase} 1`]);
    expect(outcomes).toEqual([{ phase: 'Succeeded' }]);
  });

  it('is looked at again after the time that it says, without a nudge', async () => {
    const operation = scriptedOperation(engine, 'sync');
    let looks = 0;
    const { places } = await operation.run(
      {
        trySmallSync: () => admitted(planOf([group('Sync', 0)])),
        passGates() {
          looks += 1;
          return looks > 3 ? { state: 'open' } : { state: 'waiting', recheckMilliseconds: 10 };
        },
      },
      { isOpen: () => looks > 3 },
    );
    expect({ looks, places }).toEqual({ looks: 4, places: ['Sync 0'] });
  });

  it('lets nothing through that closes again before the write', async () => {
    const operation = scriptedOperation(engine, 'sync');
    let looks = 0;
    const { places } = await operation.run(
      {
        trySmallSync: () => admitted(planOf([group('Sync', 0)])),
        passGates() {
          looks += 1;
          return { state: 'open' };
        },
      },
      { isOpen: () => looks > 2 },
    );
    expect({ looks, places }).toEqual({ looks: 3, places: ['Sync 0'] });
  });

  it('is left by a sync that gives way, and by one that is terminated', async () => {
    for (const requested of ['supersede', 'terminate'] as const) {
      const operation = scriptedOperation(engine, 'sync');
      const row = rowOf(operation);
      const { outcomes, places } = await operation.run(
        {
          trySmallSync: () => admitted(planOf([group('Sync', 0)])),
          readStop: row.readStop,
          async passGates() {
            await row.request({ requested });
            return closed;
          },
        },
        { isOpen: () => false },
      );
      expect(places).toEqual([]);
      expect(outcomes).toEqual([{ phase: requested === 'supersede' ? 'Superseded' : 'Terminated' }]);
    }
  });
});

describe.concurrent('a cluster that does not answer', () => {
  const unreachable = () => ApplicationFailure.nonRetryable('connect ECONNREFUSED', 'cluster-unreachable');

  it('ends the attempt of a sync with its own error', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const { outcomes } = await operation.run({
      trySmallSync: () => admitted(planOf([group('Sync', 0)])),
      applySmallGroup() {
        throw unreachable();
      },
    });
    expect(outcomes).toEqual([{ phase: 'Error', message: 'connect ECONNREFUSED', retryable: true }]);
  });

  it('is outlasted by a deletion, which says so and takes it back', async () => {
    const operation = scriptedOperation(engine, 'delete');
    const told: string[] = [];
    const plan = planOf([group('Delete', 0)]);
    const { outcomes, places } = await operation.run(
      {
        admitOperation: () => admitted(plan),
        applySmallGroup({ phase, wave }) {
          if (told.length < 2) throw unreachable();
          told.push(`${phase} ${wave}`);
          return written;
        },
        awaitCluster: ({ absence }) => void told.push(absence),
        closeClusterWaits: () => void told.push('answers'),
        findLeftovers: () => ({ message: '' }),
      },
      { isNudged: true },
    );
    expect(told).toEqual(['cluster', 'cluster', 'Delete 0', 'answers']);
    expect(places).toEqual([]);
    expect(outcomes).toEqual([{ phase: 'Succeeded' }]);
  });
});

describe.concurrent('a deletion', () => {
  it('goes from phase to phase, ends the hooks of each, and looks for what came up meanwhile', async () => {
    const operation = scriptedOperation(engine, 'delete');
    const order: string[] = [];
    const plan = planOf([
      group('PreDelete', 0),
      group('Delete', 1),
      group('Delete', 0),
      group('PostDelete', 0),
    ]);
    const { outcomes } = await operation.run({
      admitOperation: () => admitted(),
      planDelete: () => plan,
      applySmallGroup({ phase, wave }) {
        order.push(`${phase} ${wave}`);
        return written;
      },
      endHooks: ({ phases }) => void order.push(`end ${phases?.join()}`),
      findLeftovers() {
        order.push('leftovers');
        return { message: order.filter((one) => one === 'leftovers').length < 2 ? 'Secret here/new' : '' };
      },
    });
    expect(order).toEqual([
      ...['PreDelete 0', 'end PreDelete', 'Delete 1', 'Delete 0', 'leftovers', 'leftovers'],
      ...['PostDelete 0', 'end PostDelete'],
    ]);
    expect(outcomes).toEqual([{ phase: 'Succeeded' }]);
  });

  it('that fails ends the hooks of the phase that it is in alone, and reports what is left', async () => {
    const operation = scriptedOperation(engine, 'delete');
    const order: string[] = [];
    const plan = planOf([group('PreDelete', 0), group('Delete', 0)]);
    const { outcomes } = await operation.run({
      admitOperation: () => admitted(plan),
      settleGroup: () => ({ kind: 'failed', message: 'Job here/farewell: failed' }),
      endHooks: ({ phases, outcome }) => void order.push(`${outcome} ${phases?.join()}`),
      reportOrphans: () => void order.push('orphans'),
    });
    expect(order).toEqual(['Failed PreDelete', 'orphans']);
    expect(outcomes).toEqual([
      {
        phase: 'Failed',
        message: 'PreDelete hooks failed, so that no object was deleted, reason: Job here/farewell: failed',
        retryable: false,
      },
    ]);
  });
});
