import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { type ClusterCache, createClusterCache } from '../../cluster/cache/cache.ts';
import { KeelsonError } from '../../core/errors.ts';
import { assessHealth } from '../../core/health/assess.ts';
import { createHealthJudge } from '../../core/health/custom.ts';
import { keyOf } from '../../core/object/manifest/manifest.ts';
import { isExcluded } from '../../core/settings/filter.ts';
import { ownerOf, trackedOf } from '../../core/sync/tracking/tracking.ts';
import { anySignal } from '../../core/waiting/any-signal.ts';
import { createObservationStore } from '../../db/queries/application/observed.ts';
import { markClusterFailed, markSessionSynced, takeSession } from '../../db/queries/cluster/session.ts';
import type { LeaseDeps, RegisteredCluster } from '../deps.ts';
import { createAppliedMemory } from '../installation/applied-memory.ts';
import { createNeighbourhood } from '../installation/neighbourhood.ts';
import { type ClusterSession, isOver } from './cluster-session.ts';
import type { ClusterView } from './cluster-view.ts';
import { capabilitiesOf, createCapabilitiesWatch } from './compare/capabilities.ts';
import { createDesirers } from './compare/desirers.ts';
import { createOrphanWatch } from './compare/orphan-watch.ts';
import { createUnwatchedMemory } from './compare/unwatched.ts';
import { createVerdicts } from './compare/verdicts.ts';
import { assessSafely } from './health/assess-safely.ts';
import { createHealthScripts } from './health/health-scripts.ts';
import { createOutageWatch } from './outage.ts';
import { createReconciler } from './reconcile/reconciler.ts';
import { createWaitWatch } from './waits/wait-watch.ts';
import { watchWindows } from './waits/watch-windows.ts';

/** A lease ends by itself after about this long, so that clusters spread over hosts that came later. */
const leaseMilliseconds = 6 * 60 * 60 * 1000;
const leaseJitter = 0.2;
const leaseCheckMilliseconds = 1000;

export function holdActivities(deps: LeaseDeps) {
  return {
    /**
     * Holds a cluster's live cache: takes the epoch, fills the cache, then answers compare and settle tasks until
     * the lease's age, its cancellation, another session, other settings or another registration of the cluster end
     * it. `registered: false` ends the workflow too.
     */
    async holdCluster(input: { clusterId: string }): Promise<{ registered: boolean }> {
      const cluster = await deps.registeredCluster(input.clusterId);
      if (cluster === undefined) return { registered: false };
      const { retired } = cluster.client;
      const ending = new AbortController();
      const cancelled = Context.current().cancellationSignal;
      const signal = anySignal([cancelled, ending.signal, retired]);
      try {
        await serve(deps, await open(deps, input, cluster, signal), signal);
      } catch (error) {
        if (cancelled.aborted) throw error;
        // What failed was asked as somebody as whom the cluster isn't registered any more.
        if (retired.aborted) return { registered: true };
        throw await failedHold(deps, input, error);
      } finally {
        ending.abort();
      }
      return { registered: true };
    },
  };
}

/** Why a cluster can't be held, told with the cluster where that is its fault; such a failure is tried for ever. */
async function failedHold(
  deps: Pick<LeaseDeps, 'db'>,
  { clusterId }: { readonly clusterId: string },
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof KeelsonError) || error.code === 'fenced') return error;
  await markClusterFailed(deps.db, clusterId, error.message);
  return error.retryable
    ? error
    : new KeelsonError(error.code, error.message, { retryable: true, cause: error });
}

/** A session and the cache behind its view. */
type Opened = { readonly session: ClusterSession; readonly cache: ClusterCache };

/** Takes the cluster and fills the cache; from here on no earlier session can write. */
async function open(
  deps: LeaseDeps,
  { clusterId }: { readonly clusterId: string },
  { address, client }: RegisteredCluster,
  signal: AbortSignal,
): Promise<Opened> {
  const settings = deps.settings.current();
  const settingsChanges = deps.settings.changesOf('sessions');
  const cache = createClusterCache(client, {
    instanceOf: (object) => ownerOf(trackedOf(object), settings.tracking),
    isExcluded: (group, kind) => isExcluded(settings, { group, kind, cluster: address }),
    onProblem: (kind, error) =>
      deps.log.warn({ clusterId, kind, error: String(error) }, 'watch failed and is repeated'),
  });
  // Filled before the epoch is taken: the session that has it now goes on until this one can answer.
  await cache.start(signal);
  const epoch = await takeSession(deps.db, { clusterId, owner: deps.instance, version: deps.release });
  const judge = createHealthJudge(settings, assessHealth, createHealthScripts(deps.lua));
  const view: ClusterView = {
    ...cache,
    address,
    direct: client,
    settings,
    assessHealth: assessSafely(judge.assess),
    healthErrorOf: judge.errorOf,
  };
  const session: ClusterSession = {
    clusterId,
    epoch,
    client,
    view,
    settingsChanges,
    verdicts: createVerdicts({ client, jq: deps.jq }),
    observations: createObservationStore(deps.db, { clusterId, epoch }),
    unwatched: createUnwatchedMemory(),
    desirers: createDesirers(),
    orphanWatch: createOrphanWatch(),
    applied: createAppliedMemory(deps.db),
    neighbourhood: createNeighbourhood(deps, { clusterId, epoch, client, view }),
    waits: createWaitWatch({ db: deps.db, engine: deps.engine, log: deps.log, clusterId, view }),
  };
  await markSessionSynced(deps.db, session, await capabilitiesOf(client));
  deps.log.info({ clusterId, epoch, ...cache.stats() }, 'cluster session opened');
  return { session, cache };
}

async function serve(deps: LeaseDeps, { session, cache }: Opened, signal: AbortSignal): Promise<void> {
  const { clusterId } = session;
  const reconciler = createReconciler(deps, session);
  const outages = createOutageWatch(deps, session);
  const capabilities = createCapabilitiesWatch(deps, session);
  const failureOf = (): KeelsonError | undefined =>
    reconciler.failure() ?? outages.failure() ?? capabilities.failure();
  const unsubscribe = cache.onChange((event) => {
    session.waits.changed(keyOf(event.object));
    session.verdicts.objectChanged(event.object);
    reconciler.objectChanged(event);
  });
  deps.liveClusters.put(session);
  const polling = await deps.pollCluster(clusterId);
  const windows = watchWindows(deps, clusterId);
  const endAt = performance.now() + leaseMilliseconds * (1 - leaseJitter * Math.random());
  try {
    await Promise.all([session.waits.reload(), session.neighbourhood.look()]);
    await reconciler.start();
    while (
      !signal.aborted &&
      !isOver(deps.settings, session) &&
      performance.now() < endAt &&
      failureOf() === undefined
    ) {
      await sleep(leaseCheckMilliseconds, undefined, { signal }).catch(() => {
        // The lease is being cancelled: the loop ends with it.
      });
      outages.look();
      // A cluster that doesn't answer has nothing new to tell.
      if (cache.outage() !== undefined) continue;
      capabilities.look();
      session.neighbourhood.lookWhenDue();
    }
    const failure = failureOf();
    if (failure !== undefined) throw failure;
  } finally {
    unsubscribe();
    deps.liveClusters.remove(session);
    await Promise.all([polling.stop(), reconciler.stop(), windows.close()]);
    deps.log.info({ clusterId, epoch: session.epoch }, 'cluster session ended');
  }
}
