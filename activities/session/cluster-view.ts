import type { ClusterCache } from '../../cluster/cache/cache.ts';
import type { ClusterClient } from '../../cluster/request/client.ts';
import type { HealthJudge } from '../../core/health/custom.ts';
import type { HealthAssessor } from '../../core/health/health.ts';
import type { ClusterAddress } from '../../core/settings/filter.ts';
import type { Settings } from '../../core/settings/settings.ts';

/** What is read of a cluster's live cache. */
type CacheReads = Pick<
  ClusterCache,
  | 'children'
  | 'get'
  | 'getByUid'
  | 'hasSeen'
  | 'inNamespace'
  | 'instances'
  | 'observed'
  | 'ofKind'
  | 'outage'
  | 'tracked'
  | 'watches'
>;

/** One cluster as it can be read at the moment, and the rules by which its objects are judged. Nothing here writes. */
export type ClusterView = CacheReads & {
  /** Address and name under which the cluster is registered; filters of the settings speak of these. */
  readonly address: ClusterAddress;
  /** Reads past the cache: objects of kinds that it doesn't watch, and what discovery says of kinds. */
  readonly direct: Pick<ClusterClient, 'get' | 'preferredResource' | 'resourceFor'>;
  /** The settings under which the cache was filled; a session ends when they change. */
  readonly settings: Settings;
  /** Health of a live object by built-in and custom rules; undefined for kinds that have none. */
  readonly assessHealth: HealthAssessor;
  /** Why an object's own health script has no answer; undefined where there is none or it has. */
  readonly healthErrorOf: HealthJudge['errorOf'];
};
