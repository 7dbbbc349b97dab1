import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  isCancellation,
  sleep,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { PlanGroup } from '../core/sync/plan/plan.ts';
import type { StretchGroup } from '../core/sync/walk/stretch.ts';
import type { HandOver } from './hand-over.ts';
import type { Hints } from './hints.ts';
import type {
  AttemptOutcome,
  AttemptRef,
  Cursor,
  GroupRef,
  Place,
  StretchRef,
  WaveResult,
} from './messages.ts';
import { apply, applyShort, record, sessionOf } from './proxies.ts';
import type { Stop } from './stop.ts';

/** Pause before asking again for a session that nobody holds; each ask waits a few seconds by itself. */
const sessionRetryPause = '1 second';

/** Pause before an approval is looked for again; the nudge that follows it usually ends it early. */
const approvalMilliseconds = 45_000;

/** How whatever needs an attempt's cluster goes on while that takes its time. */
export type Passage = {
  readonly attempt: AttemptRef;
  readonly over: HandOver<Place>;
  /** What the run before this one had begun there; whoever goes on with it takes it. */
  readonly begun: { inHook: boolean; waits: boolean };
};

/** Where a run goes on that another one has handed over, or begins. */
export function begunAt(resume: Cursor | undefined): Passage['begun'] {
  return { inHook: resume?.inHook === true, waits: resume?.waits === true };
}

/** What a walk needs besides the groups. */
export type Walk = Passage & {
  readonly hints: Hints;
  /** Where a newer revision may take over; absent where nothing may. */
  readonly stop?: Pick<Stop, 'boundary' | 'untilAsked'>;
  /** What writing the last groups may end the attempt with; absent where something of ours has to follow. */
  readonly success?: AttemptOutcome;
  /** What came of the first stretch, where it was written already. */
  readonly written?: WaveResult;
};

/** Walks groups in order, from position `first`, up to the first that fails; answers with that group's result. */
export async function walkGroups(
  walk: Walk,
  groups: readonly StretchGroup[],
  first = 0,
): Promise<WaveResult> {
  for (let position = first; position < groups.length; ) {
    if (!walk.begun.inHook) walk.stop?.boundary();
    walk.begun.inHook = false;
    // A fresh run begins with the group that it was made for, so that each gets on.
    if (position > first && walk.over.isLong()) await walk.over.handOver({ group: position });
    const written = position === first ? walk.written : undefined;
    const stretch = groups.slice(position, position + (groups[position]?.together ?? 1));
    const result = await walkStretch(walk, stretch, {
      position,
      ...(written === undefined ? {} : { written }),
    });
    if (result.failed || result.ended === true) return result;
    position += stretch.length;
  }
  return { failed: false, message: '' };
}

/** Writes groups, the first approved where that is asked for, and waits until the last has settled where it has to. */
async function walkStretch(
  walk: Walk,
  stretch: readonly StretchGroup[],
  { position, written }: { readonly position: number; readonly written?: WaveResult },
): Promise<WaveResult> {
  const { attempt } = walk;
  const [opening, closing] = [stretch[0] as StretchGroup, stretch.at(-1) as StretchGroup];
  await untilApproved(walk, { ...attempt, ...placeOf(opening) }, opening.approval ?? [], position);
  const ref: StretchRef = { ...attempt, places: stretch.map(placeOf) };
  const applied = await write(walk, ref, opening, written);
  // Seen in the operation's row before the signal about it was heard.
  if (applied.terminating === true) throw new CancelledFailure('the operation was asked to terminate');
  if (applied.failed || !closing.settle) return applied;
  const last: GroupRef = { ...attempt, ...placeOf(closing) };
  const here = position + stretch.length - 1;
  for (;;) {
    const settled = await onSession(walk, here, (session) => session.settleWave(last));
    if (settled.state === 'settled') return { failed: false, message: settled.message };
    if (settled.state === 'failed') return { failed: true, message: settled.message };
    // A hook that runs is never given up for something newer: its group ends first.
    const interruptible = settled.hooks ? undefined : walk.stop;
    interruptible?.boundary();
    await walk.over.beforeWait({ group: here, ...(settled.hooks ? { inHook: true } : {}) });
    const hint = () => walk.hints.settledOrDue({ attempt: attempt.attempt, ...placeOf(closing) });
    await (interruptible === undefined ? hint() : interruptible.untilAsked(hint));
  }
}

/** Writes a stretch: a small one beside the workflow, what is larger or takes its time as an activity of its own. */
async function write(
  { success }: Walk,
  ref: StretchRef,
  { short, last }: StretchGroup,
  written: WaveResult | undefined,
): Promise<WaveResult> {
  if (short) {
    const ending = last && success !== undefined ? { success } : {};
    const applied = written ?? (await applyShort.applyShortWaves({ ...ref, ...ending }));
    if (applied.unfinished !== true) return applied;
  }
  return apply.applyWaves(ref);
}

function placeOf({ phase, wave }: PlanGroup): Pick<GroupRef, 'phase' | 'wave'> {
  return { phase, wave };
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
    await walk.over.beforeWait({ group: position });
    const nudge = () => walk.hints.nudgedOrAfter(approvalMilliseconds);
    await (walk.stop === undefined ? nudge() : walk.stop.untilAsked(nudge));
  }
}

/**
 * Runs an activity on the host that holds the cluster's cache. While no host does, the operation says what it waits
 * for; a cluster that can't be reached ends the attempt with the connection's own error.
 */
export async function onSession<T>(
  { attempt, over, begun }: Passage,
  group: number,
  run: (session: ReturnType<typeof sessionOf>) => Promise<T>,
): Promise<T> {
  for (let asked = begun.waits ? 1 : 0; ; asked++) {
    begun.waits = false;
    try {
      const found = await run(sessionOf(attempt.clusterId));
      if (asked > 0) await record.sessionFound(attempt);
      return found;
    } catch (error) {
      if (!isNobodyThere(error)) throw error;
      await record.awaitSession(attempt);
      if (over.isLong()) await over.handOver({ group, waits: true });
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
