import type { ClusterCache } from '../../cluster/cache.ts';
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
): SteppedState[] {
  return steps.map((step) => {
    const result = results.get(step.step);
    const live = cache.get(step.key);
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
