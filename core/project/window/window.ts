import { remember } from '../../remember.ts';
import { readDuration } from '../../text/duration.ts';
import { matchesGlob } from '../../text/glob.ts';
import type { SyncWindow } from '../project.ts';
import { type Cron, nextStart, readCron } from './cron.ts';
import { zoneOffset } from './time-zone.ts';

/** What of an application decides which windows are its own; the cluster by both names that it has. */
export type WindowTarget = {
  readonly name: string;
  readonly namespace: string;
  readonly server: string;
  readonly cluster: string;
};

/** The windows that are an application's, in their order. */
export function matchingWindows(windows: readonly SyncWindow[], target: WindowTarget): SyncWindow[] {
  return windows.filter((window) => isMatching(window, target));
}

function isMatching(window: SyncWindow, target: WindowTarget): boolean {
  const { applications = [], namespaces = [], clusters = [] } = window;
  const lists: readonly (readonly [readonly string[], readonly string[]])[] = [
    [applications, [target.name]],
    [namespaces, [target.namespace]],
    [clusters, [target.cluster, target.server].filter((one) => one !== '')],
  ];
  const fits = lists
    .filter(([globs]) => globs.length > 0)
    .map(([globs, texts]) => globs.some((glob) => texts.some((text) => matchesGlob(glob, text))));
  return window.andOperator === true ? fits.length > 0 && !fits.includes(false) : fits.includes(true);
}

/** A window whose words have been read. */
export type OpenedWindow = {
  readonly window: SyncWindow;
  readonly kind: 'allow' | 'deny';
  readonly cron: Cron;
  /** In milliseconds; one that isn't above 0 is never active. */
  readonly length: number;
  readonly zone: string;
};

/** A window that is read, or why it can't be. */
export type ReadWindow =
  | { readonly opened: OpenedWindow; readonly fault?: never }
  | { readonly fault: { readonly field: 'kind' | 'schedule' | 'duration'; readonly message: string } };

/** Reads what a window says. */
export function readWindow(window: SyncWindow): ReadWindow {
  const { kind = '', schedule = '', duration = '', timeZone: zone = '' } = window;
  if (kind !== 'allow' && kind !== 'deny') {
    return { fault: { field: 'kind', message: `is "${kind.slice(0, 100)}"; write allow or deny` } };
  }
  const read = crons(schedule, () => readCron(schedule));
  if (read.fault !== undefined) return { fault: { field: 'schedule', message: read.fault } };
  const seconds = readWindowLength(duration);
  if (seconds === undefined) {
    const message = `"${duration.slice(0, 100)}" is not a duration; write hours and minutes such as 8h or 1h30m`;
    return { fault: { field: 'duration', message } };
  }
  return { opened: { window, kind, cron: read.cron, length: seconds * 1000, zone } };
}

/** Seconds of a window's duration, which needs its unit; there is none for days. */
function readWindowLength(text: string): number | undefined {
  return /^[-+]?\d+$/.test(text) && Number(text) !== 0 ? undefined : readDuration(text);
}

/** Windows are asked at every poll of a sync. */
const crons = remember<ReturnType<typeof readCron>>(1000);

/**
 * Whether a window is active at an instant. Its zone's offset of that very instant counts for the whole reckoning, so
 * that a window over a change of the clocks is an hour off; at the instant of its start it isn't active yet.
 */
export function isActive(window: OpenedWindow, at: number): boolean {
  return isActiveAt(window, at + zoneOffset(window.zone, at));
}

/** Whether a window is active at a wall-clock time of its zone. */
export function isActiveAt({ cron, length }: OpenedWindow, local: number): boolean {
  const start = nextStart(cron, local - length);
  return start !== undefined && start < local;
}
