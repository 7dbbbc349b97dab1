import {
  ActivityCancellationType,
  type ActivityOptions,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { QueueActivities } from '../activities/index.ts';
import { applyQueue, clusterQueue, renderQueue, sessionQueue, type syncQueue, urgentQueue } from './ids.ts';

/** Activities prove that they live every second or so; this much silence means their worker died. */
const heartbeatTimeout = '5 seconds';

const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/** Backoff between runs of an activity whose worker died or whose dependency is away for a moment. */
const retry = { initialInterval: '250 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds' };

/** Activities of a queue: those that its workers have, and no others. */
function onQueue<Queue extends keyof QueueActivities>(
  taskQueue: Queue,
  options: Omit<ActivityOptions, 'taskQueue'>,
) {
  return proxyActivities<QueueActivities[Queue]>({ ...options, taskQueue });
}

/** Short reads and writes of Postgres, run beside the workflow: no queue hop, retried until Postgres is back. */
export const record = proxyLocalActivities<QueueActivities[typeof syncQueue]>({
  startToCloseTimeout: '10 seconds',
  retry: { ...retry, maximumInterval: '2 seconds' },
});

/**
 * Writes to clusters that are over in a moment, beside the workflow: an application of a few objects costs no hop. Each
 * of these activities ends itself after five seconds; a signal waits for it as long.
 */
export const beside = proxyLocalActivities<QueueActivities[typeof syncQueue]>({
  startToCloseTimeout: '1 minute',
  cancellationType,
  retry: { ...retry, maximumInterval: '2 seconds' },
});

const rendering = {
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout,
  cancellationType,
  retry: { ...retry, initialInterval: '1 second', maximumAttempts: 3 },
} as const;

/** Git and rendering: minutes for a large repository, a few tries for a server that hiccups. */
export const render = onQueue(renderQueue, rendering);

/** The same for what a push or a person waits for, and for the checks of repositories. */
export const urgent = onQueue(urgentQueue, rendering);

/**
 * Questions about a source that somebody waits for. What can't be answered is an answer too, so only a worker that dies
 * is a reason to ask again; whoever asks has set the whole run a deadline.
 */
export const inquire = onQueue(urgentQueue, {
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout,
  cancellationType,
  retry: { ...retry, maximumAttempts: 3 },
});

/**
 * Writes to clusters. Attempts aren't counted: a worker that dies is no fault of the sync, and what can't work
 * is answered as a result or as an error that is not retried.
 */
export const apply = onQueue(applyQueue, {
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout,
  cancellationType,
  retry,
});

/**
 * What ends an attempt's hooks. It is the one write that must not hold up an end for ever: a cluster that is away, or a
 * hook that can't be deleted, costs a minute and a message.
 */
export const ending = onQueue(applyQueue, {
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 minute',
  heartbeatTimeout,
  cancellationType,
  retry,
});

/**
 * Writes of actions. Somebody has asked for them just now and may be waiting, so they are tried for an hour and then given
 * up with what is known.
 */
export const acting = onQueue(applyQueue, {
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: '1 hour',
  heartbeatTimeout,
  cancellationType,
  retry,
});

/**
 * Compare and settle, on the host that holds the cluster's live cache. Nobody taking the task for a few seconds
 * means that no session holds the cluster at the moment; the workflow then says so and tries again.
 */
export function sessionOf(clusterId: string) {
  return onQueue(clusterQueue(clusterId), {
    scheduleToStartTimeout: '5 seconds',
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout,
    cancellationType,
    retry,
  });
}

/**
 * The lease of a cluster's live cache. Eight seconds without a heartbeat and another host takes over; tried for
 * ever at an even pace, since a cluster without a session can't be synced at all.
 */
export const lease = onQueue(sessionQueue, {
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '8 seconds',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1 second', backoffCoefficient: 1 },
});
