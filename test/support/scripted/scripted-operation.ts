import { randomUUID } from 'node:crypto';
import type { SignalDefinition } from '@temporalio/common';
import type { AttemptOutcome } from '../../../core/sync/operation/outcome.ts';
import type { PlanGroup, SyncPhase } from '../../../core/sync/plan/plan.ts';
import { walkedGroups } from '../../../core/sync/walk/small.ts';
import { pollUntil } from '../../../local/poll.ts';
import { clusterQueue, deleteWorkflowId, syncWorkflowId } from '../../../workflows/ids.ts';
import type {
  Admission,
  Gates,
  GroupRef,
  GroupResult,
  PlanSummary,
  SettleResult,
} from '../../../workflows/messages.ts';
import { nudgeSignal } from '../../../workflows/signals.ts';
import type { Script, ScriptedEngine } from '../scripted/scripted-engine.ts';

/** Objects that have settled. */
export const settled: SettleResult = { kind: 'settled' };
/** Objects that take their time, with hooks among them or without. */
export const waiting = (hooks: boolean): SettleResult => ({ kind: 'waiting', hooks });
/** A group that was written. */
export const written: GroupResult = { kind: 'written' };
/** A closed gate, of which only a nudge within the time of a test can tell that it opens. */
export const closed: Gates = { state: 'waiting', recheckMilliseconds: 45_000 };

/** A group of one step that is waited for. */
export function group(phase: SyncPhase, wave: number): PlanGroup {
  return { phase, wave, first: wave, count: 1, settle: true };
}

/** What a workflow is told of a plan with these groups. */
export function planOf(groups: readonly PlanGroup[], failureGroups: readonly PlanGroup[] = []): PlanSummary {
  return {
    digest: 'of the test',
    groups: walkedGroups(groups),
    failureGroups: walkedGroups(failureGroups),
    hasHooks: true,
  };
}

/** The admission of a first attempt whose render is stored. */
export function admitted(plan?: PlanSummary): Admission & { state: 'admitted' } {
  return {
    state: 'admitted',
    attempt: 1,
    requested: 'none',
    rendered: true,
    ...(plan === undefined ? {} : { plan }),
  };
}

/** An operation whose workflow runs on a scripted engine. */
export function scriptedOperation(engine: ScriptedEngine, kind: 'sync' | 'delete') {
  const operation = { applicationId: randomUUID(), operationId: randomUUID(), clusterId: randomUUID() };
  const { applicationId, operationId } = operation;
  const workflowId = (kind === 'sync' ? syncWorkflowId : deleteWorkflowId)(applicationId, operationId);
  const signal = <Args extends unknown[]>(name: SignalDefinition<Args>, ...args: Args) =>
    engine.client.workflow.getHandle(workflowId).signal(name, ...args);
  return {
    ...operation,
    signal,
    /** Runs to the end, its cluster held unless said otherwise; answers with the runs and what was written in order. */
    async run(
      script: Script,
      { isHeld = true, isNudged = false, isOpen = (_: GroupRef): boolean => true } = {},
    ) {
      const places: string[] = [];
      // By attempt: a local activity runs again where its workflow task took too long.
      const outcomes = new Map<number, AttemptOutcome>();
      let waits = 0;
      const write = (ref: GroupRef): GroupResult => {
        if (!isOpen(ref)) return { kind: 'held' };
        places.push(`${ref.phase} ${ref.wave}`);
        return written;
      };
      engine.script(operationId, {
        ...{ applySmallGroup: write, applyGroup: write, settleGroup: () => settled, endHooks: () => {} },
        ...{ awaitCluster: () => {}, closeClusterWaits: () => {}, reportOrphans: () => {} },
        readStop: () => ({ requested: 'none' }),
        finishAttempt: ({ attempt, outcome }) => {
          outcomes.set(attempt, outcome);
          return { next: 'end' };
        },
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
      return { runs: await running, places, outcomes: [...outcomes.values()] };
    },
  };
}

/** Has the looks counted after which a workflow waits for a nudge. */
function counting(script: Script, count: () => void): Script {
  const { passGates, awaitCluster } = script;
  const counted =
    <Input, Output>(answer: (input: Input) => Output) =>
    (input: Input) => {
      count();
      return answer(input);
    };
  return {
    ...script,
    ...(passGates === undefined ? {} : { passGates: counted(passGates) }),
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
  await pollUntil('the end of a nudged workflow', patienceSeconds, async () => {
    if (isOver) return true;
    if (looks() === nudged.looks && performance.now() - nudged.at < 2000) return false;
    nudged = { looks: looks(), at: performance.now() };
    await nudge().catch(() => {
      // It has ended, or has not begun.
    });
    return false;
  });
  await over;
}

const patienceSeconds = 110;
