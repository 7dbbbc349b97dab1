import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { refreshRepositoriesWorkflowId, refreshScheduleId, syncQueue } from '../../workflows/ids.ts';

/** How often due repositories are looked for; each has its own due time, so a tick mostly finds nothing. */
const tick = '30 seconds';

const wanted = {
  spec: { intervals: [{ every: tick }] },
  // A run takes what it checks, so one that waits for a slow server holds up no other.
  policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: '1 minute' },
  action: {
    type: 'startWorkflow',
    workflowType: 'refreshRepositories',
    workflowId: refreshRepositoriesWorkflowId,
    taskQueue: syncQueue,
    args: [],
  },
} satisfies Omit<ScheduleOptions, 'scheduleId'>;

/**
 * Makes sure that the schedule of the revision checks is there and is the one of this release; an earlier one's is
 * brought up to it. Whether somebody paused it stays as it is.
 */
export async function ensureRefreshSchedule(temporal: Client): Promise<void> {
  try {
    await temporal.schedule.create({ scheduleId: refreshScheduleId, ...wanted });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await temporal.schedule.getHandle(refreshScheduleId).update(({ state: { paused, note } }) => ({
      ...wanted,
      state: { paused, ...(note === undefined ? {} : { note }) },
    }));
  }
}
