import type { Client } from '@temporalio/client';
import { KeelsonError } from '../core/errors.ts';
import type { OperationView } from '../core/sync/operation.ts';
import { syncWorkflowId } from '../workflows/ids.ts';

/** Milliseconds of one sync by part, in the order in which they pass; together they are its whole duration. */
export type SyncParts = Readonly<Record<string, number>>;

/** One sync taken apart. */
export type MeasuredSync = {
  /** From the committed request to the committed end, by the database's clock. */
  readonly total: number;
  /** The same without the time inside applies. */
  readonly overhead: number;
  readonly parts: SyncParts;
};

type ActivityMoments = { readonly name: string; scheduled: number; started: number; completed: number };

/**
 * Takes one ended sync apart: its row says when it was requested and ended and how long the applies took, its
 * workflow's history when each activity was scheduled, started and completed.
 */
export async function measureSync(
  temporal: Client,
  applicationId: string,
  view: OperationView,
): Promise<MeasuredSync> {
  if (view.phase !== 'Succeeded' || view.finishedAt === undefined || view.timings['apply'] === undefined) {
    throw new KeelsonError('internal', `sync of ${view.application} ended ${view.phase}: ${view.message}`);
  }
  const requested = Date.parse(view.requestedAt);
  const finished = Date.parse(view.finishedAt);
  const { begun, activities } = await readHistory(temporal, syncWorkflowId(applicationId, view.id));
  const parts: Record<string, number> = { 'request to workflow': begun - requested };
  let before = begun;
  let previous = 'admit';
  for (const activity of activities) {
    parts[`${previous} to ${activity.name}`] = activity.scheduled - before;
    parts[`${activity.name}: queue`] = activity.started - activity.scheduled;
    parts[`${activity.name}: run`] = activity.completed - activity.started;
    before = activity.completed;
    previous = activity.name;
  }
  parts[`${previous} to recorded end`] = finished - before;
  const apply = view.timings['apply'];
  const run = parts['applyWave: run'];
  if (run === undefined) {
    throw new KeelsonError(
      'internal',
      `workflow of sync ${view.id} has no activity applyWave in its history`,
    );
  }
  parts['applyWave: run'] = run - apply;
  const total = finished - requested;
  return { total, overhead: total - apply, parts: { ...parts, '(inside applies)': apply } };
}

async function readHistory(temporal: Client, workflowId: string) {
  const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
  const activities = new Map<string, ActivityMoments>();
  let begun = Number.NaN;
  for (const event of events ?? []) {
    const at = millisecondsOf(event.eventTime);
    if (event.workflowExecutionStartedEventAttributes != null) begun = at;
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled != null) {
      const name = scheduled.activityType?.name ?? '';
      activities.set(String(event.eventId), { name, scheduled: at, started: at, completed: at });
    }
    const started = activities.get(String(event.activityTaskStartedEventAttributes?.scheduledEventId));
    if (started !== undefined) started.started = at;
    const completed = activities.get(String(event.activityTaskCompletedEventAttributes?.scheduledEventId));
    if (completed !== undefined) completed.completed = at;
  }
  return { begun, activities: [...activities.values()] };
}

function millisecondsOf(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(time?.seconds ?? Number.NaN) * 1000 + (time?.nanos ?? 0) / 1e6;
}
