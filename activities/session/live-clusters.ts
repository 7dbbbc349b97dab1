import type { ClusterCache } from '../../cluster/cache/cache.ts';
import type { ClusterClient } from '../../cluster/request/client.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { HealthJudge } from '../../core/health/custom.ts';
import type { HealthAssessor } from '../../core/health/health.ts';
import type { ClusterAddress } from '../../core/settings/filter.ts';
import type { Settings } from '../../core/settings/settings.ts';
import type { ObservationStore } from '../../db/queries/application/observed.ts';
import type { SessionDeps } from '../deps.ts';
import type { AppliedMemory } from '../installation/applied-memory.ts';
import type { Neighbourhood } from '../installation/neighbourhood.ts';
import type { Desirers } from './compare/desirers.ts';
import type { UnwatchedMemory } from './compare/unwatched.ts';
import type { Verdicts } from './compare/verdicts.ts';
import type { WaitWatch } from './waits/wait-watch.ts';

/** One cluster's live cache with what hangs on it, held under one epoch. */
export type LiveCluster = {
  readonly clusterId: string;
  /** Address and name under which the cluster is registered; filters of the settings speak of these. */
  readonly address: ClusterAddress;
  readonly epoch: number;
  readonly client: ClusterClient;
  readonly cache: ClusterCache;
  readonly verdicts: Verdicts;
  readonly waits: WaitWatch;
  readonly observations: ObservationStore;
  readonly unwatched: UnwatchedMemory;
  readonly desirers: Desirers;
  readonly applied: AppliedMemory;
  readonly neighbourhood: Neighbourhood;
  /** The settings under which the cache was filled; a session ends when they change. */
  readonly settings: Settings;
  /** Health of a live object by built-in and custom rules; undefined for kinds that have none. */
  readonly assessHealth: HealthAssessor;
  /** Why an object's own health script has no answer; undefined where there is none or it has. */
  readonly healthErrorOf: HealthJudge['errorOf'];
};

/**
 * Whether what a session knows was found under other settings, or as somebody else, than hold now: its successor looks
 * anew. Also true when they changed while the cache was being filled.
 */
export function isOver(
  { settings }: Pick<SessionDeps, 'settings'>,
  live: Pick<LiveCluster, 'client' | 'settings'>,
): boolean {
  return settings.current() !== live.settings || live.client.retired.aborted;
}

/** The clusters whose live caches this process holds. */
export type LiveClusters = {
  /** Throws `unavailable` when the cluster isn't held here any more: the task goes to the new holder. */
  get(clusterId: string): LiveCluster;
  put(live: LiveCluster): void;
  /** Removes this very session of the cluster, not a successor. */
  remove(live: LiveCluster): void;
};

export function createLiveClusters(): LiveClusters {
  const held = new Map<string, LiveCluster>();
  return {
    get(clusterId) {
      const live = held.get(clusterId);
      if (live === undefined) {
        throw new KeelsonError(
          'unavailable',
          `cluster ${clusterId} is not held by this session host any more`,
          {
            retryable: true,
          },
        );
      }
      return live;
    },
    put(live) {
      held.set(live.clusterId, live);
    },
    remove(live) {
      if (held.get(live.clusterId) === live) held.delete(live.clusterId);
    },
  };
}
