import type { CacheChange } from '../../cluster/cache.ts';
import { instanceName } from '../../core/application/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import { keyOf, type Manifest } from '../../core/object/manifest.ts';
import { ownerOf } from '../../core/sync/tracking.ts';
import { listenForChanges } from '../../db/listen.ts';
import { applicationsOfCluster } from '../../db/queries/desired.ts';
import type { Deps } from '../deps.ts';
import type { LiveCluster } from './live-clusters.ts';
import { endDelay, gatherMilliseconds, lookDelay } from './pace.ts';
import { reconcile } from './reconcile.ts';

/** Pause after a comparison that failed for a passing reason. */
const retryMilliseconds = 2000;
/** Applications compared side by side in one session. */
const parallelReconciles = 8;

/** Keeps the applications of one cluster compared. */
export type Reconciler = {
  start(): Promise<void>;
  /** An object changed: the application it belongs to, directly or through its owners, is looked at. */
  objectChanged(change: CacheChange): void;
  /** Why the session can't go on, once it can't. */
  failure(): KeelsonError | undefined;
  stop(): Promise<void>;
};

export function createReconciler(deps: Deps, live: LiveCluster): Reconciler {
  const byInstance = new Map<string, string>();
  const due = new Map<string, { at: number; timer: NodeJS.Timeout }>();
  const running = new Set<string>();
  const again = new Set<string>();
  const ready = new Set<string>();
  /** Applications that had a live operation when they were last looked at. */
  const syncing = new Set<string>();
  const known = new Set<string>();
  const lastLook = new Map<string, number>();
  let stopped = false;
  let failure: KeelsonError | undefined;

  const waiting = (): number => due.size + ready.size;

  /** The earliest time asked for wins; a look that is due and has not begun will see everything. */
  const schedule = (applicationId: string, milliseconds: number): void => {
    if (stopped || ready.has(applicationId)) return;
    const at = performance.now() + milliseconds;
    const pending = due.get(applicationId);
    if (pending !== undefined && pending.at <= at) return;
    clearTimeout(pending?.timer);
    const timer = setTimeout(() => {
      due.delete(applicationId);
      ready.add(applicationId);
      pump();
    }, milliseconds);
    due.set(applicationId, { at, timer });
  };

  const look = async (applicationId: string): Promise<void> => {
    lastLook.set(applicationId, performance.now());
    try {
      const { againAt, isSyncing } = await reconcile(deps, live, applicationId);
      if (isSyncing) syncing.add(applicationId);
      else syncing.delete(applicationId);
      if (againAt !== undefined) schedule(applicationId, Math.max(0, againAt.getTime() - Date.now()));
    } catch (error) {
      if (error instanceof KeelsonError && error.code === 'fenced') failure = error;
      else {
        deps.log.warn({ applicationId, error: String(error) }, 'comparison failed and is tried again');
        schedule(applicationId, retryMilliseconds);
      }
    }
  };

  const pump = (): void => {
    for (const applicationId of ready) {
      if (stopped || running.size >= parallelReconciles) return;
      ready.delete(applicationId);
      if (running.has(applicationId)) {
        again.add(applicationId);
        continue;
      }
      running.add(applicationId);
      void look(applicationId).finally(() => {
        running.delete(applicationId);
        if (again.delete(applicationId)) schedule(applicationId, gatherMilliseconds);
        pump();
      });
    }
  };

  const readApplications = async (): Promise<void> => {
    for (const application of await applicationsOfCluster(deps.db, live.clusterId)) {
      byInstance.set(instanceName({ metadata: application }, deps.homeNamespace), application.id);
      known.add(application.id);
    }
  };

  const scheduleAll = async (): Promise<void> => {
    await readApplications();
    for (const applicationId of known) schedule(applicationId, 0);
  };

  const listener = listenForChanges(deps.pool, {
    log: deps.log,
    onChange(change) {
      if (change.topic !== 'desired' || change.clusterId !== live.clusterId) return;
      if (change.applicationId !== null) void remember(change.applicationId);
    },
    onGap() {
      scheduleAll().catch((error: unknown) => {
        deps.log.warn({ error: String(error) }, 'applications of the cluster could not be read');
      });
    },
  });

  const remember = async (applicationId: string): Promise<void> => {
    if (!known.has(applicationId)) await readApplications();
    schedule(applicationId, syncing.has(applicationId) ? endDelay(waiting()) : 0);
  };

  return {
    start: scheduleAll,
    objectChanged(change) {
      const instance = instanceOf(live, change.object);
      const applicationId = instance === undefined ? undefined : byInstance.get(instance);
      if (applicationId === undefined) return;
      const facts = {
        due: waiting(),
        sinceLook: performance.now() - (lastLook.get(applicationId) ?? Number.NEGATIVE_INFINITY),
        syncing: syncing.has(applicationId),
      };
      schedule(applicationId, lookDelay(change, facts, live.assessHealth));
    },
    failure: () => failure,
    async stop() {
      stopped = true;
      for (const { timer } of due.values()) clearTimeout(timer);
      await listener.close();
    },
  };
}

/** The application at the top of an object's owners; a few steps are enough for every built-in controller. */
function instanceOf(live: LiveCluster, object: Manifest): string | undefined {
  let current: Manifest | undefined = object;
  for (let depth = 0; current !== undefined && depth < 8; depth++) {
    const owner: string | undefined = current.metadata.ownerReferences?.[0]?.uid;
    if (owner === undefined) {
      return ownerOf({ key: keyOf(current), metadata: current.metadata }, live.settings.tracking);
    }
    current = live.cache.getByUid(owner);
  }
  return undefined;
}
