import { asc, eq, gt, lt, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { applications, nextResourceVersion } from '../schema/application.ts';
import { changes } from '../schema/record.ts';

/** The id of no row. */
const nobody = '00000000-0000-0000-0000-000000000000';

/** Channel on which every recorded change is announced; a listener that misses one finds it in the table. */
export const changeChannel = 'keelson';

export type Change = typeof changes.$inferSelect;
export type NewChange = Pick<Change, 'type' | 'topic'> & {
  readonly applicationId?: string;
  readonly clusterId?: string;
  /** The application as it was, when it is gone. */
  readonly final?: unknown;
};

/**
 * Appends to the change log, raises the application's resourceVersion when it is about one, and announces it when
 * the surrounding transaction commits: one statement, since every step of every sync passes here.
 */
export async function recordChange(db: Database, change: NewChange): Promise<void> {
  const raises =
    change.applicationId !== undefined && change.type !== 'DELETED' && change.topic === 'application';
  const raised = db.$with('raised').as(
    db
      .update(applications)
      .set({ resourceVersion: nextResourceVersion as unknown as number })
      .where(eq(applications.id, change.applicationId ?? nobody))
      .returning({ id: applications.id }),
  );
  const written = db.$with('written').as(
    db
      .insert(changes)
      .values({
        type: change.type,
        topic: change.topic,
        applicationId: change.applicationId ?? null,
        clusterId: change.clusterId ?? null,
        final: change.final ?? null,
      })
      .returning({
        id: changes.id,
        type: changes.type,
        topic: changes.topic,
        applicationId: changes.applicationId,
        clusterId: changes.clusterId,
      }),
  );
  await db
    .with(...(raises ? [raised, written] : [written]))
    .select({ sent: sql`pg_notify(${changeChannel}, row_to_json(written)::text)` })
    .from(written);
}

/** Drops changes that no stream can still be behind on. */
export async function forgetChanges(db: Database, olderThanHours: number): Promise<void> {
  await db.delete(changes).where(lt(changes.at, sql`now() - make_interval(hours => ${olderThanHours})`));
}

/** Changes after a position of the log, oldest first, at most `limit`. */
export function changesAfter(db: Database, id: number, limit = 1000): Promise<Change[]> {
  return db.select().from(changes).where(gt(changes.id, id)).orderBy(asc(changes.id)).limit(limit);
}
