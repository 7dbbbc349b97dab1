import { inArray, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { defaultHistoryLimit } from '../queries/application/application-record.ts';
import { applications } from '../schema/application.ts';
import { appliedObjects, fences, operations } from '../schema/operation.ts';
import { before } from '../times.ts';
import { keepApplied } from './keep-applied.ts';
import { isNewest } from './newest.ts';

/** Each takes its plan, steps and waits along. */
const operationsAtOnce = 500;

/** Whether people can still roll back to what an operation deployed. */
const isInHistory = sql`(${operations.historyId} is not null and exists (
  select from ${applications} a where a.id = ${operations.applicationId}
  and ${operations.historyId} > (select max(h.history_id) from ${operations} h where h.application_id = a.id)
    - coalesce((a.spec ->> 'revisionHistoryLimit')::int, ${defaultHistoryLimit})))`;

/**
 * Drops operations that ended long ago with all that is known of them; those that an application shows stay. Answers
 * whether there may be more.
 */
export async function forgetOperations(db: Database, olderThanSeconds: number): Promise<boolean> {
  const old = db
    .select({ id: operations.id })
    .from(operations)
    .where(
      sql`${operations.finishedAt} < ${before(olderThanSeconds)} and not ${isNewest} and not ${isInHistory}`,
    )
    .limit(operationsAtOnce);
  return await db.transaction(async (tx) => {
    const ids = (await tx.execute<{ id: string }>(old.getSQL())).rows.map(({ id }) => id);
    if (ids.length === 0) return false;
    await keepApplied(tx, ids);
    await tx.delete(operations).where(inArray(operations.id, ids));
    return ids.length === operationsAtOnce;
  });
}

/** Drops what is known for applications that are gone, once nobody writes for them: fences, and what they applied. */
export async function forgetGone(db: Database): Promise<void> {
  await db.delete(appliedObjects).where(sql`
    not exists (select from ${applications} a where a.id = ${appliedObjects.applicationId})`);
  await db.delete(fences).where(sql`not ${fences.open}
    and not exists (select from ${applications} a where a.id = ${fences.applicationId})
    and not exists (select from ${operations} o where o.application_id = ${fences.applicationId} and o.finished_at is null)`);
}
