import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SignalDefinition } from '@temporalio/common';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanGroup, SyncPhase } from '../../../core/sync/plan/plan.ts';
import { withStretches } from '../../../core/sync/walk/stretch.ts';
import { pollUntil } from '../../../local/poll.ts';
import {
  clusterQueue,
  clusterSessionWorkflowId,
  deleteWorkflowId,
  refreshRepositoryWorkflowId,
  refreshWorkflowId,
  syncWorkflowId,
} from '../../../workflows/ids.ts';
import type { Admission, AttemptOutcome, PlanSummary, SettleResult } from '../../../workflows/messages.ts';
import { nudgeSignal, settledSignal, wakeSignal } from '../../../workflows/signals.ts';
import {
  type Runs,
  type Script,
  type ScriptedEngine,
  startScriptedEngine,
} from '../../support/keelson/scripted-engine.ts';

/** A history of so many events is long; a round of a loop may add to that what it does between two looks. */
const long = 16;
const mostEvents = 4 * long;

let engine: ScriptedEngine;

beforeAll(async () => {
  engine = await startScriptedEngine(long);
});

afterAll(() => engine?.stop());

const settled: SettleResult = { state: 'settled', message: '', hooks: false };
const waiting = (hooks: boolean): SettleResult => ({ state: 'waiting', message: 'it takes its time', hooks });
const written = { failed: false, message: '' };

function group(phase: SyncPhase, wave: number, approval?: number[]): PlanGroup {
  return {
    phase,
    wave,
    first: wave,
    count: 1,
    settle: true,
    ...(approval === undefined ? {} : { approval }),
  };
}

function planOf(groups: readonly PlanGroup[], failureGroups: readonly PlanGroup[] = []): PlanSummary {
  return {
    digest: 'of the test',
    groups: withStretches(groups),
    failureGroups: withStretches(failureGroups),
    hasHooks: true,
  };
}

function admitted(plan?: PlanSummary): Admission & { state: 'admitted' } {
  return {
    state: 'admitted',
    attempt: 1,
    wish: 'none',
    rendered: true,
    ...(plan === undefined ? {} : { plan }),
  };
}

/** An operation of a workflow that a script answers. */
function operationOf(kind: 'sync' | 'delete') {
  const operation = { applicationId: randomUUID(), operationId: randomUUID(), clusterId: randomUUID() };
  const { applicationId, operationId } = operation;
  const workflowId = (kind === 'sync' ? syncWorkflowId : deleteWorkflowId)(applicationId, operationId);
  const signal = <Args extends unknown[]>(name: SignalDefinition<Args>, ...args: Args) =>
    engine.client.workflow.getHandle(workflowId).signal(name, ...args);
  return {
    ...operation,
    signal,
    /** Runs to the end, its cluster held unless said otherwise; answers with the runs and what was written in order. */
    async run(script: Script, { isHeld = true, isNudged = false } = {}) {
      const places: string[] = [];
      const outcomes: AttemptOutcome[] = [];
      let waits = 0;
      const write = ({ places: of }: { places: readonly { phase: string; wave: number }[] }) => {
        places.push(...of.map(({ phase, wave }) => `${phase} ${wave}`));
        return written;
      };
      engine.script(operationId, {
        ...{ applyShortWaves: write, applyWaves: write, settleWave: () => settled, endHooks: () => {} },
        ...{ readStop: () => ({ wish: 'none' }), readDeletion: () => ({ terminating: false }) },
        ...{
          awaitSession: () => {},
          sessionFound: () => {},
          awaitCluster: () => {},
          closeClusterWait: () => {},
        },
        reportOrphans: () => {},
        finishAttempt: ({ outcome }) => {
          outcomes.push(outcome);
          return { next: 'end' };
        },
        finishDelete: ({ outcome }) => void outcomes.push(outcome),
        ...counting(script, () => {
          waits += 1;
        }),
      });
      if (isHeld) await engine.work(clusterQueue(operation.clusterId));
      const running = engine.run(`${kind}Application`, workflowId, operation);
      // Whoever approves, confirms or brings a cluster back says so by a nudge.
      if (isNudged)
        await nudgeUntil(
          running,
          () => signal(nudgeSignal),
          () => waits,
        );
      return { runs: await running, places, outcomes };
    },
  };
}

/** Has the looks counted after which a workflow waits for a nudge. */
function counting(script: Script, count: () => void): Script {
  const { awaitApproval, awaitConfirmation, awaitCluster } = script;
  const counted =
    <Input, Output>(answer: (input: Input) => Output) =>
    (input: Input) => {
      count();
      return answer(input);
    };
  return {
    ...script,
    ...(awaitApproval === undefined ? {} : { awaitApproval: counted(awaitApproval) }),
    ...(awaitConfirmation === undefined ? {} : { awaitConfirmation: counted(awaitConfirmation) }),
    ...(awaitCluster === undefined ? {} : { awaitCluster: counted(awaitCluster) }),
  };
}

/** Nudges a workflow after each look until it has ended, and again where the nudge came before the wait had begun. */
async function nudgeUntil(
  ended: Promise<unknown>,
  nudge: () => Promise<void>,
  looks: () => number,
): Promise<void> {
  let isOver = false;
  const over = ended.finally(() => {
    isOver = true;
  });
  let nudged = { looks: 0, at: 0 };
  while (!isOver) {
    await Promise.race([over, sleep(100)]);
    if (looks() === nudged.looks && performance.now() - nudged.at < 2000) continue;
    nudged = { looks: looks(), at: performance.now() };
    await nudge().catch(() => {
      // It has ended, or has not begun.
    });
  }
}

