import { admitActivities } from './admit.ts';
import { deletionActivities } from './deletion.ts';
import type { Deps } from './deps.ts';
import { endHookActivities } from './end-hooks.ts';
import { asActivity } from './failure.ts';
import { finishActivities } from './finish.ts';
import { finishDeleteActivities } from './finish-delete.ts';
import { inspectActivities } from './inspect.ts';
import { orphanActivities } from './orphans.ts';
import { planActivities } from './plan.ts';
import { planDeleteActivities } from './plan-delete.ts';
import { refreshActivities } from './refresh.ts';
import { repositoryActivities } from './repositories.ts';
import { holdActivities } from './session/hold.ts';
import { settleActivities } from './session/settle.ts';
import { shortSyncActivities } from './short-sync.ts';
import { waitActivities } from './wait.ts';
import { waveActivities } from './wave.ts';

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
