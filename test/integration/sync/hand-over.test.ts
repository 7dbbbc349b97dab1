import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pollUntil } from '../../../local/poll.ts';
import {
  clusterQueue,
  clusterSessionWorkflowId,
  refreshRepositoryWorkflowId,
  refreshWorkflowId,
} from '../../../workflows/ids.ts';
import { settledSignal, wakeSignal } from '../../../workflows/signals.ts';
import {
  type Runs,
  type Script,
  type ScriptedEngine,
  startScriptedEngine,
} from '../../support/scripted/scripted-engine.ts';
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

/** A history of so many events is long; a round of a loop may add to that what it does between two looks. */
const long = 16;
const mostEvents = 4 * long;

let engine: ScriptedEngine;

beforeAll(async () => {
  engine = await startScriptedEngine(long);
});

afterAll(() => engine?.stop());

function expectShort(runs: Runs): void {
  expect(runs.length).toBeGreaterThan(1);
  expect(Math.max(...runs)).toBeLessThan(mostEvents);
}

describe.concurrent('a workflow whose history grows long goes on in a fresh run', () => {
  it('between groups that settle at once, of which none is left out and none written twice', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const plan = planOf(Array.from({ length: 30 }, (_, wave) => group('Sync', wave)));
    const { runs, places, outcomes } = await operation.run({
      trySmallSync: () => admitted(plan),
      admitOperation: () => admitted(plan),
    });
    expectShort(runs);
    expect(places).toEqual(plan.groups.map(({ wave }) => `Sync ${wave}`));
    expect(outcomes).toEqual([expect.objectContaining({ phase: 'Succeeded' })]);
  });

  it('while SyncFail hooks run, which nothing newer ends and for which the sync is not walked again', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const plan = planOf([group('Sync', 0)], [group('SyncFail', 0), group('SyncFail', 1)]);
    let looks = 0;
    const writes: string[] = [];
    const { runs, outcomes } = await operation.run({
      trySmallSync: () => admitted(plan),
      admitOperation: () => ({ ...admitted(plan), requested: 'supersede' }),
      applySmallGroup: ({ phase, wave }) => {
        writes.push(`${phase} ${wave}`);
        return phase === 'Sync' ? { kind: 'failed', message: 'web: refused' } : written;
      },
      async settleGroup({ phase, wave, attempt }) {
        looks += 1;
        if (looks > 12) return settled;
        await operation.signal(settledSignal, { phase, wave, attempt });
        return waiting(true);
      },
    });
    expectShort(runs);
    expect(looks).toBe(14);
    expect(writes.filter((one) => one === 'Sync 0')).toHaveLength(1);
    expect(writes.filter((one) => one === 'SyncFail 1')).toHaveLength(1);
    expect(outcomes).toEqual([
      {
        phase: 'Failed',
        message: 'one or more synchronization tasks completed unsuccessfully, reason: web: refused',
        retryable: true,
      },
    ]);
  });

  it('while a hook runs, which is not interrupted by what wants to take over', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const plan = planOf([group('PreSync', 0), group('Sync', 0)]);
    let looks = 0;
    const { runs, places, outcomes } = await operation.run({
      trySmallSync: () => admitted(plan),
      admitOperation: () => ({ ...admitted(plan), requested: 'supersede' }),
      async settleGroup({ phase, wave, attempt }) {
        looks += 1;
        if (looks > 12) return settled;
        await operation.signal(settledSignal, { phase, wave, attempt });
        return waiting(true);
      },
    });
    expectShort(runs);
    expect(looks).toBe(13);
    expect(new Set(places)).toEqual(new Set(['PreSync 0']));
    expect(outcomes).toEqual([expect.objectContaining({ phase: 'Superseded' })]);
  });

  it('while nobody approves, and goes on with the group once somebody has', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const plan = planOf([group('Sync', 0), group('Sync', 1)]);
    let looks = 0;
    const isApproved = () => looks > 8;
    const { runs, places } = await operation.run(
      {
        trySmallSync: () => admitted(plan),
        admitOperation: () => admitted(plan),
        passGates() {
          looks += 1;
          return isApproved() ? { state: 'open' } : closed;
        },
      },
      { isNudged: true, isOpen: ({ wave }) => wave === 0 || isApproved() },
    );
    expectShort(runs);
    expect(places).toEqual(['Sync 0', 'Sync 1']);
  });

  it('between attempts, of which each is made once', async () => {
    const operation = scriptedOperation(engine, 'sync');
    const planned: number[] = [];
    let attempt = 1;
    const { runs, outcomes } = await operation.run({
      trySmallSync: () => ({ ...admitted(), attempt }),
      beginAttempt: () => ({ requested: 'none', rendered: true }),
      planSync(ref) {
        planned.push(ref.attempt);
        return { ...planOf([]), refused: 'not now' };
      },
      finishAttempt() {
        if (attempt === 6) return { next: 'end' };
        attempt += 1;
        return { next: 'retry', attempt, delaySeconds: 0.001 };
      },
    });
    expectShort(runs);
    expect(planned).toEqual([1, 2, 3, 4, 5, 6]);
    expect(outcomes).toEqual([]);
  });

  it.each(['planned', 'settled'] as const)(
    'while nobody holds the cluster, on which it is to be %s: the wait that it told of is closed in the end',
    async (what) => {
      const operation = scriptedOperation(engine, 'sync');
      const plan = planOf([group('Sync', 0)]);
      const said = { waits: 0, found: 0, planned: 0, admitted: 0 };
      const known = what === 'settled' ? plan : undefined;
      const ended = operation.run(
        {
          trySmallSync: () => admitted(known),
          admitOperation() {
            said.admitted += 1;
            return admitted(known);
          },
          awaitCluster() {
            said.waits += 1;
          },
          closeClusterWaits() {
            said.found += 1;
          },
          planSync() {
            said.planned += 1;
            return plan;
          },
        },
        { isHeld: false },
      );
      await pollUntil('a fresh run', 60, async () => said.admitted > 0);
      await engine.work(clusterQueue(operation.clusterId));
      const { runs, outcomes } = await ended;
      expectShort(runs);
      expect(said).toMatchObject({ found: 1, planned: what === 'planned' ? 1 : 0 });
      expect(said.waits).toBeGreaterThan(1);
      expect(outcomes).toEqual([expect.objectContaining({ phase: 'Succeeded' })]);
    },
  );

  it('wherever a deletion waits or goes from group to group', async () => {
    const operation = scriptedOperation(engine, 'delete');
    const waves = Array.from({ length: 12 }, (_, wave) => group('Delete', wave));
    const plan = planOf([group('PreDelete', 0), ...waves, group('PostDelete', 0)]);
    const asked = { confirmed: 0, ended: [] as string[], leftovers: 0 };
    const told: string[] = [];
    const isConfirmed = () => asked.confirmed > 6;
    const { runs, places, outcomes } = await operation.run(
      {
        admitOperation: () => admitted(),
        planDelete: () => plan,
        passGates() {
          asked.confirmed += 1;
          return isConfirmed() ? { state: 'open' } : closed;
        },
        async endHooks({ phases = [] }) {
          asked.ended.push(...phases);
          if (asked.ended.length > 6) return;
          throw ApplicationFailure.nonRetryable('it does not answer', 'cluster-unreachable');
        },
        awaitCluster: () => void told.push('waits'),
        closeClusterWaits: () => void told.push('goes on'),
        findLeftovers() {
          asked.leftovers += 1;
          return { message: asked.leftovers > 3 ? '' : 'ConfigMap here/again' };
        },
      },
      { isNudged: true, isOpen: ({ phase }) => phase !== 'Delete' || isConfirmed() },
    );
    expectShort(runs);
    const first = [...new Set(places)];
    expect(first).toEqual(plan.groups.map(({ phase, wave }) => `${phase} ${wave}`));
    expect(asked.ended.at(-1)).toBe('PostDelete');
    // A run that begins within a wait closes it where the cluster answers, and opens it again where it does not.
    expect(told).toContain('waits');
    expect(told.at(-1)).toBe('goes on');
    expect(outcomes).toEqual([expect.objectContaining({ phase: 'Succeeded' })]);
  });

  it('that ends early within a phase of hooks, which are ended all the same', async () => {
    const operation = scriptedOperation(engine, 'delete');
    const plan = planOf([group('PreDelete', 0), group('Delete', 0)]);
    const ended: string[] = [];
    let [plans, looks] = [0, 0];
    const { runs, outcomes } = await operation.run({
      // The fresh run is asked to end before it does anything.
      admitOperation: () => ({
        ...admitted(plans > 0 ? plan : undefined),
        requested: plans > 0 && looks >= 12 ? 'terminate' : 'none',
      }),
      planDelete() {
        plans += 1;
        return plan;
      },
      async settleGroup({ phase, wave, attempt }) {
        looks += 1;
        await operation.signal(settledSignal, { phase, wave, attempt });
        return waiting(true);
      },
      endHooks: ({ phases = [] }) => void ended.push(...phases),
    });
    expectShort(runs);
    expect(ended).toEqual(['PreDelete']);
    expect(outcomes).toEqual([expect.objectContaining({ phase: 'Terminated' })]);
  });

  it('of refreshes, of which none that was asked for is left out', async () => {
    const shard = 7;
    const workflowId = refreshWorkflowId(shard);
    const all = Array.from({ length: 20 }, (_, index) => `application ${index}`);
    const asked: string[] = [];
    const rendered: string[] = [];
    const ask = (): void => {
      const next = all[asked.length];
      if (next !== undefined) asked.push(next);
    };
    const script: Script = {
      waitingApplications: () => ({ urgent: [], others: asked.filter((id) => !rendered.includes(id)) }),
      async renderDesired({ applicationIds }) {
        rendered.push(...applicationIds);
        ask();
        await engine.client.workflow.getHandle(workflowId).signal(wakeSignal);
      },
    };
    engine.script(String(shard), script);
    engine.script('application', script);
    ask();
    const runs = await engine.run('refreshApplications', workflowId, { shard });
    expectShort(runs);
    expect(rendered).toEqual(all);
  });

  it('of a repository that is pushed to all the time', async () => {
    const repositoryId = randomUUID();
    const workflowId = refreshRepositoryWorkflowId(repositoryId);
    let checks = 0;
    engine.script(repositoryId, {
      async checkRepositories() {
        checks += 1;
        if (checks <= 12) await engine.client.workflow.getHandle(workflowId).signal(wakeSignal);
      },
    });
    const runs = await engine.run('refreshRepository', workflowId, { repositoryId });
    expectShort(runs);
    expect(checks).toBeGreaterThan(12);
  });

  it('with each lease of a cluster, until it is not registered any more', async () => {
    const clusterId = randomUUID();
    let leases = 0;
    engine.script(clusterId, {
      holdCluster() {
        leases += 1;
        return { registered: leases < 4 };
      },
    });
    const runs = await engine.run('clusterSession', clusterSessionWorkflowId(clusterId), { clusterId });
    expectShort(runs);
    expect(runs).toHaveLength(4);
  });
});
