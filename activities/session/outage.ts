import type { Outage } from '../../cluster/cache.ts';
import { KeelsonError } from '../../core/errors.ts';
import { asSession, markClusterFailed, markSessionSynced } from '../../db/queries/session.ts';
import type { Deps } from '../deps.ts';
import { capabilitiesOf } from './capabilities.ts';
import type { LiveCluster } from './live-clusters.ts';

/** A restart of an API server is over in a moment, and nothing to tell. */
const graceMilliseconds = 5000;

/** Since when, and why, a session's cluster answers nobody; undefined while it does, or hasn't for a moment only. */
export function outageOf({ cache }: Pick<LiveCluster, 'cache'>): Outage | undefined {
  const outage = cache.outage();
  return outage !== undefined && Date.now() - outage.since.getTime() > graceMilliseconds ? outage : undefined;
}

/** What is added to the reason of a wait whose objects can't be seen at the moment. */
export function outageWords({ since, reason }: Outage): string {
  return `nothing has been heard of them since ${since.toISOString()}: ${reason}`;
}

/** Tells of a cluster that goes away under a session, which keeps what it knows of it, and of its return. */
export type OutageWatch = {
  /** Throws `fenced` when another session has taken the cluster. */
  look(): Promise<void>;
};

export function createOutageWatch(deps: Deps, live: LiveCluster): OutageWatch {
  let told = false;
  return {
    async look() {
      const outage = outageOf(live);
      if ((outage !== undefined) === told) return;
      const { clusterId } = live;
      try {
        if (outage === undefined) await markSessionSynced(deps.db, live, await capabilitiesOf(live.client));
        else await asSession(deps.db, live, (tx) => markClusterFailed(tx, clusterId, outage.reason));
      } catch (error) {
        if (error instanceof KeelsonError && error.code === 'fenced') throw error;
        deps.log.warn({ clusterId, error: String(error) }, 'outage was not recorded and is looked at again');
        return;
      }
      told = outage !== undefined;
      deps.log.warn({ clusterId, ...outage }, told ? 'cluster does not answer' : 'cluster answers again');
      live.waits.lookAgain();
    },
  };
}
