import type { QueueActivities } from '../../activities/index.ts';

/** What a session host serves for the clusters that it holds, whatever their ids. */
export const anyCluster = 'cluster/*';

type Table = {
  readonly [Queue in keyof QueueActivities as Queue extends `cluster/${string}`
    ? typeof anyCluster
    : Queue]: {
    readonly [Name in keyof QueueActivities[Queue]]: true;
  };
};

/** The names of the activities that each queue has; the compiler compares them with what workers register there. */
export const activitiesByQueue: Table = {
  sync: {
    admitOperation: true,
    applySmallGroup: true,
    awaitCluster: true,
    beginAction: true,
    beginAttempt: true,
    closeClusterWaits: true,
    endAction: true,
    expireOperation: true,
    finishAttempt: true,
    passGates: true,
    readStop: true,
    trySmallSync: true,
    waitingApplications: true,
  },
  render: { renderDesired: true, renderOperation: true },
  urgent: { checkRepositories: true, inspectSource: true, renderDesired: true },
  apply: { applyGroup: true, endHooks: true, reportOrphans: true, writeForAction: true },
  session: { holdCluster: true, holdHome: true },
  [anyCluster]: { findLeftovers: true, planDelete: true, planSync: true, settleGroup: true },
};

/** The names of the activities of a queue. */
export function activitiesOn(taskQueue: string): string[] {
  const queue = taskQueue.replace(/^cluster\/.*/, anyCluster);
  return Object.entries(activitiesByQueue).flatMap(([name, has]) => (name === queue ? Object.keys(has) : []));
}
