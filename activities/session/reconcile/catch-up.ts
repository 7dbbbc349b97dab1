import type { OperationRow } from '../../../db/queries/operation/operation.ts';
import { latestPlan, stepResultsOf } from '../../../db/queries/operation/plan.ts';
import type { SessionDeps } from '../../deps.ts';
import type { ClusterView } from '../cluster-view.ts';

/** How long after the end of an operation the cache may still be behind its writes, with clocks a little apart. */
const behindMilliseconds = 10_000;

/**
 * Waits until the cache has seen what an operation that ended a moment ago wrote, or for 5 s: beside an older picture
 * the application would be OutOfSync, and be healed of what it has just got. Answers whether anything was missing.
 */
export async function catchUp(
  deps: Pick<SessionDeps, 'db'>,
  view: Pick<ClusterView, 'hasSeen' | 'observed' | 'watches'>,
  latest: OperationRow | null,
): Promise<boolean> {
  if (latest === null || latest.finishedAt === null) return false;
  if (Date.now() - latest.finishedAt.getTime() > behindMilliseconds) return false;
  const plan = await latestPlan(deps.db, latest.id);
  if (plan === undefined) return false;
  const keys = new Map(plan.plan.steps.map(({ step, key }) => [step, key]));
  const unseen = (await stepResultsOf(deps.db, plan)).flatMap(({ step, uid, objectVersion }) => {
    const key = keys.get(step);
    if (key === undefined || uid === null || objectVersion === null) return [];
    if (!view.watches(key.group, key.kind) || view.hasSeen(uid, objectVersion)) return [];
    return [{ uid, objectVersion, key }];
  });
  await Promise.all(unseen.map(({ uid, objectVersion, key }) => view.observed(uid, objectVersion, key)));
  return unseen.length > 0;
}
