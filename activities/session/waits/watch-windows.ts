import { describeError } from '../../../core/errors.ts';
import { stoppedByWindows } from '../../../db/queries/operation/held-sync.ts';
import type { LeaseDeps } from '../../deps.ts';

/**
 * Has the syncs of a cluster that sync windows stopped under way ask their gates, at first and whenever the windows may
 * have changed. Who is missed here asks again after ten minutes at most.
 */
export function watchWindows(
  deps: Pick<LeaseDeps, 'changes' | 'db' | 'engine' | 'log' | 'settings'>,
  clusterId: string,
): { close(): Promise<void> } {
  const nudge = async (): Promise<void> => {
    try {
      const operations = await stoppedByWindows(deps.db, clusterId);
      await Promise.all(operations.map((operation) => deps.engine.nudgeOperation(operation)));
    } catch (error) {
      deps.log.warn({ clusterId, error: describeError(error) }, 'syncs that wait for windows were not asked');
    }
  };
  const listener = deps.changes.listen({
    log: deps.log,
    onChange({ topic }) {
      if (topic === 'rules') void nudge();
    },
    onGap: () => void nudge(),
  });
  // Global projects, whose windows others inherit, are named by a setting that operations read.
  const unfollow = deps.settings.onChange((parts) => {
    if (parts.includes('operations')) void nudge();
  });
  return {
    async close() {
      unfollow();
      await listener.close();
    },
  };
}
