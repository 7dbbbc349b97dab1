import { Context } from '@temporalio/activity';
import { describeError } from '../../core/errors.ts';
import { isSmallPlan } from '../../core/sync/walk/small.ts';
import { addTiming } from '../../db/queries/operation/operation.ts';
import { isStoreUnavailable } from '../../db/store-unavailable.ts';
import type {
  Admission,
  AttemptRef,
  GroupRef,
  OperationInput,
  SmallGroupResult,
} from '../../workflows/messages.ts';
import type { ShortApplyDeps } from '../deps.ts';
import { admission } from '../operation/admit.ts';
import { endSynced } from '../operation/finish.ts';
import { type AttemptRun, recorded, takeAttempt } from './attempt-run.ts';
import { inTurn } from './in-turn.ts';
import { writeGroup, writeGroupAt } from './write-group.ts';

/**
 * How many local activities wait for their turn, for how long, and how long one writes. It holds its workflow task, so
 * what is asked of the operation is heard after it, or with the task's heartbeat after eight seconds; and so many waiting
 * leave most of the worker's workflow tasks to others.
 */
const limits = { mostWaiting: 200, turnMilliseconds: 10_000, workMilliseconds: 5000 };
/** A cluster on which that was not enough is left to activities for so long. */
const slowMilliseconds = 30_000;

export function smallSyncActivities(deps: ShortApplyDeps) {
  /** Clusters that were slow a moment ago, with the time until which nothing is written to them beside workflows. */
  const slowUntil = new Map<string, number>();

  /** Writes in a moment; undefined where there was none for it. What was written by then has results. */
  const inAMoment = async <T>(
    clusterId: string,
    write: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> => {
    if (performance.now() < (slowUntil.get(clusterId) ?? 0)) return undefined;
    const signal = Context.current().cancellationSignal;
    const turn = await inTurn({ ...limits, limiter: deps.shortApplies, signal }, write);
    if (turn === 'late') slowUntil.set(clusterId, performance.now() + slowMilliseconds);
    return turn === 'late' || turn === 'no-turn' ? undefined : turn.done;
  };

  return {
    /**
     * Carries out a group as `applyGroup` does, where that is done in a moment. What takes longer is left as it stands,
     * `unfinished`, for `applyGroup`: that tells of its progress and can be cancelled at any time.
     */
    async applySmallGroup(ref: GroupRef): Promise<SmallGroupResult> {
      const result = await inAMoment(ref.clusterId, async (signal) => {
        const run = await takeAttempt(deps, ref, { signal });
        return recorded(run, () => writeGroupAt(run, ref));
      });
      return result ?? { kind: 'unfinished' };
    },

    /**
     * Admits a sync as `admitOperation` does. One that was planned with its request, of a few objects that nothing waits
     * for, is carried out and ended at once. Whatever keeps it from that, also half-way, leaves it to its workflow, which
     * begins as if nothing had been tried: steps with results are skipped.
     */
    async trySmallSync(operation: OperationInput): Promise<Admission> {
      const { answer, fresh } = await admission(deps, operation);
      if (answer.state === 'ended' || !isReady(answer)) return answer;
      const ref: AttemptRef = { ...operation, attempt: answer.attempt };
      const { cancellationSignal } = Context.current();
      try {
        const isDone = await inAMoment(ref.clusterId, async (signal) =>
          writeAll(await takeAttempt(deps, ref, { signal, fresh })),
        );
        return isDone === true ? { state: 'ended' } : answer;
      } catch (error) {
        if (isStoreUnavailable(error) || cancellationSignal.aborted) throw error;
        // The workflow meets the same fault, gives it a few tries, and then the operation ends with it.
        deps.log.debug(
          { operationId: ref.operationId, error: describeError(error) },
          'small sync is left to its workflow',
        );
        return answer;
      }
    },
  };
}

/** Whether an attempt may begin at once and be over soon: its small plan is there, and nothing requests anything else. */
function isReady(answer: Extract<Admission, { state: 'admitted' }>): boolean {
  return (
    answer.plan !== undefined &&
    isSmallPlan(answer.plan) &&
    answer.rendered &&
    answer.requested === 'none' &&
    answer.pauseMilliseconds === undefined
  );
}

/** Writes all groups of a plan and ends the operation with them; answers whether it has ended. */
async function writeAll(run: AttemptRun): Promise<boolean> {
  const { deps, log, ref, state } = run;
  const startedAt = performance.now();
  const spent = (): number => performance.now() - startedAt;
  let isWritten = false;
  try {
    isWritten = await areWritten(run);
  } finally {
    await log.flush();
    if (!isWritten) await addTiming(deps.db, ref.operationId, 'apply', spent());
  }
  // The time that it took is recorded with the end, in the same statement.
  if (isWritten) await endSynced(deps, state.operation, { part: 'apply', milliseconds: spent() });
  return isWritten;
}

async function areWritten(run: AttemptRun): Promise<boolean> {
  for (const group of run.state.plan.plan.groups) {
    const { kind } = await writeGroup(run, group);
    if (kind !== 'written') return false;
  }
  return true;
}
