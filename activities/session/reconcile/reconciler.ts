import type { CacheChange } from '../../../cluster/cache/cache.ts';
import { instanceName } from '../../../core/application/source/source.ts';
import { describeError, KeelsonError } from '../../../core/errors.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { ownerOf, trackedOf } from '../../../core/sync/tracking/tracking.ts';
import { applicationsOfCluster } from '../../../db/queries/application/desired.ts';
import { isStoreUnavailable } from '../../../db/store-unavailable.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { LeaseDeps } from '../../deps.ts';
import type { ClusterSession } from '../cluster-session.ts';
import type { ClusterView } from '../cluster-view.ts';
import { endDelay, gatherMilliseconds, recheckDelay } from './pace.ts';
import { reconcile } from './reconcile.ts';
import { type ComparisonSteps, comparisonSteps } from './steps.ts';
import { createTroubles, type Trouble } from './troubles.ts';
import { createUpdateFilter } from './update-filter.ts';

/** Applications compared side by side in one session. */
const parallelReconciles = 8;

/** Keeps the applications of one cluster compared. */
export type Reconciler = {
  start(): Promise<void>;
  /**
   * An object changed: every application that has it or desires it, directly or through its owners, is looked at, unless
   * only fields have changed that don't count.
   */
  objectChanged(change: CacheChange): void;
  /** Why the session can't go on, once it can't. */
  failure(): KeelsonError | undefined;
  stop(): Promise<void>;
};

