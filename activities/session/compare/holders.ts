import { KeelsonError } from '../../../core/errors.ts';
import { assessPrune, type SteppedState } from '../../../core/sync/walk/settle.ts';
import type { ClusterView } from '../cluster-view.ts';

/** Objects whose finalizers are looked up for one reason. */
const mostLookedUp = 3;

/**
 * Waiting states of deletions, with what holds the first of the objects: asked of the API server, since the cache may
 * not have seen yet that they are being deleted.
 */
export async function withHolders(
  view: Pick<ClusterView, 'direct' | 'get'>,
  waiting: readonly SteppedState[],
): Promise<SteppedState[]> {
  let lookUps = 0;
  return Promise.all(
    waiting.map(async (one) => {
      const { step } = one;
      if (step.action !== 'prune' || lookUps >= mostLookedUp) return one;
      if (view.get(step.key)?.metadata.deletionTimestamp !== undefined) return one;
      lookUps += 1;
      try {
        const live = await view.direct.get(step.apiVersion, step.key);
        // Gone meanwhile: the cache will say so in a moment, and that ends the wait.
        return live === undefined ? one : { step, state: assessPrune(step, live) };
      } catch (error) {
        if (!(error instanceof KeelsonError)) throw error;
        // The reason is shorter, nothing else.
        return one;
      }
    }),
  );
}
