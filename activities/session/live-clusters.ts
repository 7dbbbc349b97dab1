import { KeelsonError } from '../../core/errors.ts';
import type { ClusterSession } from './cluster-session.ts';

/** The clusters whose live caches this process holds. */
export type LiveClusters = {
  /** Throws `unavailable` when the cluster isn't held here any more: the task goes to the new holder. */
  get(clusterId: string): ClusterSession;
  put(session: ClusterSession): void;
  /** Removes this very session of the cluster, not a successor. */
  remove(session: ClusterSession): void;
};

export function createLiveClusters(): LiveClusters {
  const held = new Map<string, ClusterSession>();
  return {
    get(clusterId) {
      const session = held.get(clusterId);
      if (session === undefined) {
        throw new KeelsonError(
          'unavailable',
          `cluster ${clusterId} is not held by this session host any more`,
          {
            retryable: true,
          },
        );
      }
      return session;
    },
    put(session) {
      held.set(session.clusterId, session);
    },
    remove(session) {
      if (held.get(session.clusterId) === session) held.delete(session.clusterId);
    },
  };
}
