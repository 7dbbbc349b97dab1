import { heldBack } from '../../../core/application/automation/autosync.ts';
import { closureOf } from '../../../core/project/window/closure.ts';
import { holdSync, releaseSync } from '../../../db/queries/operation/held-sync.ts';
import { syncWindowsOf } from '../../../db/queries/project/sync-windows.ts';
import type { SessionDeps } from '../../deps.ts';
import type { ClusterSession } from '../cluster-session.ts';
import type { AutoSync } from './auto-sync.ts';
import type { Subject } from './subject.ts';

/**
 * What was decided, unless sync windows are closed to it. They are read only where a sync is wanted. A live sync of an
 * older revision that they don't stop goes on; the newer one waits for them.
 */
export async function withinWindows(
  deps: Pick<SessionDeps, 'db' | 'settings'>,
  { application }: Pick<Subject, 'application'>,
  automation: AutoSync,
): Promise<AutoSync> {
  const { decision, running } = automation;
  if (decision?.action !== 'sync') return automation;
  const windows = await syncWindowsOf(deps, application);
  const question = { at: Date.now(), manual: false };
  const held = heldBack(decision, closureOf(windows, question));
  if (running === undefined || held.action !== 'held') return { ...automation, decision: held };
  const startedAt = running.operation.startedAt?.getTime();
  const stops = closureOf(windows, { ...question, startedAt }) !== undefined;
  return { ...automation, decision: held, running: { ...running, outdated: running.outdated && stops } };
}

/** Records until when an automated sync waits for its windows, or that it doesn't wait any more; writes only news. */
export async function recordHold(
  deps: Pick<SessionDeps, 'db'>,
  session: ClusterSession,
  { application, held }: Pick<Subject, 'application' | 'held'>,
  { decision }: Pick<AutoSync, 'decision'>,
): Promise<void> {
  if (decision?.action !== 'held') {
    if (held !== undefined) await releaseSync(deps.db, session, application.id);
    return;
  }
  const dueAt = new Date(decision.closure.askAt);
  // A row that has asked for this comparison by a clock that is ahead of ours has to ask for another.
  if (held?.wokenAt === null && held.dueAt.getTime() === dueAt.getTime()) return;
  await holdSync(deps.db, session, application.id, dueAt);
}
