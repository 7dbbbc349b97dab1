import { shownRevisions } from '../../core/application/source/revisions.ts';
import { formatKey, sameKey } from '../../core/object/key.ts';
import {
  isFinished,
  type OperationView,
  type StepView,
  type WaitView,
} from '../../core/sync/operation/operation.ts';
import type { PlanGroup } from '../../core/sync/plan/plan.ts';
import { formatElapsed, padText, plainText, wrapText } from '../terminal/text.ts';
import { type GroupState, groupStateOf, isHookFailure, stepStateOf, stepsOf } from './operation-state.ts';

const marks: Record<GroupState, string> = { pending: '·', active: '▸', done: '✔', failed: '✖' };

/** Finished groups above and coming groups below the running one that are drawn; more would push it off the screen. */
const neighbours = 4;
const objectsPerGroup = 10;
const indent = '    ';

/**
 * A running or finished operation as lines no wider than `width`: phase and wave by phase and wave, the running
 * one with its objects and the reason it stands still. Pure; `now` is in milliseconds.
 */
export function renderProgress(view: OperationView, width: number, now: number): string[] {
  const groups = [...view.groups, ...shownFailureGroups(view)];
  const drawn = groups.map((group) => ({ group, state: groupStateOf(view, group) }));
  const lines = [
    headLine(view, now),
    ...windowAround(drawn).flatMap((one) =>
      typeof one === 'string' ? [one] : groupLines(view, one.group, one.state, now),
    ),
    ...openWaits(view)
      .filter((wait) => wait.phase === undefined)
      .map((wait) => waitLine(wait, now)),
  ];
  if (isFinished(view.phase)) lines.push(lastLine(view));
  return lines.flatMap((line) => wrapLine(plainLine(line), width));
}

