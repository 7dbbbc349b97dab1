import { formatTime } from '../../text/time.ts';
import type { EffectiveProject } from '../effective.ts';
import type { SyncWindow } from '../project.ts';
import { nextChange, type WindowChange } from './change.ts';
import { decideSync, type OpenedWindows, openWindows, type WindowQuestion } from './decision.ts';
import { isActive, matchingWindows, type WindowTarget } from './window.ts';

/** Why sync windows hold a sync back, and until when. */
export type Closure = {
  /** The refusal, and when it ends as far as that is known. */
  readonly message: string;
  /** The first instant at which the sync is allowed; undefined where none is in sight. */
  readonly opensAt?: number;
  /** When to ask again at the latest, as long as nobody changes the windows. */
  readonly askAt: number;
};

/** What windows say to a sync that they don't allow; undefined where they allow it. */
export function closureOf(windows: OpenedWindows, question: WindowQuestion): Closure | undefined {
  const decision = decideSync(windows, question);
  if (decision.allowed) return undefined;
  const next = nextOpening(windows, question);
  // What can't be read says in its own words what to correct: until then there is no time to wait for.
  if (decision.rule === 'unreadable') return { message: decision.message, askAt: next.at };
  if (!next.changes) {
    return { message: `${decision.message}, and no time is in sight at which that changes`, askAt: next.at };
  }
  const time = formatTime(new Date(next.at));
  return {
    message: `${decision.message}, and syncs are allowed from ${time} on`,
    opensAt: next.at,
    askAt: next.at,
  };
}

/** How many openings of no length are passed over. */
const mostInstants = 400;

/**
 * The next change that lasts. A window isn't active yet at its very start, so that of two which follow each other neither
 * is for an instant, in which nobody would get to sync.
 */
function nextOpening(windows: OpenedWindows, question: WindowQuestion): WindowChange {
  let next = nextChange(windows, question);
  for (let instants = 0; next.changes && instants < mostInstants; instants += 1) {
    const after = { ...question, at: next.at + 1 };
    if (decideSync(windows, after).allowed) return next;
    next = nextChange(windows, after);
  }
  return { changes: false, at: next.at };
}

/**
 * The windows of a project that are an application's. Of a project that nobody can go by there are none to ask, since its
 * applications write nothing at all until it is mended.
 */
export function windowsOfProject(project: EffectiveProject, target: WindowTarget): OpenedWindows {
  if (!project.usable) return openWindows([]);
  return openWindows(matchingWindows(project.project.spec.syncWindows ?? [], target));
}

/** Windows as they are shown: all that are an application's, and those of them that are active. */
export function shownWindows(
  { opened, unreadable }: OpenedWindows,
  at: number,
): { readonly assigned: SyncWindow[]; readonly active: SyncWindow[] } {
  return {
    assigned: [...opened, ...unreadable].map(({ window }) => window),
    active: opened.filter((window) => isActive(window, at)).map(({ window }) => window),
  };
}
