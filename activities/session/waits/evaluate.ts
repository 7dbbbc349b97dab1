import { describeError, KeelsonError } from '../../../core/errors.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { concernsItself } from '../../../core/retry-policy.ts';
import type { PlanStep } from '../../../core/sync/plan/plan.ts';
import { assessStep, type SteppedState } from '../../../core/sync/walk/settle.ts';
import type { StepResultRow } from '../../../db/queries/operation/plan.ts';
import type { ClusterView } from '../cluster-view.ts';

/** What a direct look at objects found, by step. */
export type Looked = {
  readonly live: ReadonlyMap<number, Manifest | undefined>;
  /** Why some can't be read at the moment: nothing is known of these, so they are waited for. */
  readonly unreadable: ReadonlyMap<number, string>;
};

const nothing: Looked = { live: new Map(), unreadable: new Map() };

/**
 * What the live objects say of a group's steps. Results that are complete count as they stand; the others are
 * assessed from the cache, an object that took another uid since the step counting as missing.
 */
export function evaluateGroup(
  view: Pick<ClusterView, 'assessHealth' | 'get'>,
  steps: readonly PlanStep[],
  results: ReadonlyMap<number, StepResultRow>,
  /** What was found of steps whose kind the cache doesn't watch. */
  looked = nothing,
): SteppedState[] {
  const age = { writtenAt: lastWrite(steps, results), now: Date.now() };
  return steps.map((step) => {
    if (looked.unreadable.has(step.step)) return { step, state: { state: 'waiting', message: '' } };
    const result = results.get(step.step);
    const live = looked.live.has(step.step) ? looked.live.get(step.step) : view.get(step.key);
    const other = live !== undefined && result?.uid != null && live.metadata.uid !== result.uid;
    return {
      step,
      state: assessStep({
        step,
        assessHealth: view.assessHealth,
        age,
        live: other ? undefined : live,
        result:
          result === undefined
            ? undefined
            : {
                status: result.status,
                hookPhase: result.hookPhase,
                message: result.message,
                complete: result.finishedAt !== null,
              },
      }),
    };
  });
}

/** When the last of some steps was carried out. */
function lastWrite(steps: readonly PlanStep[], results: ReadonlyMap<number, StepResultRow>): number {
  return Math.max(0, ...steps.map(({ step }) => results.get(step)?.appliedAt.getTime() ?? 0));
}

/** Steps that only a direct look can judge: no watch tells of their objects. */
export function unwatchedSteps(
  view: Pick<ClusterView, 'watches'>,
  steps: readonly PlanStep[],
  results: ReadonlyMap<number, StepResultRow>,
): PlanStep[] {
  return steps.filter(
    ({ step, key }) => results.get(step)?.finishedAt === null && !view.watches(key.group, key.kind),
  );
}

/** Looks at the objects of steps whose kind isn't watched, straight in the cluster. */
export async function readUnwatched(
  view: Pick<ClusterView, 'direct' | 'watches'>,
  steps: readonly PlanStep[],
  results: ReadonlyMap<number, StepResultRow>,
): Promise<Looked> {
  const found = new Map<number, Manifest | undefined>();
  const unreadable = new Map<number, string>();
  const look = async ({ step, apiVersion, key }: PlanStep): Promise<void> => {
    try {
      found.set(step, await view.direct.get(apiVersion, key));
    } catch (error) {
      if (concernsItself(error)) unreadable.set(step, describeError(error));
      // The definition of the kind is gone, and its objects with it.
      else if (error instanceof KeelsonError && error.code === 'kind-unknown') found.set(step, undefined);
      else throw error;
    }
  };
  await Promise.all(unwatchedSteps(view, steps, results).map(look));
  return { live: found, unreadable };
}
