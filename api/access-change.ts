import type { Database } from '../db/client.ts';
import { followAccessChange } from '../db/queries/access-change.ts';
import { refreshShardOf } from '../workflows/ids.ts';
import type { ApiContext } from './context.ts';
import { sendHint } from './hint.ts';

/**
 * Changes how repositories are reached, in one transaction with what follows from it: those concerned are checked at
 * once, and what could not be rendered is rendered again.
 */
export async function changeAccess<Result>(
  c: ApiContext,
  concerns: (url: string) => boolean,
  change: (tx: Database) => Promise<Result>,
): Promise<Result> {
  const { result, raised } = await c.var.deps.db.transaction(async (tx) => ({
    result: await change(tx),
    raised: await followAccessChange(tx, concerns),
  }));
  sendHint(c, c.var.deps.engine.refreshRepositories());
  hintRefreshes(c, raised);
  return result;
}

/** Wakes the refreshes of applications whose requests are stored; one of each share is enough to name. */
export function hintRefreshes(c: ApiContext, applicationIds: readonly string[]): void {
  const oneOfEach = new Map(applicationIds.map((id) => [refreshShardOf(id), id]));
  for (const id of oneOfEach.values()) sendHint(c, c.var.deps.engine.refreshApplication(id));
}
