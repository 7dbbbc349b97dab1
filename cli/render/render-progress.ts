import { shownRevisions } from '../../core/application/source/revisions.ts';
import { formatKey } from '../../core/object/key.ts';
import { isFinished, isHookFailure } from '../../core/sync/operation/operation.ts';
import type { PlanGroup } from '../../core/sync/plan/plan.ts';
import {
  type GroupProgress,
  isMoving,
  type Progress,
  type ProgressState,
  progressOf,
  type StepProgress,
} from '../../core/sync/progress.ts';
import type { OperationView, StepView, WaitView } from '../../core/wire/operation.ts';
import { formatElapsed, padText, plainText, wrapText } from '../terminal/text.ts';

const marks: Readonly<Record<ProgressState, string>> = {
  pending: '·',
  applying: '▸',
  waiting: '▸',
  done: '✔',
  failed: '✖',
  skipped: '·',
};

/** Finished groups above and coming groups below the running one that are drawn; more would push it off the screen. */
const neighbours = 4;
const objectsPerGroup = 10;
const indent = '    ';

/**
 * A running or finished operation as lines no wider than `width`: phase and wave by phase and wave, the running
 * one with its objects and the reason it stands still. Pure; `now` is in milliseconds.
 */
export function renderProgress(view: OperationView, width: number, now: number): string[] {
  const progress = progressOf(view);
  const lines = [
    headLine(view, now),
    ...windowAround([...progress.groups, ...shownFailureGroups(progress)]).flatMap((one) =>
      typeof one === 'string' ? [one] : groupLines(one, now),
    ),
    ...progress.waits.map((wait) => waitLine(wait, now)),
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
function shownFailureGroups({ failureGroups }: Progress): readonly GroupProgress[] {
  const hasBegun = failureGroups.some(({ state }) => state !== 'pending' && state !== 'skipped');
  return hasBegun ? failureGroups : [];
}

function windowAround(groups: readonly GroupProgress[]): (GroupProgress | string)[] {
  const focus = groups.findIndex((group) => isMoving(group) || group.state === 'failed');
  const pending = groups.findIndex(({ state }) => state === 'pending' || state === 'skipped');
  const centre = focus !== -1 ? focus : pending !== -1 ? pending : groups.length - 1;
  const first = Math.max(0, centre - neighbours);
  const last = Math.min(groups.length, centre + neighbours + 1);
  const shown: (GroupProgress | string)[] = groups.slice(first, last);
  if (first > 0) shown.unshift(`${marks.done} ${counted(first, 'earlier wave')}`);
  if (last < groups.length) shown.push(`${marks.pending} ${counted(groups.length - last, 'later wave')}`);
  return shown;
}

function groupLines(group: GroupProgress, now: number): string[] {
  const title = `${marks[group.state]} ${padText(groupTitle(group), 16)}`;
  const elapsed = elapsedOf(group, now);
  const objects = counted(group.count, 'object');
  const count = isMoving(group) ? `${group.steps.filter(isWritten).length} of ${objects}` : objects;
  const head = `${title}  ${count}${elapsed === undefined ? '' : `  ${formatElapsed(elapsed)}`}`;
  if (!isMoving(group) && group.state !== 'failed') return [head];
  // Of a wave that is only about to be written its objects say nothing.
  if (group.steps.every(isUntouched) && group.wait === undefined) return [head];
  return [head, ...objectLines(group), ...(group.wait === undefined ? [] : [waitLine(group.wait, now)])];
}

function isUntouched({ state, startedAt }: StepProgress): boolean {
  return (state === 'applying' || state === 'pending') && startedAt === undefined;
}

/** Whether a step's part is done, however long the object takes to settle; a hook's part is its work. */
function isWritten({ state, hook, status }: StepProgress): boolean {
  if (state === 'waiting') return !hook && status !== undefined;
  return state === 'done' || state === 'failed' || status === 'PruneSkipped';
}

/** The name of a group for people: `Sync wave 1`; wave 0 of a hook phase goes without its number. */
export function groupTitle(group: Pick<PlanGroup, 'phase' | 'wave'>): string {
  if (group.phase !== 'Sync' && group.wave === 0) return group.phase;
  return `${group.phase} wave ${group.wave}`;
}

function elapsedOf(group: GroupProgress, now: number): number | undefined {
  const { startedAt, finishedAt } = group;
  if (startedAt === undefined) return undefined;
  if (isMoving(group)) return now - Date.parse(startedAt);
  return finishedAt === undefined ? undefined : Date.parse(finishedAt) - Date.parse(startedAt);
}

/** Failures first: they are what one looks for when there are more objects than lines. */
const urgency: Readonly<Record<ProgressState, number>> = {
  failed: 0,
  waiting: 1,
  applying: 2,
  pending: 2,
  skipped: 2,
  done: 3,
};

function objectLines(group: GroupProgress): string[] {
  const relevant =
    group.state === 'failed' ? group.steps.filter(({ state }) => state !== 'done') : group.steps;
  const crowded = relevant.length > objectsPerGroup;
  const ordered = crowded ? relevant.toSorted((a, b) => urgency[a.state] - urgency[b.state]) : relevant;
  const lines = ordered
    .slice(0, objectsPerGroup)
    .map((step) => `${indent}${markOf(step)} ${formatKey(step.key)}${wordsOf(step)}`);
  if (crowded) lines.push(`${indent}  … ${relevant.length - objectsPerGroup} more`);
  return lines;
}

/** Which objects of a wave are being written at this moment, nobody knows; they come one after the other. */
function markOf({ state, startedAt }: StepProgress): string {
  return state === 'applying' && startedAt === undefined ? marks.pending : marks[state];
}

function wordsOf(step: StepView): string {
  const status = step.hook ? step.hookPhase : step.status;
  if (status === undefined) return '';
  const failed = status === 'SyncFailed' || isHookFailure(status) || status === 'PruneSkipped';
  const message = failed && step.message !== undefined && step.message !== '' ? `: ${step.message}` : '';
  return `  ${status}${message}`;
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
