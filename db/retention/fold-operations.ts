import { eq, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { operationView } from '../queries/operation/operation-view.ts';
import { packDetails } from '../queries/operation/packed-operation.ts';
import { operations, packedOperations, plans, stepResults, waits } from '../schema/operation.ts';
import { before } from '../times.ts';
import { keepApplied } from './keep-applied.ts';
import { isNewest } from './newest.ts';

/** Each is packed by itself and may have thousands of steps. */
export const foldedAtOnce = 20;

/**
 * Folds what explains operations that ended long ago into one packed result each: their plans, steps and waits go, and
 * so does their hold on renders. What an application shows of its newest operation stays as rows. Answers with how many;
 * as many as `foldedAtOnce` tell that there may be more.
 */
export async function foldOperations(db: Database, olderThanSeconds: number): Promise<number> {
  const old = before(olderThanSeconds);
  const explained = sql`(select operation_id from ${plans} where created_at < ${old}
    union select operation_id from ${waits} where opened_at < ${old})`;
  const rows = await db
    .select({ id: operations.id })
    .from(operations)
    .where(sql`${operations.id} in ${explained} and ${operations.finishedAt} < ${old} and not ${isNewest}`)
    .limit(foldedAtOnce);
  for (const { id } of rows) await fold(db, id);
  return rows.length;
}

/** Two who fold the same one read the same rows: the first one's result stays. */
async function fold(db: Database, id: string): Promise<void> {
  const view = await operationView(db, id);
  if (view === undefined) return;
  const { planDigest, groups, failureGroups, steps, waits: waited } = view;
  const packed = await packDetails({
    ...(planDigest === undefined ? {} : { planDigest }),
    ...{ groups, failureGroups, steps, waits: waited },
  });
  await db.transaction(async (tx) => {
    await keepApplied(tx, [id]);
    await tx.insert(packedOperations).values({ operationId: id, packed }).onConflictDoNothing();
    for (const table of [plans, stepResults, waits]) await tx.delete(table).where(eq(table.operationId, id));
    await tx.update(operations).set({ renderId: null }).where(eq(operations.id, id));
  });
}
