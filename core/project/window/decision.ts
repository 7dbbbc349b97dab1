import type { SyncWindow } from '../project.ts';
import { isActive, type OpenedWindow, readWindow } from './window.ts';

/** The sync that is asked about. */
export type WindowQuestion = {
  /** In milliseconds since 1970, as all instants here. */
  readonly at: number;
  /** Whether a person asked for it; what automation starts is automated. */
  readonly manual: boolean;
  /** When it started, for one that runs: it may be let run on after its window. */
  readonly startedAt?: number | undefined;
};

/** The rule that decided on a sync. */
export type WindowRule =
  | 'active-allow'
  | 'active-deny'
  | 'inactive-allow'
  | 'manual'
  | 'no-window'
  | 'overrun'
  | 'unreadable';

/** Whether a sync may go on, by which rule and windows, and the words for a refusal. */
export type WindowDecision =
  | { readonly allowed: true; readonly rule: WindowRule; readonly windows: readonly SyncWindow[] }
  | {
      readonly allowed: false;
      readonly rule: WindowRule;
      readonly windows: readonly SyncWindow[];
      readonly message: string;
    };

/** The windows of one application, read once and asked often. */
export type OpenedWindows = {
  readonly opened: readonly OpenedWindow[];
  readonly unreadable: readonly Unreadable[];
};
type Unreadable = { readonly window: SyncWindow; readonly message: string };

/** Reads the windows that are an application's. */
export function openWindows(windows: readonly SyncWindow[]): OpenedWindows {
  const opened: OpenedWindow[] = [];
  const unreadable: Unreadable[] = [];
  for (const window of windows) {
    const read = readWindow(window);
    if (read.fault === undefined) opened.push(read.opened);
    else unreadable.push({ window, message: `${read.fault.field} ${read.fault.message}` });
  }
  return { opened, unreadable };
}

/** Decides on a sync by the windows that are its application's. */
export function decideSync({ opened, unreadable }: OpenedWindows, question: WindowQuestion): WindowDecision {
  const [broken] = unreadable;
  if (broken !== undefined) {
    const message = `cannot sync: a sync window cannot be read: ${broken.message}`;
    return { allowed: false, rule: 'unreadable', windows: [broken.window], message };
  }
  const standing = standingAt(opened, question.at);
  const free = decideFreely(standing);
  if (free.allowed) return free;
  if (question.manual && free.windows.every((window) => window.manualSync === true)) {
    return { allowed: true, rule: 'manual', windows: free.windows };
  }
  if (mayOverrun(opened, question, free.windows)) {
    return { allowed: true, rule: 'overrun', windows: free.windows };
  }
  return free;
}

/** A sync that began when it was allowed runs on if all windows that would stop it say so. */
function mayOverrun(
  opened: readonly OpenedWindow[],
  { startedAt, manual }: WindowQuestion,
  stopping: readonly SyncWindow[],
): boolean {
  if (startedAt === undefined || !stopping.every((window) => window.syncOverrun === true)) return false;
  return decideSync({ opened, unreadable: [] }, { at: startedAt, manual }).allowed;
}

type Standing = Readonly<Record<'activeDenies' | 'activeAllows' | 'inactiveAllows', readonly SyncWindow[]>>;

function standingAt(opened: readonly OpenedWindow[], at: number): Standing {
  const standing = { activeDenies: [], activeAllows: [], inactiveAllows: [] } as Record<
    keyof Standing,
    SyncWindow[]
  >;
  for (const one of opened) {
    const active = isActive(one, at);
    if (one.kind === 'allow') standing[active ? 'activeAllows' : 'inactiveAllows'].push(one.window);
    else if (active) standing.activeDenies.push(one.window);
  }
  return standing;
}

function decideFreely({ activeDenies, activeAllows, inactiveAllows }: Standing): WindowDecision {
  if (activeDenies.length > 0) return refusal('active-deny', activeDenies);
  if (activeAllows.length > 0) return { allowed: true, rule: 'active-allow', windows: activeAllows };
  if (inactiveAllows.length > 0) return refusal('inactive-allow', inactiveAllows);
  return { allowed: true, rule: 'no-window', windows: [] };
}

function refusal(rule: 'active-deny' | 'inactive-allow', windows: readonly SyncWindow[]): WindowDecision {
  const named = windows.map(nameOf).join(', ');
  const state = rule === 'active-deny' ? `${named} denies it now` : `${named} allows it at other times`;
  return { allowed: false, rule, windows, message: `cannot sync: blocked by sync window: ${state}` };
}

function nameOf({
  kind = '',
  schedule = '',
  duration = '',
  timeZone = '',
  description = '',
}: SyncWindow): string {
  const zone = timeZone === '' ? 'UTC' : timeZone;
  const words = description === '' ? '' : ` "${description}"`;
  return `${kind} "${schedule}" for ${duration} (${zone})${words}`;
}
