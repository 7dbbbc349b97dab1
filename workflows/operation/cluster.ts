import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { HandOver } from '../hand-over.ts';
import type { AttemptRef, ClusterAbsence, Position } from '../messages.ts';
import { record, sessionOf } from '../proxies.ts';
import type { Hints } from './hints.ts';
import type { Stop } from './stop.ts';

/** How an attempt goes on with whatever takes its time. */
export type Passage = {
  readonly attempt: AttemptRef;
  readonly hints: Hints;
  /** Where a newer revision may take over; absent where nothing may. */
  readonly stop?: Pick<Stop, 'boundary' | 'untilRequested'>;
  readonly over: HandOver<Position>;
  /** What the run before this one had begun at its position; whoever goes on with it resets it. */
  readonly begun: { inHook: boolean; waits: boolean };
  /** Whether it waits for a cluster that doesn't answer; otherwise the attempt ends with the connection's error. */
  readonly outlastsCluster: boolean;
};

/**
 * Pauses before something is asked of a cluster again; a nudge ends them early. A session that nobody holds is waited
 * for within each ask as well.
 */
const pauseMilliseconds: Readonly<Record<ClusterAbsence, number>> = { session: 1000, cluster: 10_000 };

/**
 * Runs something that needs the cluster at a group of the plan. While no session holds the cluster, or it doesn't answer
 * and that may be outlasted, the operation waits and says so.
 */
export async function onCluster<T>(passage: Passage, group: number, run: () => Promise<T>): Promise<T> {
  const { attempt, begun, hints, over } = passage;
  let waits = begun.waits;
  begun.waits = false;
  for (;;) {
    try {
      const done = await run();
      if (waits) await record.closeClusterWaits(attempt);
      return done;
    } catch (error) {
      const absence = absenceOf(error);
      if (absence === undefined || (absence === 'cluster' && !passage.outlastsCluster)) throw error;
      await record.awaitCluster({ ...attempt, absence });
      waits = true;
      await over.beforeWait({ group, waits });
      await hints.nudgedOrAfter(pauseMilliseconds[absence]);
    }
  }
}

/** Runs an activity on the host that holds the cluster's live cache. */
export function onSession<T>(
  passage: Passage,
  group: number,
  run: (session: ReturnType<typeof sessionOf>) => Promise<T>,
): Promise<T> {
  return onCluster(passage, group, () => run(sessionOf(passage.attempt.clusterId)));
}

function absenceOf(error: unknown): ClusterAbsence | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure)
    return cause.type === 'cluster-unreachable' ? 'cluster' : undefined;
  const isNobodyThere = cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
  return isNobodyThere ? 'session' : undefined;
}