function expectShort(runs: Runs): void {
  expect(runs.length).toBeGreaterThan(1);
  expect(Math.max(...runs)).toBeLessThan(mostEvents);
}

describe.concurrent('a workflow whose history grows long goes on in a fresh run', () => {
  it('between groups that settle at once, of which none is left out and none written twice', async () => {
    const operation = operationOf('sync');
    const plan = planOf(Array.from({ length: 30 }, (_, wave) => group('Sync', wave)));
    const { runs, places, outcomes } = await operation.run({
      takeUpSync: () => admitted(plan),
      admitOperation: () => admitted(plan),
    });
    expectShort(runs);
    expect(places).toEqual(plan.groups.map(({ wave }) => `Sync ${wave}`));
    expect(outcomes).toEqual([expect.objectContaining({ phase: 'Succeeded' })]);
  });

  it('while SyncFail hooks run, which nothing newer ends and for which the sync is not walked again', async () => {
    const operation = operationOf('sync');
    const plan = planOf([group('Sync', 0)], [group('SyncFail', 0), group('SyncFail', 1)]);
    let looks = 0;
    const writes: string[] = [];
    const { runs, outcomes } = await operation.run({
      takeUpSync: () => admitted(plan),
      admitOperation: () => ({ ...admitted(plan), wish: 'supersede' }),
      applyShortWaves: ({ places: [place] }) => {
        writes.push(`${place?.phase} ${place?.wave}`);
        return place?.phase === 'Sync' ? { failed: true, message: 'web: refused' } : written;
      },
      async settleWave({ phase, wave, attempt }) {
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
    const operation = operationOf('sync');
    const plan = planOf([group('PreSync', 0), group('Sync', 0)]);
    let looks = 0;
    const { runs, places, outcomes } = await operation.run({
      takeUpSync: () => admitted(plan),
      admitOperation: () => ({ ...admitted(plan), wish: 'supersede' }),
      async settleWave({ phase, wave, attempt }) {
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
    const operation = operationOf('sync');
    const plan = planOf([group('Sync', 0), group('Sync', 1, [1])]);
    let looks = 0;
    const { runs, places } = await operation.run(
      {
        takeUpSync: () => admitted(plan),
        admitOperation: () => admitted(plan),
        awaitApproval() {
          looks += 1;
          return { approved: looks > 8 };
        },
      },
      { isNudged: true },
    );
    expectShort(runs);
    expect(places).toEqual(['Sync 0', 'Sync 1']);
  });

  it('between attempts, of which each is made once', async () => {
    const operation = operationOf('sync');
    const planned: number[] = [];
    let attempt = 1;
    const { runs, outcomes } = await operation.run({
      takeUpSync: () => ({ ...admitted(), attempt }),
      beginAttempt: () => ({ wish: 'none', rendered: true }),
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
      const operation = operationOf('sync');
      const plan = planOf([group('Sync', 0)]);
      const said = { waits: 0, found: 0, planned: 0, admitted: 0 };
      const known = what === 'settled' ? plan : undefined;
      const ended = operation.run(
        {
          takeUpSync: () => admitted(known),
          admitOperation() {
            said.admitted += 1;
            return admitted(known);
          },
          awaitSession() {
            said.waits += 1;
          },
          sessionFound() {
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
    const operation = operationOf('delete');
    const waves = Array.from({ length: 12 }, (_, wave) => group('Delete', wave));
    const plan = planOf([group('PreDelete', 0), ...waves, group('PostDelete', 0)]);
    const asked = { confirmed: 0, ended: [] as string[], leftovers: 0 };
    const told: string[] = [];
    const { runs, places, outcomes } = await operation.run(
      {
        admitOperation: () => admitted(),
        planDelete: () => plan,
        awaitConfirmation() {
          asked.confirmed += 1;
          return { confirmed: asked.confirmed > 6 };
        },
        async endHooks({ phases = [] }) {
          asked.ended.push(...phases);
          if (asked.ended.length > 6) return;
          throw ApplicationFailure.nonRetryable('it does not answer', 'cluster-unreachable');
        },
        awaitCluster: () => void told.push('waits'),
        closeClusterWait: () => void told.push('goes on'),
        sessionFound: () => void told.push('goes on'),
        findLeftovers() {
          asked.leftovers += 1;
          return { message: asked.leftovers > 3 ? '' : 'ConfigMap here/again' };
        },
      },
      { isNudged: true },
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
    const operation = operationOf('delete');
    const plan = planOf([group('PreDelete', 0), group('Delete', 0)]);
    const ended: string[] = [];
    let [plans, looks] = [0, 0];
    const { runs, outcomes } = await operation.run({
      admitOperation: () => admitted(),
      // The fresh run is asked to end before it has its plan.
      readDeletion: () => ({ terminating: plans > 0 && looks >= 12 }),
      planDelete() {
        plans += 1;
        return plan;
      },
      async settleWave({ phase, wave, attempt }) {
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
    engine.script('shard', script);
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
