import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  sleep,
} from '@temporalio/workflow';
import type { PlanGroup, SyncPhase } from '../core/sync/plan/plan.ts';
import type { StretchGroup } from '../core/sync/walk/stretch.ts';
import { type HandOver, handingOver, handingOverAt } from './hand-over.ts';
import { type Hints, listenForHints } from './hints.ts';
import type {
  AttemptOutcome,
  AttemptRef,
  Cursor,
  OperationInput,
  Place,
  PlanSummary,
  WaveResult,
} from './messages.ts';
import { apply, record } from './proxies.ts';
import { begunAt, onSession, outcomeOfError, type Passage, walkGroups } from './walk.ts';

/** Pause before a cluster that does not answer is tried again; a nudge ends it early. */
const clusterRetryMilliseconds = 10_000;
/** Pause before the confirmation is looked for again; the nudge that follows it usually ends it early. */
const confirmationMilliseconds = 45_000;
/** Ending the hooks of a deletion that ends early must not keep it from ending. */
const hookEndMilliseconds = 30_000;
/** Objects that go by themselves with others get this many looks, a second apart, before they count as new. */
const leftoverLooks = 5;

const firstLookMilliseconds = 1000;

/** One run of a deletion. */
type Deletion = {
  readonly ref: AttemptRef;
  readonly hints: Hints;
  readonly first: number;
  /** The phase that the deletion is in, for what has to be ended when it ends there. */
  readonly at: { phase?: SyncPhase };
  readonly over: HandOver<Cursor>;
  readonly begun: Passage['begun'];
};

/**
 * Deletes an application: PreDelete hooks, its objects wave by wave in reverse, waiting until each is gone,
 * PostDelete hooks, then its row. The operation stays in history; what is left behind stands in its report.
 */
export async function deleteApplication(input: OperationInput): Promise<void> {
  const { resume, ...operation } = input;
  const hints = listenForHints();
  const admitted = await record.admitOperation(operation);
  if (admitted.state === 'ended') return;
  const ref: AttemptRef = { ...operation, attempt: admitted.attempt };

  const deletion: Deletion = {
    ...{ ref, hints, first: resume?.group ?? 0, begun: begunAt(resume) },
    at: resume?.phase === undefined ? {} : { phase: resume.phase },
    over: handingOver<typeof deleteApplication, Cursor>((cursor) => [{ ...operation, resume: cursor }]),
  };
  const outcome = await runStoppable(deletion);
  if (outcome.phase !== 'Succeeded' && outcome.phase !== 'Fenced') {
    await endEarly(deletion, outcome);
    await apply.reportOrphans(ref);
  }
  await record.finishDelete({ ...ref, outcome });
}

/** Runs a deletion inside a scope that a terminate request or the deadline cancels. */
async function runStoppable(deletion: Deletion): Promise<AttemptOutcome> {
  const { ref, hints } = deletion;
  const scope = new CancellationScope();
  let clock: CancellationScope | undefined;
  let late = false;
  const look = async (): Promise<void> => {
    const asked = await record.readDeletion(ref);
    clock?.cancel();
    if (asked.terminating) scope.cancel();
    else if (asked.deadlineSeconds !== undefined) {
      clock = startClock(asked.deadlineSeconds, () => {
        late = true;
        scope.cancel();
      });
    }
  };
  hints.onNudge(look);
  await look();
  try {
    return await scope.run(() => deleteAll(deletion));
  } catch (error) {
    if (!late || !isCancellation(error)) return outcomeOfError(error);
    return { phase: 'Failed', message: 'deletion did not end before its deadline', retryable: false };
  } finally {
    hints.onNudge(async () => {});
    clock?.cancel();
  }
}

/** A durable timer beside the deletion; cancelling the scope stops it. */
function startClock(seconds: number, onEnd: () => void): CancellationScope {
  const scope = new CancellationScope();
  scope
    .run(() => sleep(seconds > 0 ? seconds * 1000 : 1))
    .then(onEnd, () => {
      // Cancelled: the deletion has ended or has another deadline.
    });
  return scope;
}

async function deleteAll(deletion: Deletion): Promise<AttemptOutcome> {
  const { ref, first, at } = deletion;
  const plan = await onCluster(deletion, first, () =>
    onSession(passageAt(deletion, first), first, (session) => session.planDelete(ref)),
  );
  for (const [position, group] of plan.groups.entries()) {
    if (position < first) continue;
    const { over } = passageAt(deletion, position);
    if (position > first && over.isLong()) await over.handOver({ group: position });
    at.phase = group.phase;
    const begins = plan.groups[position - 1]?.phase !== group.phase;
    if (group.phase === 'Delete' && begins) await untilConfirmed(deletion, position);
    const walked = await onCluster(deletion, position, () => walkOne(deletion, group, position));
    if (walked.failed) return { phase: 'Failed', message: failure(group, walked), retryable: false };
    const left = await endPhase(deletion, plan, position);
    if (left !== '') return { phase: 'Failed', message: left, retryable: false };
  }
  return { phase: 'Succeeded', message: 'application deleted', retryable: false };
}

