import { Context } from '@temporalio/activity';
import { KeelsonError } from '../../core/errors.ts';
import { isStoreAway } from '../../db/store-away.ts';
import type {
  Admission,
  AttemptOutcome,
  OperationInput,
  PlanSummary,
  StretchRef,
  WaveResult,
} from '../../workflows/messages.ts';
import type { ShortApplyDeps } from '../deps.ts';
import { admission } from '../operation/admit.ts';
import { inTurn } from './in-turn.ts';
import { applyStretch, type Fresh } from './wave.ts';

/**
 * How many local activities wait for their turn, for how long, and how long one writes. It holds its workflow task, so
 * what is asked of the operation is heard after it, or with the task's heartbeat after eight seconds; and so many waiting
 * leave most of the worker's workflow tasks to others.
 */
const limits = { mostWaiting: 200, turnMilliseconds: 10_000, workMilliseconds: 5000 };
/** A cluster on which that was not enough is left to activities for so long. */
const slowMilliseconds = 30_000;

export function shortSyncActivities(deps: ShortApplyDeps) {
  /** Clusters that were slow a moment ago, with the time until which nothing is written to them beside workflows. */
  const slowUntil = new Map<string, number>();

  const writeShort = async (ref: StretchRef, fresh?: Fresh): Promise<WaveResult> => {
    const unfinished: WaveResult = { failed: false, message: '', unfinished: true };
    if (performance.now() < (slowUntil.get(ref.clusterId) ?? 0)) return unfinished;
    const signal = Context.current().cancellationSignal;
    const turn = await inTurn({ ...limits, limiter: deps.shortApplies, signal }, (stopped) =>
      applyStretch(deps, ref, { signal: stopped, fresh }),
    );
    if (turn === 'late') slowUntil.set(ref.clusterId, performance.now() + slowMilliseconds);
    return turn === 'late' || turn === 'no-turn' ? unfinished : turn.done;
  };

  return {
    /**
     * Carries out groups as `applyWaves` does, where that is done in a moment. What takes longer is left as it stands,
     * `unfinished`, for `applyWaves`: that tells of its progress and can be cancelled at any time.
     */
    applyShortWaves: (ref: StretchRef): Promise<WaveResult> => writeShort(ref),

    /**
     * Admits a sync as `admitOperation` does. One that was planned with its request and begins with a few objects that
     * nobody has to approve goes on at once: they are written, and where that is all the sync has ended.
     */
    async takeUpSync({
      success,
      ...operation
    }: OperationInput & { readonly success: AttemptOutcome }): Promise<Admission> {
      const { answer, fresh } = await admission(deps, operation);
      if (answer.state === 'ended') return answer;
      const { attempt, plan } = answer;
      const mayGoOn = answer.rendered && answer.wish === 'none' && answer.pauseMilliseconds === undefined;
      const ref =
        mayGoOn && plan !== undefined ? firstStretch({ ...operation, attempt, success }, plan) : undefined;
      if (ref === undefined) return answer;
      const written = await writeShort(ref, fresh).catch((error: unknown) => {
        // A fault is left to the walk, where it gets a few tries and then an end; this here is tried until it works.
        if (error instanceof KeelsonError || isStoreAway(error)) throw error;
      });
      if (written === undefined) return answer;
      return written.ended === true ? { state: 'ended' } : { ...answer, written };
    },
  };
}

/** The groups with which a plan begins, if they are few steps and need no approval. */
function firstStretch(
  { success, ...attempt }: Omit<StretchRef, 'places'>,
  { groups, hasHooks }: PlanSummary,
): StretchRef | undefined {
  const [opening] = groups;
  if (opening === undefined || opening.approval !== undefined || !opening.short) return undefined;
  const places = groups.slice(0, opening.together).map(({ phase, wave }) => ({ phase, wave }));
  return {
    ...attempt,
    places,
    ...(opening.last && !hasHooks && success !== undefined ? { success } : {}),
  };
}
