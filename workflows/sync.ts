import { sleep } from '@temporalio/workflow';
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
import { applyShort, ending, record, render } from './proxies.ts';
import { type Stop, watchStop } from './stop.ts';
import { begunAt, onSession, outcomeOfError, type Passage, type Walk, walkGroups } from './walk.ts';

/** Attempts of one run of the workflow: a history that is replayed after a crash stays short, however many follow. */
const attemptsPerRun = 10;

/** The end of an attempt that brought everything. */
const success: AttemptOutcome = {
  phase: 'Succeeded',
  message: 'successfully synced (all tasks run)',
  retryable: false,
};

/** One run's part of a sync: what it drives the attempts with. */
type Course = {
  readonly hints: Hints;
  readonly stop: Stop;
  readonly over: HandOver<Cursor | undefined>;
};

/** Where an attempt starts, and what is known of it beforehand. */
type Start = {
  readonly first: number;
  /** What has failed, where `first` is one of the groups that follow a failure. */
  readonly failure?: string;
  readonly begun: Passage['begun'];
  readonly rendered: boolean;
  readonly plan?: PlanSummary;
  readonly written?: WaveResult;
};

/**
 * One sync of one application, from its committed request to its recorded end: resolve and render, plan, then walk
 * the plan group by group; on failure run the SyncFail groups; retry as asked; end in history whatever happens.
 */
export async function syncApplication(input: OperationInput): Promise<void> {
  const { resume, ...operation } = input;
  const hints = listenForHints();
  const admitted =
    resume === undefined
      ? await applyShort.takeUpSync({ ...operation, success })
      : await record.admitOperation(operation);
  if (admitted.state === 'ended') return;
  const over = handingOver<typeof syncApplication, Cursor | undefined>((cursor) => [
    cursor === undefined ? operation : { ...operation, resume: cursor },
  ]);
  const course: Course = { hints, stop: watchStop(operation, hints, admitted.timeoutMilliseconds), over };
  course.stop.raise(admitted.wish);

  let attempt = admitted.attempt;
  let start: Start = { ...admitted, ...startAt(resume?.attempt === attempt ? resume : undefined) };
  if (admitted.pauseMilliseconds !== undefined) {
    start = await pause(course, { ...operation, attempt }, admitted.pauseMilliseconds);
  }
  for (let made = 1; ; made++) {
    const ref: AttemptRef = { ...operation, attempt };
    const outcome = await runAttempt(course, ref, start);
    if (outcome.ended === true) return;
    const after = await record.finishAttempt({ ...ref, outcome });
    if (after.next === 'end') return;
    if (made >= attemptsPerRun || over.isLong()) await over.handOver(undefined);
    attempt = after.attempt;
    start = await pause(course, { ...operation, attempt }, after.delaySeconds * 1000);
  }
}

function startAt(resume: Cursor | undefined): Pick<Start, 'begun' | 'failure' | 'first'> {
  const { failure } = resume ?? {};
  return {
    first: resume?.group ?? 0,
    begun: begunAt(resume),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** A durable timer before an attempt; whoever asks for the end ends it. */
async function pause({ stop }: Course, ref: AttemptRef, milliseconds: number): Promise<Start> {
  try {
    await stop.untilAsked(() => sleep(milliseconds));
  } catch (error) {
    // Asked to stop: the attempt finds the wish at its first boundary.
    outcomeOfError(error);
  }
  const { wish, rendered } = await record.beginAttempt(ref);
  stop.raise(wish);
  return { ...startAt(undefined), rendered };
}

/** Runs one attempt, which a terminate request cuts short, then ends its hooks. */
async function runAttempt(course: Course, ref: AttemptRef, start: Start): Promise<AttemptOutcome> {
  const made: { plan?: PlanSummary } = {};
  let outcome: AttemptOutcome;
  try {
    outcome = await course.stop.untilTerminated(() => attemptOnce(course, ref, start, made));
  } catch (error) {
    outcome = course.stop.outcomeOf(error);
  }
  // Without a plan of this run there may still be hooks of the run before it.
  const mayHaveHooks = (made.plan ?? start.plan)?.hasHooks ?? false;
  return outcome.phase === 'Fenced' || !mayHaveHooks ? outcome : endHooks(ref, outcome);
}

async function attemptOnce(
  { stop, hints, over }: Course,
  ref: AttemptRef,
  start: Start,
  made: { plan?: PlanSummary },
): Promise<AttemptOutcome> {
  const { begun, failure } = start;
  if (failure === undefined && !begun.inHook) stop.boundary();
  if (!start.rendered) await stop.untilAsked(() => render.renderOperation(ref));
  const passage = passageOf(over, ref, begun);
  const plan =
    start.plan ?? (await stop.untilAsked(() => onSession(passage, 0, (session) => session.planSync(ref))));
  made.plan = plan;
  if (plan.refused !== undefined) return { phase: 'Failed', message: plan.refused, retryable: true };

  const walk: Walk = {
    ...{ ...passage, hints, stop },
    ...(plan.hasHooks ? {} : { success }),
    ...(start.written === undefined ? {} : { written: start.written }),
  };
  const walked =
    failure === undefined
      ? await walkGroups(walk, plan.groups, start.first)
      : { failed: true, message: failure };
  if (!walked.failed) return { ...success, ...(walked.ended === true ? { ended: true } : {}) };
  const message = `one or more synchronization tasks completed unsuccessfully, reason: ${walked.message}`;
  const failed = await walkGroups(
    { ...passageOf(over, ref, begun, walked.message), hints },
    plan.failureGroups,
    failure === undefined ? 0 : start.first,
  );
  return {
    phase: 'Failed',
    message: failed.failed ? `${message}; one or more SyncFail hooks failed: ${failed.message}` : message,
    retryable: true,
  };
}

/** The way on within the groups of an attempt: those of its plan, or those that follow a failure. */
function passageOf(
  over: Course['over'],
  ref: AttemptRef,
  begun: Passage['begun'],
  failure?: string,
): Passage {
  const { attempt } = ref;
  const cursorAt = (place: Place): Cursor => ({
    attempt,
    ...place,
    ...(failure === undefined ? {} : { failure }),
  });
  return {
    attempt: ref,
    begun,
    over: handingOverAt(over, cursorAt),
  };
}

/**
 * Hooks are ended whatever happened: a terminate request doesn't cut this short, since it is how terminating ends. A
 * cluster that can't be reached holds it up for a minute, then the operation ends without it.
 */
async function endHooks(ref: AttemptRef, outcome: AttemptOutcome): Promise<AttemptOutcome> {
  try {
    await ending.endHooks({ ...ref, outcome: outcome.phase });
    return outcome;
  } catch (error) {
    const failure = outcomeOfError(error);
    if (outcome.phase === 'Terminated') {
      const message = `Operation termination had errors: ${failure.message}`;
      return { phase: 'Error', message, retryable: false };
    }
    return { ...failure, message: `${outcome.message}; ending the hooks failed: ${failure.message}` };
  }
}
