import { shortSyncActivities } from './apply/short-sync.ts';
import { waveActivities } from './apply/wave.ts';
import type { Deps } from './deps.ts';
import { refreshActivities } from './desired/refresh.ts';
import { repositoryActivities } from './desired/repositories.ts';
import { asActivity } from './failure.ts';
import { inspectActivities } from './inspect/inspect.ts';
import { admitActivities } from './operation/admit.ts';
import { deletionActivities } from './operation/deletion.ts';
import { endHookActivities } from './operation/end-hooks.ts';
import { finishActivities } from './operation/finish.ts';
import { finishDeleteActivities } from './operation/finish-delete.ts';
import { orphanActivities } from './operation/orphans.ts';
import { waitActivities } from './operation/wait.ts';
import { planActivities } from './plan/plan.ts';
import { planDeleteActivities } from './plan/plan-delete.ts';
import { holdActivities } from './session/hold.ts';
import { settleActivities } from './session/waits/settle.ts';

/** Every activity, as workflows call it. */
export type Activities = ReturnType<typeof allActivities>;

function allActivities(deps: Deps) {
  return {
    ...admitActivities(deps),
    ...deletionActivities(deps),
    ...endHookActivities(deps),
    ...finishActivities(deps),
    ...finishDeleteActivities(deps),
    ...holdActivities(deps),
    ...inspectActivities(deps),
    ...orphanActivities(deps),
    ...planActivities(deps),
    ...planDeleteActivities(deps),
    ...refreshActivities(deps),
    ...repositoryActivities(deps),
    ...settleActivities(deps),
    ...shortSyncActivities(deps),
    ...waitActivities(deps),
    ...waveActivities(deps),
  };
}

/** Builds all activities on their dependencies; each worker serves those of its queue. */
export function createActivities(deps: Deps): Activities {
  const wrapped = Object.entries(allActivities(deps)).map(([name, run]) => [
    name,
    asActivity(run as (...args: unknown[]) => Promise<unknown>),
  ]);
  return Object.fromEntries(wrapped) as Activities;
}
