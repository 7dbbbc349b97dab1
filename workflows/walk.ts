import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  sleep,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { PlanGroup } from '../core/sync/plan.ts';
import type { Hints } from './hints.ts';
import type { AttemptOutcome, AttemptRef, GroupRef, WaveResult } from './messages.ts';
import { apply, record, sessionOf } from './proxies.ts';
import type { Stop } from './stop.ts';

/** Pause before asking again for a session that nobody holds; each ask waits a few seconds by itself. */
const sessionRetryPause = '1 second';

/** Pause before an approval is looked for again; the nudge that follows it usually ends it early. */
const approvalMilliseconds = 45_000;

/** What a walk needs besides the groups. */
export type Walk = {
  readonly attempt: AttemptRef;
  readonly hints: Hints;
  /** Called before each look at a waiting group: the place to hand over to a fresh run of the workflow. */
  readonly beforeWait: (group: number) => Promise<void>;
  /** Where a newer revision may take over; absent where nothing may. */
  readonly stop?: Pick<Stop, 'boundary' | 'untilAsked'>;
};

/** Walks groups in order, from position `first`, up to the first that fails; answers with that group's result. */
export async function walkGroups(walk: Walk, groups: readonly PlanGroup[], first = 0): Promise<WaveResult> {
  for (const [position, group] of groups.entries()) {
    if (position < first) continue;
    walk.stop?.boundary();
    const result = await walkGroup(walk, group, position);
    if (result.failed) return result;
  }
  return { failed: false, message: '' };
}

/** Writes one group, approved where that is asked for, and waits where the plan says so until it has settled. */
async function walkGroup(walk: Walk, group: PlanGroup, position: number): Promise<WaveResult> {
  const ref: GroupRef = { ...walk.attempt, phase: group.phase, wave: group.wave };
  await untilApproved(walk, ref, group.approval ?? [], position);
  const applied = await apply.applyWave(ref);
  if (applied.failed || !group.settle) return applied;
  for (;;) {
    const settled = await onSession(walk.attempt, (session) => session.settleWave(ref));
    if (settled.state === 'settled') return { failed: false, message: settled.message };
    if (settled.state === 'failed') return { failed: true, message: settled.message };
    // A hook that runs is never given up for something newer: its group ends first.
    const interruptible = settled.hooks ? undefined : walk.stop;
    interruptible?.boundary();
    await walk.beforeWait(position);
    const hint = () => walk.hints.settledOrDue({ attempt: ref.attempt, phase: ref.phase, wave: ref.wave });
    await (interruptible === undefined ? hint() : interruptible.untilAsked(hint));
  }
}

/** Holds a group back until its deletions are approved; days may pass. */
async function untilApproved(
  walk: Walk,
  ref: GroupRef,
  steps: readonly number[],
  position: number,
): Promise<void> {
  if (steps.length === 0) return;
  while (!(await record.awaitApproval({ ...ref, steps })).approved) {
    walk.stop?.boundary();
    await walk.beforeWait(position);
    const nudge = () => walk.hints.nudgedOrAfter(approvalMilliseconds);
    await (walk.stop === undefined ? nudge() : walk.stop.untilAsked(nudge));
  }
}

/**
 * Runs an activity on the host that holds the cluster's cache. While no host does, the operation says what it waits
 * for; a cluster that can't be reached ends the attempt with the connection's own error.
 */
export async function onSession<T>(
  attempt: AttemptRef,
  run: (session: ReturnType<typeof sessionOf>) => Promise<T>,
): Promise<T> {
  for (let asked = 0; ; asked++) {
    try {
      const found = await run(sessionOf(attempt.clusterId));
      if (asked > 0) await record.sessionFound(attempt);
      return found;
    } catch (error) {
      if (!isNobodyThere(error)) throw error;
      await record.awaitSession(attempt);
      await sleep(sessionRetryPause);
    }
  }
}

function isNobodyThere(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === 'SCHEDULE_TO_START'
  );
}

/** The end of an attempt that somebody asked to stop. */
export const terminated: AttemptOutcome = {
  phase: 'Terminated',
  message: 'Operation terminated',
  retryable: false,
};

/** What an error that ended an attempt means for the operation; rethrows what is no failure of the attempt. */
export function outcomeOfError(error: unknown): AttemptOutcome {
  if (isCancellation(error)) return terminated;
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    if (cause.type === 'fenced') return { phase: 'Fenced', message: cause.message, retryable: false };
    return { phase: 'Error', message: cause.message, retryable: true };
  }
  if (cause instanceof TimeoutFailure) {
    return {
      phase: 'Error',
      message: `an activity of the sync timed out: ${cause.message}`,
      retryable: true,
    };
  }
  throw error;
}
