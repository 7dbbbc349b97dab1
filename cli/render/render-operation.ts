import { shownRevisions } from '../../core/application/source/revisions.ts';
import { formatKey } from '../../core/object/key.ts';
import { isFinished } from '../../core/sync/operation/operation.ts';
import { progressOf } from '../../core/sync/progress.ts';
import type { OrphanReport } from '../../core/sync/walk/deletion.ts';
import type { OperationView } from '../../core/wire/operation.ts';
import { formatField, formatTable } from '../terminal/table.ts';
import { formatElapsed } from '../terminal/text.ts';
import { groupTitle } from './render-progress.ts';

/** How many characters of an operation's id people see; `app operations NAME ID` takes any unique beginning. */
const shownId = 8;

/** An operation's id as people see it. */
export function shortId(id: string): string {
  return id.slice(0, shownId);
}

/** The table of an application's operations, newest first. */
export function formatOperationList(operations: readonly OperationView[], now: number): string {
  const header = ['ID', 'KIND', 'PHASE', 'REVISION', 'ATTEMPT', 'BY', 'REQUESTED', 'DURATION', 'MESSAGE'];
  const rows = operations.map((one) => [
    shortId(one.id),
    one.request.dryRun ? `${one.kind} (dry run)` : one.kind,
    one.phase,
    shownRevisions(one) ?? '',
    String(one.attempt),
    initiatorOf(one),
    one.requestedAt,
    durationOf(one, now),
    one.message,
  ]);
  return formatTable(header, rows);
}

function initiatorOf({ initiatedBy }: OperationView): string {
  return initiatedBy.automated ? 'automated' : initiatedBy.username;
}

/** What a deletion left behind: each object with what holds it. */
export function formatOrphans(report: OrphanReport): string {
  const known = report.source === 'cluster' ? '' : ', as far as known without asking it';
  const head = `Left in cluster ${report.cluster} at ${report.at}${known}:\n`;
  const rows = report.objects.map((orphan) => [
    formatKey(orphan.key),
    orphan.deletionTimestamp ?? '',
    orphan.finalizers.join(', '),
  ]);
  const more = report.more === 0 ? '' : `and ${report.more} more\n`;
  return rows.length === 0
    ? `Nothing is left in cluster ${report.cluster}${known}.\n`
    : `${head}${formatTable(['LEFT', 'DELETED AT', 'FINALIZERS'], rows)}${more}`;
}

function durationOf(view: OperationView, now: number): string {
  const end = view.finishedAt === undefined ? now : Date.parse(view.finishedAt);
  return formatElapsed(end - Date.parse(view.startedAt ?? view.requestedAt));
}

/** One operation in full: what was asked, the plan wave by wave, every object, every wait, and the time it took. */
export function formatOperation(view: OperationView, now: number): string {
  const orphans = view.orphans === undefined ? '' : formatOrphans(view.orphans);
  const parts = [formatHead(view, now), formatPlan(view), formatSteps(view), formatWaits(view, now), orphans];
  return parts.filter((part) => part !== '').join('\n');
}

function formatHead(view: OperationView, now: number): string {
  const timings = Object.entries(view.timings).map(([part, spent]) => `${part} ${formatElapsed(spent)}`);
  const fields: readonly [string, string | undefined][] = [
    ['Operation', view.id],
    ['Application', view.application],
    ['Kind', view.request.dryRun ? `${view.kind} (dry run)` : view.kind],
    ['Phase', view.phase],
    ['Message', view.message],
    ['By', initiatorOf(view)],
    ['Breaks the glass', view.request.breakGlass?.reason],
    ['Revision', view.revision ?? view.revisions?.join(', ')],
    ['History ID', view.historyId === undefined ? undefined : String(view.historyId)],
    ['Attempt', String(view.attempt)],
    ['Requested', view.requestedAt],
    ['Started', view.startedAt],
    ['Finished', view.finishedAt],
    ['Duration', durationOf(view, now)],
    ['Time spent', timings.join(', ')],
    ['Plan', view.planDigest],
  ];
  return fields
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([label, value]) => formatField(label, value ?? ''))
    .join('');
}

function formatPlan(view: OperationView): string {
  const { groups, failureGroups } = progressOf(view);
  const rows = [...groups, ...failureGroups].map((group) => {
    const written = group.steps.filter((step) => step.status !== undefined).length;
    return [groupTitle(group), `${written}/${group.count}`, group.settle ? 'yes' : 'no', group.state];
  });
  return rows.length === 0 ? '' : formatTable(['WAVE', 'OBJECTS', 'SETTLES', 'STATE'], rows);
}

function formatSteps(view: OperationView): string {
  const header = ['STEP', 'PHASE', 'WAVE', 'ACTION', 'OBJECT', 'STRATEGY', 'STATUS', 'DURATION', 'MESSAGE'];
  const rows = view.steps.map((step) => [
    String(step.step),
    step.phase,
    String(step.wave),
    step.action,
    formatKey(step.key),
    step.strategy ?? '',
    (step.hook ? step.hookPhase : step.status) ?? step.status ?? '',
    step.startedAt === undefined || step.finishedAt === undefined
      ? ''
      : formatElapsed(Date.parse(step.finishedAt) - Date.parse(step.startedAt)),
    step.message ?? '',
  ]);
  return rows.length === 0 ? '' : formatTable(header, rows);
}

function formatWaits(view: OperationView, now: number): string {
  const rows = view.waits.map((wait) => {
    const over = wait.closedAt ?? (isFinished(view.phase) ? view.finishedAt : undefined);
    const end = over === undefined ? now : Date.parse(over);
    return [
      wait.kind,
      wait.phase === undefined ? '' : groupTitle({ phase: wait.phase, wave: wait.wave ?? 0 }),
      wait.openedAt,
      `${formatElapsed(end - Date.parse(wait.openedAt))}${over === undefined ? ' so far' : ''}`,
      wait.deadline ?? '',
      wait.reason,
    ];
  });
  return rows.length === 0
    ? ''
    : formatTable(['WAIT', 'WAVE', 'SINCE', 'DURATION', 'DEADLINE', 'REASON'], rows);
}
