import type { Client } from '@temporalio/client';
import { KeelsonError } from '../../core/errors.ts';
import type { OperationView } from '../../core/wire/operation.ts';
import { syncWorkflowId } from '../../workflows/ids.ts';

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

/** When something the history tells of was scheduled, started and completed. */
type Moments = { readonly name: string; scheduled: number; started: number; completed: number };

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
  const { begun, tasks } = await readHistory(temporal, syncWorkflowId(applicationId, view.id));
  const parts: Record<string, number> = { 'request to workflow': begun - requested };
  for (const [position, task] of tasks.entries()) {
    // The last workflow task writes the end into the operation's row while it runs.
    const completed = position === tasks.length - 1 ? finished : task.completed;
    parts[`${task.name}: queue`] = task.started - task.scheduled;
    parts[`${task.name}: run`] = completed - task.started;
  }
  const apply = view.timings['apply'];
  // A small application is written beside its workflow, in the last workflow task; a larger one by an activity.
  const writer = 'applyGroup: run' in parts ? 'applyGroup: run' : Object.keys(parts).at(-1);
  if (writer !== undefined) parts[writer] = (parts[writer] ?? 0) - apply;
  const total = finished - requested;
  return { total, overhead: total - apply, parts: { ...parts, '(inside applies)': apply } };
}

/** Activities by name, and between them the workflow tasks, named by what they follow. */
async function readHistory(temporal: Client, workflowId: string) {
  const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
  const tasks = new Map<string, Moments>();
  let begun = Number.NaN;
  let previous = 'start';
  for (const event of events ?? []) {
    const at = millisecondsOf(event.eventTime);
    const add = (name: string) =>
      tasks.set(String(event.eventId), { name, scheduled: at, started: at, completed: at });
    if (event.workflowExecutionStartedEventAttributes != null) begun = at;
    if (event.workflowTaskScheduledEventAttributes != null) add(`workflow after ${previous}`);
    const activity = event.activityTaskScheduledEventAttributes?.activityType?.name;
    if (activity != null) {
      add(activity);
      previous = activity;
    }
    const started =
      event.activityTaskStartedEventAttributes ?? event.workflowTaskStartedEventAttributes ?? undefined;
    const begunTask = tasks.get(String(started?.scheduledEventId));
    if (begunTask !== undefined) begunTask.started = at;
    const completed =
      event.activityTaskCompletedEventAttributes ?? event.workflowTaskCompletedEventAttributes ?? undefined;
    const endedTask = tasks.get(String(completed?.scheduledEventId));
    if (endedTask !== undefined) endedTask.completed = at;
  }
  return { begun, tasks: [...tasks.values()] };
}

function millisecondsOf(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(time?.seconds ?? Number.NaN) * 1000 + (time?.nanos ?? 0) / 1e6;
}
