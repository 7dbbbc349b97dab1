import type { Outage } from '../../cluster/cache/cache.ts';
import { KeelsonError } from '../../core/errors.ts';
import { asSession, markClusterFailed, markSessionSynced } from '../../db/queries/cluster/session.ts';
import type { SessionDeps } from '../deps.ts';
import type { ClusterSession } from './cluster-session.ts';
import type { ClusterView } from './cluster-view.ts';
import { capabilitiesOf } from './compare/capabilities.ts';

/** A restart of an API server is over in a moment, and nothing to tell. */
const graceMilliseconds = 5000;

/** Since when, and why, a session's cluster answers nobody; undefined while it does, or hasn't for a moment only. */
export function outageOf(view: Pick<ClusterView, 'outage'>): Outage | undefined {
  return view.outage(graceMilliseconds);
}

/** What is added to the reason of a wait whose objects can't be seen at the moment. */
export function outageWords({ since, reason }: Outage): string {
  return `nothing has been heard of them since ${since.toISOString()}: ${reason}`;
}

/** Tells of a cluster that goes away under a session, which keeps what it knows of it, and of its return. */
export type OutageWatch = {
  /** Notices a change; what it has to do about it goes on by itself, since the cluster may be slow to answer. */
  look(): void;
  /** Why the session can't go on, once it can't: another one has taken the cluster. */
  failure(): KeelsonError | undefined;
};

export function createOutageWatch(deps: SessionDeps, session: ClusterSession): OutageWatch {
  const { clusterId } = session;
  let told = false;
  let telling = false;
  let failure: KeelsonError | undefined;

  const tell = async (outage: Outage | undefined): Promise<void> => {
    try {
      if (outage === undefined)
        await markSessionSynced(deps.db, session, await capabilitiesOf(session.client));
      else await asSession(deps.db, session, (tx) => markClusterFailed(tx, clusterId, outage.reason));
      told = outage !== undefined;
      if (told) deps.log.warn({ clusterId, ...outage }, 'cluster does not answer');
      else deps.log.info({ clusterId }, 'cluster answers again');
      await session.waits.lookAgain();
    } catch (error) {
      if (error instanceof KeelsonError && error.code === 'fenced') failure = error;
      else deps.log.warn({ clusterId, error: String(error) }, 'outage was not told and is looked at again');
    } finally {
      telling = false;
    }
  };

  return {
    look() {
      const outage = outageOf(session.view);
      if (telling || (outage !== undefined) === told) return;
      telling = true;
      void tell(outage);
    },
    failure: () => failure,
  };
}
