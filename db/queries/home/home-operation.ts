import { and, eq, isNull, lt, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { homeOperations } from '../../schema/home-deletion.ts';
import { before } from '../../times.ts';

export type HomeOperationRow = typeof homeOperations.$inferSelect;

/** What is known of the operations of an object: newest first. */
export function homeOperationsOf(db: Database, uid: string): Promise<HomeOperationRow[]> {
  return db
    .select()
    .from(homeOperations)
    .where(eq(homeOperations.uid, uid))
    .orderBy(sql`${homeOperations.at} desc`)
    .limit(20);
}

/** Records that an operation of an object was taken up or refused; answers false where somebody has done so before. */
export async function recordHomeOperation(
  db: Database,
  row: Pick<HomeOperationRow, 'uid' | 'resourceVersion' | 'digest' | 'operationId'>,
): Promise<boolean> {
  const rows = await db
    .insert(homeOperations)
    .values(row)
    .onConflictDoNothing()
    .returning({ uid: homeOperations.uid });
  return rows.length > 0;
}

/** Records in which version an object has its operation no more. */
export async function markOperationCleared(db: Database, uid: string, version: string): Promise<void> {
  await db
    .update(homeOperations)
    .set({ clearedVersion: version })
    .where(and(eq(homeOperations.uid, uid), isNull(homeOperations.clearedVersion)));
}

/** Forgets operations that were cleared so long ago that no late event has them. */
export async function forgetHomeOperations(db: Database, seconds: number): Promise<void> {
  await db.delete(homeOperations).where(lt(homeOperations.at, before(seconds)));
}
