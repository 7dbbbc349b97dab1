import type { applyQueue, renderQueue, sessionQueue, syncQueue, urgentQueue } from '../workflows/ids.ts';
import { actionActivities, actionWriteActivities } from './action/action.ts';
import { smallSyncActivities } from './apply/small-sync.ts';
import { groupActivities } from './apply/write-group.ts';
import type { ApplyDeps, LeaseDeps, RecordDeps, SessionDeps, ShortApplyDeps } from './deps.ts';
import { operationRenderActivities, refreshActivities, waitingActivities } from './desired/refresh.ts';
import type { DesiredDeps } from './desired/rendering.ts';
import { repositoryActivities } from './desired/repositories.ts';
import { asActivities } from './failure.ts';
import { homeActivities } from './home/hold-home.ts';
import { inspectActivities } from './inspect/inspect.ts';
import { admitActivities } from './operation/admit.ts';
import { clusterWaitActivities } from './operation/cluster-wait.ts';
import { endHookActivities } from './operation/end-hooks.ts';
import { finishActivities } from './operation/finish.ts';
import { gateActivities } from './operation/gate.ts';
import { orphanActivities } from './operation/orphans.ts';
import { planActivities } from './plan/plan.ts';
import { planDeleteActivities } from './plan/plan-delete.ts';
import { holdActivities } from './session/hold.ts';
import { settleActivities } from './session/waits/settle.ts';

/** Short reads and writes of rows, beside the workflow that wants them. */
export type RecordActivities = ReturnType<typeof recordActivities>;

export function recordActivities(deps: RecordDeps) {
  return asActivities({
    ...actionActivities(deps),
    ...admitActivities(deps),
    ...clusterWaitActivities(deps),
    ...finishActivities(deps),
    ...gateActivities(deps),
    ...waitingActivities(deps),
  });
}

/** Writes to clusters that are over in a moment, beside the workflow that wants them. */
export type ShortApplyActivities = ReturnType<typeof shortApplyActivities>;

export function shortApplyActivities(deps: ShortApplyDeps) {
  return asActivities(smallSyncActivities(deps));
}

/** Renders that nobody waits for in person. */
export type RenderActivities = ReturnType<typeof renderActivities>;

export function renderActivities(deps: DesiredDeps) {
  return asActivities({ ...operationRenderActivities(deps), ...refreshActivities(deps) });
}

/** Renders and questions about sources that somebody waits for, and the checks of repositories. */
export type UrgentActivities = ReturnType<typeof urgentActivities>;

export function urgentActivities(deps: DesiredDeps) {
  return asActivities({
    ...inspectActivities(deps),
    ...refreshActivities(deps),
    ...repositoryActivities(deps),
  });
}

/** What writes to clusters, and looks at what stays of them. */
export type ApplyActivities = ReturnType<typeof applyActivities>;

export function applyActivities(deps: ApplyDeps) {
  return asActivities({
    ...actionWriteActivities(deps),
    ...endHookActivities(deps),
    ...groupActivities(deps),
    ...orphanActivities(deps),
  });
}

/** What needs the live cache of its cluster: plan and settle. */
export type SessionActivities = ReturnType<typeof sessionActivities>;

export function sessionActivities(deps: SessionDeps) {
  return asActivities({
    ...planActivities(deps),
    ...planDeleteActivities(deps),
    ...settleActivities(deps),
  });
}

/** What holds live caches, and the mirror of the home cluster. */
export type LeaseActivities = ReturnType<typeof leaseActivities>;

export function leaseActivities(deps: LeaseDeps) {
  return asActivities({ ...holdActivities(deps), ...homeActivities(deps) });
}

/**
 * Which activities each task queue has: proxies call by it, and workers register by it. Local activities run on the
 * worker of their workflow. An activity stays with its queue as long as a run of an earlier release may have it
 * scheduled there.
 */
export type QueueActivities = {
  readonly [syncQueue]: RecordActivities & ShortApplyActivities;
  readonly [renderQueue]: RenderActivities;
  readonly [urgentQueue]: UrgentActivities;
  readonly [applyQueue]: ApplyActivities;
  readonly [sessionQueue]: LeaseActivities;
  readonly [clusterQueue: `cluster/${string}`]: SessionActivities;
};
