import { sleep } from '@temporalio/workflow';
import type { AttemptOutcome } from '../../core/sync/operation/outcome.ts';
import { type HandOver, handingOver, handingOverAt } from '../hand-over.ts';
import type { Admission, AttemptRef, Cursor, OperationInput, PlanSummary, Position } from '../messages.ts';
import { record } from '../proxies.ts';
import type { Passage } from './cluster.ts';
import { type Hints, listenForHints } from './hints.ts';
import { outcomeOfError } from './outcome.ts';
import { type Stop, watchStop } from './stop.ts';

/** Attempts of one run of the workflow: a history that is replayed after a crash stays short, however many follow. */
const attemptsPerRun = 10;

/** One attempt of an operation, under way. */
export type Attempt = {
  readonly ref: AttemptRef;
  readonly start: Start;
  readonly hints: Hints;
  readonly stop: Stop;
  readonly over: HandOver<Cursor | undefined>;
  /** How far it has come, for what has to be ended with it. */
  readonly progress: { plan?: PlanSummary; group: number };
};

/** Where an attempt starts, and what is known of it beforehand. */
type Start = {
  readonly first: number;
  /** What has failed, where `first` is one of the groups that follow a failure. */
  readonly failure?: string;
  readonly begun: Passage['begun'];
  readonly rendered: boolean;
  readonly plan?: PlanSummary;
};

/** What a kind of operation does in the life that all of them share. */
export type OperationKindSteps = {
  /** Makes a requested operation a running one, or takes a running one up again. */
  admit(operation: OperationInput): Promise<Admission>;
  /** Carries out an attempt. A terminate request cuts it short; what it throws then is the attempt's end as well. */
  carryOut(attempt: Attempt): Promise<AttemptOutcome>;
  /** Ends what an attempt leaves, however it ended; nothing cuts this short. */
  cleanUp(attempt: Attempt, outcome: AttemptOutcome): Promise<AttemptOutcome>;
};

/**
 * The life of an operation, from its committed request to its recorded end: admit, then attempt after attempt until
 * one is the last, with a durable pause before each retry.
 */
export async function runOperation(input: OperationInput, steps: OperationKindSteps): Promise<void> {
  const { resume, ...operation } = input;
  const hints = listenForHints();
  const admitted = await (resume === undefined ? steps.admit(operation) : record.admitOperation(operation));
  if (admitted.state === 'ended') return;
  const stop = watchStop(operation, hints);
  stop.take(admitted);
  const over = handingOver<(input: OperationInput) => Promise<void>, Cursor | undefined>((cursor) => [
    cursor === undefined ? operation : { ...operation, resume: cursor },
  ]);

  let ref: AttemptRef = { ...operation, attempt: admitted.attempt };
  let start: Start = { ...admitted, ...startAt(resume?.attempt === ref.attempt ? resume : undefined) };
  if (admitted.pauseMilliseconds !== undefined) start = await pause(stop, ref, admitted.pauseMilliseconds);
  for (let made = 1; ; made++) {
    const { first: group, plan } = start;
    const progress = { group, ...(plan === undefined ? {} : { plan }) };
    const outcome = await runAttempt({ ref, start, hints, stop, over, progress }, steps);
    const after = await record.finishAttempt({ ...ref, outcome });
    if (after.next === 'end') return;
    if (made >= attemptsPerRun || over.isLong()) await over.handOver(undefined);
    ref = { ...operation, attempt: after.attempt };
    start = await pause(stop, ref, after.delaySeconds * 1000);
  }
}

function startAt(resume: Cursor | undefined): Pick<Start, 'begun' | 'failure' | 'first'> {
  const { failure } = resume ?? {};
  return {
    first: resume?.group ?? 0,
    begun: { inHook: resume?.inHook === true, waits: resume?.waits === true },
    ...(failure === undefined ? {} : { failure }),
  };
}

/** A durable timer before an attempt; whoever requests the end ends it. */
async function pause(stop: Stop, ref: AttemptRef, milliseconds: number): Promise<Start> {
  try {
    await stop.untilRequested(() => sleep(milliseconds));
  } catch (error) {
    // Asked to stop: the attempt finds the request at its first boundary.
    outcomeOfError(error);
  }
  const { rendered, ...state } = await record.beginAttempt(ref);
  stop.take(state);
  return { ...startAt(undefined), rendered };
}

async function runAttempt(attempt: Attempt, steps: OperationKindSteps): Promise<AttemptOutcome> {
  let outcome: AttemptOutcome;
  try {
    outcome = await attempt.stop.untilTerminated(() => steps.carryOut(attempt));
  } catch (error) {
    outcome = attempt.stop.outcomeOf(error);
  }
  // Whoever took the right to write from this attempt ends what it leaves.
  return outcome.phase === 'Fenced' ? outcome : steps.cleanUp(attempt, outcome);
}

/** The way on within the groups of an attempt: those of its plan, or those that follow a failure. */
export function passageOf(
  { ref, start, hints, over }: Attempt,
  how: Pick<Passage, 'outlastsCluster' | 'stop'> & { readonly failure?: string },
): Passage {
  const { failure, ...rest } = how;
  const cursorAt = (position: Position): Cursor => ({
    attempt: ref.attempt,
    ...position,
    ...(failure === undefined ? {} : { failure }),
  });
  return { attempt: ref, hints, begun: start.begun, over: handingOverAt(over, cursorAt), ...rest };
}