function walkOne(deletion: Deletion, group: StretchGroup, position: number): Promise<WaveResult> {
  return walkGroups({ ...passageAt(deletion, position), hints: lookingSoon(deletion.hints) }, [group]);
}

/** The way on at one group of the plan, whatever is walked there. */
function passageAt({ ref, over, at, begun }: Deletion, group: number): Passage {
  const cursorAt = ({ waits }: Omit<Place, 'group'>): Cursor => ({
    ...{ attempt: ref.attempt, group },
    ...(waits === undefined ? {} : { waits }),
    ...(at.phase === undefined ? {} : { phase: at.phase }),
  });
  return {
    attempt: ref,
    begun,
    over: handingOverAt(over, cursorAt),
  };
}

/**
 * Looks at a waiting group again after a second, and then less and less often: most objects go at once, and what a
 * deletion says it waits for should be those that don't.
 */
function lookingSoon(hints: Hints): Hints {
  let pause = firstLookMilliseconds;
  return {
    ...hints,
    async settledOrDue(place) {
      const scope = CancellationScope.current();
      try {
        await CancellationScope.withTimeout(pause, () => hints.settledOrDue(place));
      } catch (error) {
        if (!isCancellation(error) || scope.consideredCancelled) throw error;
      }
      pause *= 5;
    },
  };
}

const failures: Partial<Record<PlanGroup['phase'], string>> = {
  PreDelete: 'PreDelete hooks failed, so that no object was deleted',
  Delete: 'one or more objects could not be deleted',
  PostDelete: 'PostDelete hooks failed after the objects were deleted',
};

function failure(group: PlanGroup, walked: WaveResult): string {
  return `${failures[group.phase] ?? group.phase}, reason: ${walked.message}`;
}

/**
 * What follows the last wave of a phase; nothing follows the others. Hooks are let go before anything else is deleted,
 * since what they are in may go next. Deleted objects may have been made anew by somebody. Answers with what speaks
 * against going on.
 */
async function endPhase(deletion: Deletion, plan: PlanSummary, position: number): Promise<string> {
  const { ref } = deletion;
  const phase = plan.groups[position]?.phase;
  if (phase === undefined || plan.groups[position + 1]?.phase === phase) return '';
  if (phase !== 'Delete') {
    await onCluster(deletion, position, () =>
      apply.endHooks({ ...ref, outcome: 'Succeeded', phases: [phase] }),
    );
    return '';
  }
  const passage = passageAt(deletion, position);
  let left = '';
  for (let looks = 0; looks < leftoverLooks; looks++) {
    if (looks > 0) {
      await sleep('1 second');
      await passage.over.beforeWait({ group: position });
    }
    const found = await onCluster(deletion, position, () =>
      onSession(passage, position, (session) => session.findLeftovers(ref)),
    );
    left = found.message;
    if (left === '') return '';
  }
  return `objects were created while the others were deleted: ${left}`;
}

async function untilConfirmed(deletion: Deletion, position: number): Promise<void> {
  const { ref, hints } = deletion;
  const { over } = passageAt(deletion, position);
  while (!(await record.awaitConfirmation(ref)).confirmed) {
    await over.beforeWait({ group: position });
    await hints.nudgedOrAfter(confirmationMilliseconds);
  }
}

/** Runs something that needs the cluster. While that does not answer, the deletion waits and says so. */
async function onCluster<T>(deletion: Deletion, position: number, run: () => Promise<T>): Promise<T> {
  const { ref, hints } = deletion;
  const { over } = passageAt(deletion, position);
  for (let waited = false; ; waited = true) {
    try {
      const done = await run();
      if (waited) await record.closeClusterWait(ref);
      return done;
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      await record.awaitCluster(ref);
      await over.beforeWait({ group: position, waits: true });
      await hints.nudgedOrAfter(clusterRetryMilliseconds);
    }
  }
}

function isUnreachable(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && cause.type === 'cluster-unreachable';
}

/** Ends the hooks of the phase in which a deletion ends early, as far as the cluster answers. */
async function endEarly({ ref, at: { phase } }: Deletion, outcome: AttemptOutcome): Promise<void> {
  if (phase === undefined || phase === 'Delete') return;
  try {
    await CancellationScope.withTimeout(hookEndMilliseconds, () =>
      apply.endHooks({ ...ref, outcome: outcome.phase, phases: [phase] }),
    );
  } catch {
    // The report that follows names what is left, hooks too.
  }
}