function headLine(view: OperationView, now: number): string {
  const parts = [
    `${view.kind} of ${view.application}`,
    view.request.dryRun ? 'dry run' : '',
    shownRevisions(view) ?? '',
    view.phase,
    view.attempt > 1 ? `attempt ${view.attempt}` : '',
    formatElapsed(endOf(view, now) - Date.parse(view.startedAt ?? view.requestedAt)),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function endOf(view: OperationView, now: number): number {
  return view.finishedAt === undefined ? now : Date.parse(view.finishedAt);
}

function lastLine(view: OperationView): string {
  const mark = view.phase === 'Succeeded' ? marks.done : marks.failed;
  return `${mark} ${view.phase}${view.message === '' ? '' : `: ${view.message}`}`;
}

/** SyncFail hooks are worth a line only once one of them has begun. */
function shownFailureGroups(view: OperationView): readonly PlanGroup[] {
  return view.failureGroups.some((group) => groupStateOf(view, group) !== 'pending')
    ? view.failureGroups
    : [];
}

type DrawnGroup = { readonly group: PlanGroup; readonly state: GroupState };

function windowAround(drawn: readonly DrawnGroup[]): (DrawnGroup | string)[] {
  const focus = drawn.findIndex(({ state }) => state === 'active' || state === 'failed');
  const pending = drawn.findIndex(({ state }) => state === 'pending');
  const centre = focus !== -1 ? focus : pending !== -1 ? pending : drawn.length - 1;
  const first = Math.max(0, centre - neighbours);
  const last = Math.min(drawn.length, centre + neighbours + 1);
  const shown: (DrawnGroup | string)[] = drawn.slice(first, last);
  if (first > 0) shown.unshift(`${marks.done} ${counted(first, 'earlier wave')}`);
  if (last < drawn.length) shown.push(`${marks.pending} ${counted(drawn.length - last, 'later wave')}`);
  return shown;
}

function groupLines(view: OperationView, group: PlanGroup, state: GroupState, now: number): string[] {
  const steps = stepsOf(view, group);
  const title = `${marks[state]} ${padText(groupTitle(group), 16)}`;
  const elapsed = elapsedOf(view, steps, state, now);
  const done = steps.filter(
    (step) => stepStateOf(step) !== 'pending' && stepStateOf(step) !== 'active',
  ).length;
  const count =
    state === 'active' ? `${done} of ${counted(group.count, 'object')}` : counted(group.count, 'object');
  const head = `${title}  ${count}${elapsed === undefined ? '' : `  ${formatElapsed(elapsed)}`}`;
  if (state === 'pending' || state === 'done') return [head];
  return [
    head,
    ...objectLines(view, steps, state),
    ...openWaits(view)
      .filter((wait) => wait.phase === group.phase && (wait.wave ?? group.wave) === group.wave)
      .map((wait) => waitLine(wait, now)),
  ];
}

/** The name of a group for people: `Sync wave 1`; wave 0 of a hook phase goes without its number. */
export function groupTitle(group: Pick<PlanGroup, 'phase' | 'wave'>): string {
  if (group.phase !== 'Sync' && group.wave === 0) return group.phase;
  return `${group.phase} wave ${group.wave}`;
}

function elapsedOf(
  view: OperationView,
  steps: readonly StepView[],
  state: GroupState,
  now: number,
): number | undefined {
  const begins = steps.flatMap((step) => (step.startedAt === undefined ? [] : [Date.parse(step.startedAt)]));
  if (begins.length === 0) return undefined;
  const begin = Math.min(...begins);
  if (state === 'active') return endOf(view, now) - begin;
  const [first] = steps;
  const ends = steps.flatMap((step) => (step.finishedAt === undefined ? [] : [Date.parse(step.finishedAt)]));
  for (const wait of view.waits) {
    const same = wait.phase === first?.phase && wait.wave === first?.wave;
    if (same && wait.closedAt !== undefined) ends.push(Date.parse(wait.closedAt));
  }
  return ends.length === 0 ? undefined : Math.max(...ends) - begin;
}

/** Failures first: they are what one looks for when there are more objects than lines. */
const urgency: Record<GroupState, number> = { failed: 0, active: 1, pending: 2, done: 3 };

function objectLines(view: OperationView, steps: readonly StepView[], group: GroupState): string[] {
  const waiting = openWaits(view).flatMap((wait) => wait.keys);
  const drawn = steps.map((step) => {
    const state = stepStateOf(step);
    const settling = state === 'done' && waiting.some((key) => sameKey(key, step.key));
    return { step, state: settling ? ('active' as const) : state };
  });
  const relevant = group === 'failed' ? drawn.filter(({ state }) => state !== 'done') : drawn;
  const crowded = relevant.length > objectsPerGroup;
  const ordered = crowded ? relevant.toSorted((a, b) => urgency[a.state] - urgency[b.state]) : relevant;
  const lines = ordered.slice(0, objectsPerGroup).map(({ step, state }) => {
    return `${indent}${marks[state]} ${formatKey(step.key)}${wordsOf(step)}`;
  });
  if (crowded) lines.push(`${indent}  … ${relevant.length - objectsPerGroup} more`);
  return lines;
}

function wordsOf(step: StepView): string {
  const status = step.hook ? step.hookPhase : step.status;
  if (status === undefined) return '';
  const failed = status === 'SyncFailed' || isHookFailure(status) || status === 'PruneSkipped';
  const message = failed && step.message !== undefined && step.message !== '' ? `: ${step.message}` : '';
  return `  ${status}${message}`;
}

function openWaits(view: OperationView): readonly WaitView[] {
  return isFinished(view.phase) ? [] : view.waits.filter((wait) => wait.closedAt === undefined);
}

function waitLine(wait: WaitView, now: number): string {
  const elapsed = formatElapsed(now - Date.parse(wait.openedAt));
  const left = wait.deadline === undefined ? '' : `, ${formatElapsed(Date.parse(wait.deadline) - now)} left`;
  return `${indent}waiting ${elapsed}${left}: ${wait.reason}`;
}

/** A commit id shortened to seven characters; other revisions as they are. */
export function shortRevision(revision: string): string {
  return /^[0-9a-f]{40}$/.test(revision) ? revision.slice(0, 7) : revision;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const continuation = '      ';
/** Reasons and messages are what one reads in trouble, so they get more than one line, but never the whole screen. */
const linesPerText = 3;

function wrapLine(line: string, width: number): string[] {
  const [first = '', ...rest] = wrapText(line, width, width - continuation.length, linesPerText);
  return [first, ...rest.map((part) => continuation + part)];
}

/** Keeps the indentation, which `plainText` would trim. */
function plainLine(line: string): string {
  const blanks = line.length - line.trimStart().length;
  return ' '.repeat(blanks) + plainText(line);
}
