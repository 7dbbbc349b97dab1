import { shownRevisions } from '../../core/application/source/revisions.ts';
import { sameKey } from '../../core/object/key.ts';
import { isFinished } from '../../core/sync/operation/operation.ts';
import { isOpen } from '../../core/sync/progress.ts';
import { formatTime } from '../../core/text/time.ts';
import type { OperationView, StepView, WaitView } from '../../core/wire/operation.ts';
import { padText, plainText } from '../terminal/text.ts';
import { groupTitle } from './render-progress.ts';

const columns = [
  ['TIMESTAMP', 20],
  ['GROUP', 20],
  ['KIND', 14],
  ['NAMESPACE', 12],
  ['NAME', 24],
  ['STATUS', 11],
  ['HEALTH', 11],
  ['HOOK', 8],
  ['MESSAGE', 0],
] as const;

/** The header above the lines of `renderChanges` and of a wait. */
export const changesHeader = formatChange(columns.map(([title]) => title));

/** One line of a log of changes in columns of fixed width, since later lines are not known yet. */
export function formatChange(cells: readonly string[]): string {
  const padded = cells.map((cell, column) => `${padText(plainText(cell), columns[column]?.[1] ?? 0)} `);
  return padded.join('').trimEnd();
}

/** The time of a line: seconds, in UTC. */
export function formatTimestamp(now: number): string {
  return formatTime(new Date(now));
}

/**
 * What changed from one look at an operation to the next, one line per change, for logs and pipes. Without an
 * earlier look everything that has happened is a change. Pure; `now` is in milliseconds.
 */
export function renderChanges(before: OperationView | undefined, view: OperationView, now: number): string[] {
  const time = formatTimestamp(now);
  const lines: string[] = [];
  if (headOf(before) !== headOf(view) && !isFinished(view.phase)) lines.push(`${time} ${headOf(view)}`);
  const seen = new Map((before?.steps ?? []).map((step) => [stepId(step), stateOf(step)]));
  for (const step of view.steps) {
    const state = stateOf(step);
    if (state !== undefined && seen.get(stepId(step)) !== state) lines.push(stepLine(time, step, view));
  }
  const told = new Set((before?.waits ?? []).filter(isOpen).map(waitWords));
  for (const wait of view.waits.filter(isOpen)) {
    if (!told.has(waitWords(wait))) lines.push(`${time} ${waitWords(wait)}`);
  }
  if (isFinished(view.phase)) {
    lines.push(`${time} ${headOf(view)}${view.message === '' ? '' : `: ${plainText(view.message)}`}`);
  }
  return lines;
}

function headOf(view: OperationView | undefined): string | undefined {
  if (view === undefined) return undefined;
  const dryRun = view.request.dryRun ? ' (dry run)' : '';
  const shown = shownRevisions(view);
  const revision = shown === undefined ? '' : ` at ${shown}`;
  const attempt = view.attempt > 1 ? `, attempt ${view.attempt}` : '';
  return plainText(`${view.kind} of ${view.application}${dryRun}${revision}: ${view.phase}${attempt}`);
}

function stepId(step: StepView): string {
  return `${step.attempt}/${step.step}`;
}

/** What a line would say about a step; undefined while there is nothing to say. */
function stateOf(step: StepView): string | undefined {
  const status = statusOf(step);
  return status === undefined ? undefined : `${status} ${step.message ?? ''}`;
}

function statusOf(step: StepView): string | undefined {
  return step.hook ? (step.hookPhase ?? step.status) : step.status;
}

function stepLine(time: string, step: StepView, view: OperationView): string {
  const waiting = view.waits.some((wait) => isOpen(wait) && wait.keys.some((key) => sameKey(key, step.key)));
  const { group, kind, namespace, name } = step.key;
  const health = !step.hook && waiting ? 'Progressing' : '';
  const hook = step.hook ? step.phase : '';
  return formatChange([
    time,
    group,
    kind,
    namespace,
    name,
    statusOf(step) ?? '',
    health,
    hook,
    step.message ?? '',
  ]);
}

function waitWords(wait: WaitView): string {
  const place =
    wait.phase === undefined ? '' : ` in ${groupTitle({ phase: wait.phase, wave: wait.wave ?? 0 })}`;
  const deadline = wait.deadline === undefined ? '' : ` (until ${wait.deadline} at most)`;
  return plainText(`waiting${place}: ${wait.reason}${deadline}`);
}
