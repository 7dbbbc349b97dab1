import type { ClusterCache } from '../../cluster/cache.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { Manifest } from '../../core/object/manifest.ts';
import type { PlanStep } from '../../core/sync/plan.ts';
import { assessStep, type SteppedState } from '../../core/sync/settle.ts';
import type { StepResultRow } from '../../db/queries/plan.ts';
import type { LiveCluster } from './live-clusters.ts';

/**
 * What the live objects say of a group's steps. Results that are complete count as they stand; the others are
 * assessed from the cache, an object that took another uid since the step counting as missing.
 */
export function evaluateGroup(
  { cache, assessHealth }: Pick<LiveCluster, 'assessHealth'> & { cache: Pick<ClusterCache, 'get'> },
  steps: readonly PlanStep[],
  results: ReadonlyMap<number, StepResultRow>,
  /** Live objects of steps whose kind the cache doesn't watch. */
  looked: ReadonlyMap<number, Manifest | undefined> = new Map(),
): SteppedState[] {
  return steps.map((step) => {
    const result = results.get(step.step);
    const live = looked.has(step.step) ? looked.get(step.step) : cache.get(step.key);
    const other = live !== undefined && result?.uid != null && live.metadata.uid !== result.uid;
    return {
      step,
      state: assessStep({
        step,
        assessHealth,
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

/** Steps that only a direct look can judge: no watch tells of their objects. */
export function unwatchedSteps(
  { cache }: { cache: Pick<ClusterCache, 'watches'> },
  steps: readonly PlanStep[],
  results: ReadonlyMap<number, StepResultRow>,
): PlanStep[] {
  return steps.filter(
    ({ step, key }) => results.get(step)?.finishedAt === null && !cache.watches(key.group, key.kind),
  );
}

/** The live objects of steps whose kind isn't watched, straight from the cluster. */
export async function lookAtUnwatched(
  live: Pick<LiveCluster, 'cache' | 'client'>,
  steps: readonly PlanStep[],
  results: ReadonlyMap<number, StepResultRow>,
): Promise<ReadonlyMap<number, Manifest | undefined>> {
  const looked = unwatchedSteps(live, steps, results).map(async ({ step, apiVersion, key }) => {
    try {
      return [step, await live.client.get(apiVersion, key)] as const;
    } catch (error) {
      // The definition of the kind is gone, and its objects with it.
      if (error instanceof KeelsonError && error.code === 'kind-unknown') return [step, undefined] as const;
      throw error;
    }
  });
  return new Map(await Promise.all(looked));
}
