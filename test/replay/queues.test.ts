import { describe, expect, it } from 'vitest';
import type { LeaseDeps, RecordDeps } from '../../activities/deps.ts';
import type { DesiredDeps } from '../../activities/desired/rendering.ts';
import type { QueueActivities } from '../../activities/index.ts';
import type { Workers } from '../../platform/temporal/workers.ts';
import type { AttemptRef } from '../../workflows/messages.ts';
import type * as proxies from '../../workflows/proxies.ts';
import { readHistories } from './histories.ts';
import { activitiesOn } from './queue-activities.ts';

/** What a history has scheduled: queue and activity. Local activities run on the worker of their workflow. */
function scheduledIn({ history: { events } }: ReturnType<typeof readHistories>[number]): [string, string][] {
  let workflowQueue = '';
  return (events ?? []).flatMap((event): [string, string][] => {
    const { activityTaskScheduledEventAttributes: scheduled, markerRecordedEventAttributes: marker } = event;
    workflowQueue ||= event.workflowExecutionStartedEventAttributes?.taskQueue?.name ?? '';
    if (scheduled) return [[scheduled.taskQueue?.name ?? '', scheduled.activityType?.name ?? '']];
    const [local] =
      marker?.markerName === 'core_local_activity' ? (marker.details?.['data']?.payloads ?? []) : [];
    if (!local?.data) return [];
    const { activity_type: name } = JSON.parse(Buffer.from(local.data).toString('utf8'));
    return [[workflowQueue, name]];
  });
}

describe('the activities of a task queue', () => {
  const histories = readHistories();

  it.each(histories.map((recorded) => [recorded.name, recorded] as const))(
    'hold what %s has scheduled there',
    (_, recorded) => {
      const scheduled = scheduledIn(recorded);
      expect(scheduled.length).toBeGreaterThan(0);
      for (const [queue, name] of scheduled) expect(activitiesOn(queue), queue).toContain(name);
    },
  );

  it('are the only ones that compile', () => {
    // Never called: `npm run check` fails for a line that is no error of the compiler's any more.
    const onAnotherQueue = (
      { record, beside, render, urgent, apply, lease, sessionOf }: typeof proxies,
      ref: AttemptRef,
    ): unknown[] => [
      // @ts-expect-error Plans are made by the session that holds the cluster.
      record.planSync(ref),
      // @ts-expect-error Nothing is rendered beside a workflow.
      beside.renderOperation(ref),
      // @ts-expect-error Renders that nobody waits for hold up no questions.
      render.inspectSource({}),
      // @ts-expect-error Operations render on the queue of the renders.
      urgent.renderOperation(ref),
      // @ts-expect-error Records are kept beside the workflow.
      apply.admitOperation(ref),
      // @ts-expect-error Groups settle on the session's own queue.
      lease.settleGroup(ref),
      // @ts-expect-error Sessions write nothing to a cluster.
      sessionOf(ref.clusterId).applyGroup(ref),
    ];
    const onAnotherWorker = (
      { work }: Workers<QueueActivities>,
      sync: QueueActivities['sync'],
      session: QueueActivities['session'],
    ): unknown[] => [
      // @ts-expect-error The worker of the applies has to have them.
      work('apply', sync),
      // @ts-expect-error A cluster's queue is no queue of leases.
      work('cluster/id', session),
      // @ts-expect-error Nobody sends anything to this queue.
      work('other', session),
    ];
    const ofAnotherRole = (record: RecordDeps, render: DesiredDeps, lease: LeaseDeps): unknown[] => [
      // @ts-expect-error Records need no cluster.
      record.clusterFor,
      // @ts-expect-error What renders has no cluster to write to.
      render.clusterFor,
      // @ts-expect-error A session opens no repository.
      lease.git,
      // @ts-expect-error A session runs no program.
      lease.sandbox,
    ];
    expect([onAnotherQueue, onAnotherWorker, ofAnotherRole]).toHaveLength(3);
  });
});