export function createReconciler(deps: LeaseDeps, session: ClusterSession): Reconciler {
  const steps = comparisonSteps(deps, session);
  const byInstance = new Map<string, string>();
  const due = new Map<string, { at: number; timer: NodeJS.Timeout }>();
  const running = new Set<string>();
  const again = new Set<string>();
  const ready = new Set<string>();
  /** Applications that had a live operation when they were last looked at. */
  const syncing = new Set<string>();
  const known = new Set<string>();
  const lastLook = new Map<string, number>();
  const troubles = createTroubles();
  const updates = createUpdateFilter({ ...session, jq: deps.jq });
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
    deps.log.debug({ applicationId }, 'application is compared');
    try {
      const { againAt, isSyncing, isPartial } = await reconcile(steps, applicationId);
      syncing[isSyncing ? 'add' : 'delete'](applicationId);
      if (againAt !== undefined) schedule(applicationId, Math.max(0, againAt.getTime() - Date.now()));
      if (isPartial === true) schedule(applicationId, troubles.failed(applicationId).pause);
      else if (troubles.passed(applicationId)) deps.log.info({ applicationId }, 'comparison works again');
    } catch (error) {
      const trouble = troubles.failed(applicationId);
      schedule(applicationId, trouble.pause);
      failure ??= await tellFailure(deps.log, steps, applicationId, error, trouble);
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

  const readApplications = async (project?: string): Promise<Iterable<string>> => {
    const found = await applicationsOfCluster(deps.db, session.clusterId, project);
    for (const application of found) {
      byInstance.set(instanceName({ metadata: application }, deps.homeNamespace), application.id);
      known.add(application.id);
    }
    return project === undefined ? known : found.map(({ id }) => id);
  };

  const scheduleAll = async (project?: string): Promise<void> => {
    for (const applicationId of await readApplications(project)) schedule(applicationId, 0);
  };

  const lookAt = (project?: string): void => {
    scheduleAll(project).catch((error: unknown) => {
      deps.log.warn({ error: String(error) }, 'applications of the cluster could not be read');
    });
  };

  const remember = async (applicationId: string): Promise<void> => {
    if (!known.has(applicationId)) await readApplications();
    schedule(applicationId, syncing.has(applicationId) ? endDelay(waiting()) : 0);
  };

  const take = (change: CacheChange): void => {
    for (const applicationId of concernedBy(session, byInstance, change)) {
      const sinceLook = performance.now() - (lastLook.get(applicationId) ?? Number.NEGATIVE_INFINITY);
      const facts = { due: waiting(), sinceLook, syncing: syncing.has(applicationId) };
      schedule(applicationId, recheckDelay(change, facts, session.view.assessHealth));
    }
  };

  const news = followNews(deps, session.clusterId, {
    one: (applicationId) => void remember(applicationId),
    some: lookAt,
  });
  session.desirers.onShared((applicationId) => schedule(applicationId, gatherMilliseconds));

  return {
    start: scheduleAll,
    objectChanged: (change) => updates.pass(change, () => take(change)),
    failure: () => failure,
    async stop() {
      stopped = true;
      for (const { timer } of due.values()) clearTimeout(timer);
      await news.close();
    },
  };
}

/**
 * Hears which applications of a cluster are to be looked at: one whose desired state is another, those of a project whose
 * rules are others, and all where it stands in the settings what projects inherit.
 */
function followNews(
  { changes, log, settings }: Pick<LeaseDeps, 'changes' | 'log' | 'settings'>,
  clusterId: string,
  heard: { one(applicationId: string): void; some(project?: string): void },
): { close(): Promise<void> } {
  const listener = changes.listen({
    log,
    onChange(change) {
      if (change.topic === 'rules' && change.project !== null) heard.some(change.project);
      if (change.topic !== 'desired' || change.clusterId !== clusterId) return;
      if (change.applicationId !== null) heard.one(change.applicationId);
    },
    onGap: () => heard.some(),
  });
  const unsubscribe = settings.onChange((parts) => {
    if (parts.includes('operations')) heard.some();
  });
  return {
    async close() {
      unsubscribe();
      await listener.close();
    },
  };
}

/** What lasts is shown with the application instead of told to the log; answers with what ends the session, if it does. */
async function tellFailure(
  log: Logger,
  steps: Pick<ComparisonSteps, 'reportFailure'>,
  applicationId: string,
  error: unknown,
  { isFirst, isLasting }: Trouble,
): Promise<KeelsonError | undefined> {
  try {
    if (error instanceof KeelsonError && error.code === 'fenced') return error;
    if (isFirst) log.warn({ applicationId, error: describeError(error) }, 'comparison failed');
    if (isLasting && !isStoreUnavailable(error)) await steps.reportFailure(applicationId, error);
  } catch (cause) {
    if (cause instanceof KeelsonError && cause.code === 'fenced') return cause;
    // The next look tries this too, a minute apart in the end.
    log.warn({ applicationId, error: describeError(cause) }, 'failed comparison was not reported');
  }
  return undefined;
}

/**
 * Applications that a change of an object is news to: those that its marks name or named before, and all that desire it,
 * whoever has it. Of an object that others own, those of the one at the top.
 */
function concernedBy(
  { view, desirers, orphanWatch }: Pick<ClusterSession, 'desirers' | 'orphanWatch' | 'view'>,
  byInstance: ReadonlyMap<string, string>,
  { object, previous }: CacheChange,
): ReadonlySet<string> {
  const top = topOf(view, object);
  if (top === undefined) return new Set();
  const states = top === object && previous !== undefined ? [top, previous] : [top];
  const marked = states.flatMap(
    (state) => byInstance.get(ownerOf(trackedOf(state), view.settings.tracking) ?? '') ?? [],
  );
  const { namespace = '' } = top.metadata;
  return new Set([...marked, ...desirers.of(keyOf(top)).map(({ id }) => id), ...orphanWatch.of(namespace)]);
}

/** The object at the top of an object's owners; a few steps are enough for every built-in controller. */
function topOf(view: Pick<ClusterView, 'getByUid'>, object: Manifest): Manifest | undefined {
  let current: Manifest | undefined = object;
  for (let depth = 0; current !== undefined && depth < 8; depth++) {
    const owner: string | undefined = current.metadata.ownerReferences?.[0]?.uid;
    if (owner === undefined) return current;
    current = view.getByUid(owner);
  }
  return undefined;
}
