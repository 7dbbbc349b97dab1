import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { refreshRepositoriesWorkflowId, refreshScheduleId, syncQueue } from '../workflows/ids.ts';

/** How often due repositories are looked for; each has its own due time, so a tick mostly finds nothing. */
const tick = '30 seconds';

/** Makes sure that the schedule of the revision checks exists. */
export async function ensureRefreshSchedule(temporal: Client): Promise<void> {
  try {
    await temporal.schedule.create({
      scheduleId: refreshScheduleId,
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
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
