import type { ApplicationSource } from '../../application/source/source-spec.ts';
import type { WaitView } from '../../wire/operation.ts';
import type { OperationPhase } from './operation.ts';

/** Workers say that they live every two seconds; this much silence means that none does. */
export const workerTimeoutSeconds = 15;
/** An operation younger than this is on its way; nothing is worth telling yet. */
const graceMilliseconds = 2000;

/** What is known of a live operation whose waits are looked at. */
export type WaitFacts = {
  readonly phase: OperationPhase;
  readonly attempt: number;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly now: Date;
  readonly deadline: Date | null;
  readonly sources: readonly Pick<ApplicationSource, 'repoURL' | 'targetRevision'>[];
  /** Revisions asked for, by position of the source; empty where none was. */
  readonly revisions: readonly string[];
  /** Whether this attempt has a plan. */
  readonly planned: boolean;
  readonly waits: readonly WaitView[];
  /** Seconds since any worker was heard of; undefined when none ever was. */
  readonly secondsSinceWorker: number | undefined;
};

/**
 * What a live operation waits for although no row says so: a worker, since only workers write waits; or Git and
 * rendering, which are looked at from outside because they may hang.
 */
export function presumeWait(facts: WaitFacts): WaitView | undefined {
  const { attempt, now, secondsSinceWorker: silence } = facts;
  const deadline = facts.deadline === null ? {} : { deadline: facts.deadline.toISOString() };
  const view = (kind: WaitView['kind'], since: Date, reason: string): WaitView | undefined =>
    now.getTime() - since.getTime() < graceMilliseconds
      ? undefined
      : { kind, attempt, reason, keys: [], openedAt: since.toISOString(), ...deadline };

  if (silence === undefined || silence > workerTimeoutSeconds) {
    const heard =
      silence === undefined
        ? 'none has ever been heard of'
        : `none has been heard of for ${Math.round(silence)} seconds`;
    const since = facts.startedAt ?? facts.requestedAt;
    return view(
      'worker',
      since,
      `waiting for a worker: ${heard}; start one, or read why it stopped in its log`,
    );
  }
  if (facts.startedAt === null) {
    return view('worker', facts.requestedAt, 'waiting for a worker to take the operation up');
  }
  const open = facts.waits.some((wait) => wait.closedAt === undefined);
  if (facts.planned || open || facts.phase === 'Terminating') return undefined;
  return view(
    'render',
    attemptStart(facts, facts.startedAt),
    `waiting for the render of ${sourceNames(facts)}`,
  );
}

/** An attempt starts where the wait before it ended. */
function attemptStart({ waits, attempt }: WaitFacts, startedAt: Date): Date {
  const pause = waits.findLast((wait) => wait.kind === 'retry' && wait.attempt === attempt);
  return pause?.closedAt === undefined ? startedAt : new Date(pause.closedAt);
}

function sourceNames({ sources, revisions }: WaitFacts): string {
  return sources
    .map((source, position) => {
      const revision = revisions[position] || source.targetRevision || 'HEAD';
      return `${source.repoURL} at ${revision}`;
    })
    .join(', ');
}
