import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { applications } from '../../schema/application.ts';
import { heldSyncs, operations, waits } from '../../schema/operation.ts';
import { changeRows } from '../../statement.ts';
import { clusterOfApplication } from '../application/destination.ts';
import { asSession, type Session } from '../cluster/session.ts';
import type { OperationRow } from './operation.ts';

export type HeldSyncRow = typeof heldSyncs.$inferSelect;

/** Records until when an application's automated sync waits for its sync windows, in place of what was recorded before. */
export function holdSync(db: Database, session: Session, applicationId: string, dueAt: Date): Promise<void> {
  const set = { dueAt, wokenAt: null };
  return asSession(db, session, async (tx) => {
    await tx
      .insert(heldSyncs)
      .values({ applicationId, ...set })
      .onConflictDoUpdate({ target: heldSyncs.applicationId, set });
  });
}

/** Forgets that an automated sync waits for sync windows: it has started, or isn't wanted any more. */
export function releaseSync(db: Database, session: Session, applicationId: string): Promise<void> {
  return asSession(db, session, async (tx) => {
    await tx.delete(heldSyncs).where(eq(heldSyncs.applicationId, applicationId));
  });
}

/**
 * Asks the sessions for a comparison of every application whose automated sync has waited long enough. Each is asked for
 * once, whoever else calls this: a session that isn't there compares all of its applications when it begins.
 */
export async function wakeHeldSyncs(db: Database): Promise<void> {
  await changeRows(db, {
    parts: {
      woken: sql`
        update ${heldSyncs} set woken_at = now() from ${applications}
        where ${applications.id} = ${heldSyncs.applicationId}
          and ${heldSyncs.dueAt} <= now() and ${heldSyncs.wokenAt} is null
        returning ${heldSyncs.applicationId} as application_id, ${clusterOfApplication} as cluster_id`,
    },
    when: 'woken',
    announces: { type: 'MODIFIED', topic: 'desired', each: 'woken' },
  });
}

/** The syncs of a cluster that sync windows have stopped under way. */
export function stoppedByWindows(
  db: Database,
  clusterId: string,
): Promise<Pick<OperationRow, 'applicationId' | 'id' | 'kind'>[]> {
  return db
    .select({ id: operations.id, applicationId: operations.applicationId, kind: operations.kind })
    .from(waits)
    .innerJoin(operations, eq(operations.id, waits.operationId))
    .where(
      and(
        eq(waits.kind, 'window'),
        isNull(waits.closedAt),
        eq(operations.clusterId, clusterId),
        isNull(operations.finishedAt),
      ),
    );
}
