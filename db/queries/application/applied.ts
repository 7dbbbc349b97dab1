import { sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { appliedObjects, stepResults } from '../../schema/operation.ts';

/**
 * Which of these objects this installation has ever written, or pruned with somebody's consent, in whatever application
 * and cluster, and however it came out: a uid names one object for ever. What is only tried in a dry run, refused or
 * left alone has no uid in its result.
 */
export async function appliedUids(db: Database, uids: readonly string[]): Promise<ReadonlySet<string>> {
  if (uids.length === 0) return new Set();
  const { rows } = await db.execute<{ uid: string }>(sql`
    select uid from ${stepResults}
    where uid = any(${sql.param(uids)}::text[]) and status <> 'PruneSkipped'
    union select uid from ${appliedObjects} where uid = any(${sql.param(uids)}::text[])`);
  return new Set(rows.map(({ uid }) => uid));
}
