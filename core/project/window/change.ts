import { nextStart } from './cron.ts';
import { decideSync, type OpenedWindows, type WindowDecision, type WindowQuestion } from './decision.ts';
import { zoneSpan } from './time-zone.ts';
import { isActiveAt, type OpenedWindow } from './window.ts';

/**
 * When a decision becomes another one. Without a change it is the instant to ask again at: the search ends after a year,
 * and after so many edges and starts of windows.
 */
export type WindowChange =
  | { readonly changes: true; readonly at: number; readonly decision: WindowDecision }
  | { readonly changes: false; readonly at: number };

const day = 86_400_000;
const horizon = 366 * day;
/** A zone's offset is looked up anew after so long. */
const span = 35 * day;
const mostEdges = 1000;
/** Starts that are passed over in all, and for one edge: a minute's window that is always active has half a million a year. */
const mostStarts = { inAll: 20_000, forEdge: 1000 };

/** The first millisecond after an instant at which a sync that is refused would be allowed, or the other way round. */
export function nextChange(windows: OpenedWindows, question: WindowQuestion): WindowChange {
  const { at } = question;
  const { allowed } = decideSync(windows, question);
  const end = at + horizon;
  if (windows.unreadable.length > 0 || windows.opened.length === 0) return { changes: false, at: end };
  const search: Search = { spans: new Map(), starts: mostStarts.inAll };
  const edges = windows.opened.map((window) => nextEdge(window, at, search));
  let edge = at;
  for (let count = 0; count < mostEdges && search.starts > 0 && edge < end; count += 1) {
    edge = Math.min(...edges);
    for (const [position, window] of windows.opened.entries()) {
      if (edges[position] === edge) edges[position] = nextEdge(window, edge, search);
    }
    const decision = decideSync(windows, { ...question, at: edge });
    if (decision.allowed !== allowed) return { changes: true, at: edge, decision };
  }
  // Nothing happens before the next edge, which was not looked at any more.
  return { changes: false, at: Math.min(end, ...edges) };
}

/** What one search knows, and how much it may still do. */
type Search = {
  /** What is known of each zone's offset, for looking it up takes longest. */
  readonly spans: Map<string, { readonly offset: number; readonly until: number }>;
  /** Starts that may still be passed over. */
  starts: number;
};

function spanAt(
  zone: string,
  at: number,
  { spans }: Search,
): { readonly offset: number; readonly until: number } {
  const known = spans.get(zone);
  if (known !== undefined && at < known.until) return known;
  const found = zoneSpan(zone, at, span);
  spans.set(zone, found);
  return found;
}

/** The next instant at which a window may begin or end to be active, or at which its zone's offset is another. */
function nextEdge(window: OpenedWindow, at: number, search: Search): number {
  const { offset, until } = spanAt(window.zone, at, search);
  // What is shorter than the smallest step of a clock is never seen active.
  if (window.length <= 1) return until;
  const local = at + offset;
  const edge = isActiveAt(window, local) ? endAfter(window, local, search) : startAfter(window, local);
  return edge === undefined ? until : Math.min(Math.max(edge - offset, at + 1), until);
}

/** At its start a window isn't active yet. */
function startAfter({ cron, length }: OpenedWindow, local: number): number | undefined {
  const start = nextStart(cron, local - length);
  return start === undefined ? undefined : start + 1;
}

/** Starts that follow each other within the window's length are passed over. */
function endAfter({ cron, length }: OpenedWindow, local: number, search: Search): number | undefined {
  let start = nextStart(cron, local - length);
  for (let starts = 0; start !== undefined && starts < mostStarts.forEdge; starts += 1) {
    search.starts -= 1;
    const following = nextStart(cron, start);
    if (following === undefined || following >= start + length) break;
    start = following;
  }
  return start === undefined ? undefined : Math.ceil(start + length);
}
