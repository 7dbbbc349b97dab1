import { CancellationScope, sleep } from '@temporalio/workflow';
import type { AttemptOutcome } from '../core/sync/operation/outcome.ts';
import type { SyncPhase } from '../core/sync/plan/plan.ts';
import type { OperationInput, PlanSummary } from './messages.ts';
import { onCluster, onSession, type Passage } from './operation/cluster.ts';
import { type Attempt, passageOf, runOperation } from './operation/operation.ts';
import { type Walk, walkGroups } from './operation/walk.ts';
import { apply, record } from './proxies.ts';

/** Ending the hooks of a deletion that ends early must not keep it from ending. */
const hookEndMilliseconds = 30_000;
/** Objects that go by themselves with others get this many looks, a second apart, before they count as new. */
const leftoverLooks = 5;
/** Most objects go at once, and what a deletion says it waits for should be those that don't: it looks again soon. */
const rechecks = [1000, 5000, 25_000];

/** A phase of a deletion, with what follows the last of its groups. */
type Phase = {
  readonly name: SyncPhase;
  /** What it means that a group of the phase failed. */
  readonly failure: string;
  /** Answers with what speaks against going on; empty where nothing does. */
  readonly end: (passage: Passage, last: number) => Promise<string>;
};

/** Hooks are let go before anything else is deleted, since what they are in may go next. */
const phases: readonly Phase[] = [
  {
    name: 'PreDelete',
    failure: 'PreDelete hooks failed, so that no object was deleted',
    end: (passage, last) => endHooks(passage, last, 'PreDelete'),
  },
  { name: 'Delete', failure: 'one or more objects could not be deleted', end: untilNothingIsLeft },
  {
    name: 'PostDelete',
    failure: 'PostDelete hooks failed after the objects were deleted',
    end: (passage, last) => endHooks(passage, last, 'PostDelete'),
  },
];

/**
 * Deletes an application: PreDelete hooks, its objects wave by wave in reverse, waiting until each is gone,
 * PostDelete hooks, then its row. The operation stays in history; what is left behind stands in its report.
 */
export function deleteApplication(input: OperationInput): Promise<void> {
  return runOperation(input, {
    admit: record.admitOperation,
    carryOut: deleteObjects,
    cleanUp: reportRest,
  });
}

async function deleteObjects(attempt: Attempt): Promise<AttemptOutcome> {
  const { ref, start, progress, stop } = attempt;
  const passage = passageOf(attempt, { outlastsCluster: true, stop });
  const plan = start.plan ?? (await onSession(passage, start.first, (session) => session.planDelete(ref)));
  progress.plan = plan;
  const walk: Walk = { ...passage, rechecks };
  for (const { name, failure, end } of phases) {
    const { first, last } = groupsOf(plan, name);
    if (last < start.first) continue;
    const from = first > start.first ? first : start.first;
    if (from > start.first && passage.over.isLong()) await passage.over.handOver({ group: from });
    progress.group = from;
    const walked = await walkGroups(walk, plan.groups, from, last + 1);
    if (walked.kind === 'failed') return failed(`${failure}, reason: ${walked.message}`);
    const left = await end(passage, last);
    if (left !== '') return failed(left);
  }
  return { phase: 'Succeeded' };
}

function failed(message: string): AttemptOutcome {
  return { phase: 'Failed', message, retryable: false };
}

/** Positions of the first and last group of a phase; none is before all of them. */
function groupsOf({ groups }: PlanSummary, phase: SyncPhase): { first: number; last: number } {
  return {
    first: groups.findIndex((group) => group.phase === phase),
    last: groups.findLastIndex((group) => group.phase === phase),
  };
}

async function endHooks(passage: Passage, last: number, phase: SyncPhase): Promise<string> {
  const ends = { ...passage.attempt, outcome: 'Succeeded', phases: [phase] } as const;
  await onCluster(passage, last, () => apply.endHooks(ends));
  return '';
}

/** Deleted objects may have been made anew by somebody. */
async function untilNothingIsLeft(passage: Passage, last: number): Promise<string> {
  let left = '';
  for (let looks = 0; looks < leftoverLooks; looks++) {
    if (looks > 0) {
      await sleep('1 second');
      await passage.over.beforeWait({ group: last });
    }
    const found = await onSession(passage, last, (session) => session.findLeftovers(passage.attempt));
    left = found.message;
    if (left === '') return '';
  }
  return `objects were created while the others were deleted: ${left}`;
}

/** Ends the hooks of the phase in which a deletion ends early, as far as the cluster answers, and reports what is left. */
async function reportRest({ ref, progress }: Attempt, outcome: AttemptOutcome): Promise<AttemptOutcome> {
  if (outcome.phase === 'Succeeded') return outcome;
  const phase = progress.plan?.groups[progress.group]?.phase;
  if (phase !== undefined && phase !== 'Delete') {
    try {
      await CancellationScope.withTimeout(hookEndMilliseconds, () =>
        apply.endHooks({ ...ref, outcome: outcome.phase, phases: [phase] }),
      );
    } catch {
      // The report that follows names what is left, hooks too.
    }
  }
  await apply.reportOrphans(ref);
  return outcome;
}
