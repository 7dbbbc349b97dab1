import { and, eq, inArray, isNotNull, lt, ne, or, sql } from 'drizzle-orm';
import type { DeletionState, DeletionWay, HeldAnswer } from '../../../core/home/deletion/deletion-guard.ts';
import type { Database } from '../../client.ts';
import { applications } from '../../schema/application.ts';
import { homeDeletions } from '../../schema/home-deletion.ts';
import { before } from '../../times.ts';

export type HomeDeletionRow = typeof homeDeletions.$inferSelect;

type NewDeletion = Pick<HomeDeletionRow, 'uid' | 'applicationId' | 'namespace' | 'name'>;

/** What Keelson itself is about to delete counts as such for so long; what is deleted later, others delete. */
const announcedSeconds = 60;

/**
 * Announces in which way Keelson is about to delete an object. One that is being deleted already, held or not, is asked for
 * by somebody from here on, and counts no more among those that nobody has asked for.
 */
export async function announceDeletion(
  db: Database,
  { uid, applicationId, namespace, name }: NewDeletion,
  way: Exclude<DeletionWay, 'object' | 'parent'>,
): Promise<void> {
  await db
    .insert(homeDeletions)
    .values({ uid, applicationId, namespace, name, way })
    .onConflictDoUpdate({
      target: homeDeletions.uid,
      set: {
        way,
        seenAt: sql`case when ${homeDeletions.deletedAt} is null then now() else ${homeDeletions.seenAt} end`,
      },
      setWhere: inArray(homeDeletions.state, ['pending', 'held', 'going']),
    });
}

/** Records that an object is being deleted; answers with the row where that is news. */
export async function seeDeletion(
  db: Database,
  seen: NewDeletion & Pick<HomeDeletionRow, 'finalizers'> & { readonly deletedAt: Date },
): Promise<HomeDeletionRow | undefined> {
  const { deletedAt, finalizers } = seen;
  const isAnnounced = sql`${homeDeletions.seenAt} > now() - make_interval(secs => ${announcedSeconds})`;
  const [row] = await db
    .insert(homeDeletions)
    .values({ ...seen, way: 'object' })
    .onConflictDoUpdate({
      target: homeDeletions.uid,
      set: {
        deletedAt,
        finalizers,
        seenAt: sql`now()`,
        way: sql`case when ${isAnnounced} then ${homeDeletions.way} else 'object' end`,
      },
      setWhere: sql`${homeDeletions.deletedAt} is null`,
    })
    .returning();
  return row;
}

export async function findHomeDeletion(db: Database, uid: string): Promise<HomeDeletionRow | undefined> {
  const [row] = await db.select().from(homeDeletions).where(eq(homeDeletions.uid, uid));
  return row;
}

/** Deletions that the guard looks at: those that are under way, and those of as long ago as may count with them. */
export function guardedDeletions(db: Database, withinSeconds: number): Promise<HomeDeletionRow[]> {
  const isUnderWay = inArray(homeDeletions.state, ['pending', 'going']);
  const counts = sql`${homeDeletions.deletedAt} > now() - make_interval(secs => ${withinSeconds * 2})`;
  return db
    .select()
    .from(homeDeletions)
    .where(and(isNotNull(homeDeletions.deletedAt), or(isUnderWay, counts)));
}

/** Deletions whose applications are gone, or to come back, and whose objects have yet to go. */
export function unreleasedDeletions(db: Database): Promise<HomeDeletionRow[]> {
  return db
    .select()
    .from(homeDeletions)
    .where(inArray(homeDeletions.state, ['closed', 'recreating']))
    .limit(500);
}

/** Moves a deletion on; answers whether it was in one of the states that it may come from. */
export async function moveDeletion(
  db: Database,
  uid: string,
  from: readonly DeletionState[],
  to: { readonly state: DeletionState; readonly answer?: HeldAnswer; readonly answeredBy?: string },
): Promise<boolean> {
  const moved = await db
    .update(homeDeletions)
    .set({ ...to, ...(to.state === 'released' ? { releasedAt: sql`now()` } : {}) })
    .where(and(eq(homeDeletions.uid, uid), inArray(homeDeletions.state, [...from])))
    .returning({ uid: homeDeletions.uid });
  return moved.length > 0;
}

/** Says of deletions that a parent's deletion brings them about. */
export async function setDeletionWay(db: Database, uids: readonly string[], way: DeletionWay): Promise<void> {
  if (uids.length === 0) return;
  await db
    .update(homeDeletions)
    .set({ way })
    .where(inArray(homeDeletions.uid, [...uids]));
}

/**
 * Says that an application is gone, in the transaction that removes it: now its object may go, whoever has seen to its
 * deletion. One whose object was missing leaves nothing to do.
 */
export async function closeDeletionsOf(
  tx: Database,
  application: Pick<
    typeof applications.$inferSelect,
    'homeConditions' | 'homeUid' | 'id' | 'name' | 'namespace'
  >,
): Promise<void> {
  const { id: applicationId, homeUid: uid, namespace, name, homeConditions } = application;
  if (uid === null) return;
  const isMissing = homeConditions.some(({ type }) => type === 'Detached');
  const closed: Partial<HomeDeletionRow> = isMissing
    ? { state: 'released', releasedAt: new Date() }
    : { state: 'closed' };
  await tx
    .insert(homeDeletions)
    .values({ uid, applicationId, namespace, name, way: 'api', ...closed })
    .onConflictDoUpdate({
      target: homeDeletions.uid,
      set: closed,
      setWhere: ne(homeDeletions.state, 'released'),
    });
}

/** Whether the deletion of an application's object is let through and under way, or has been a while ago. */
export async function isLetThrough(
  db: Database,
  { namespace, name }: Pick<HomeDeletionRow, 'namespace' | 'name'>,
): Promise<boolean> {
  const [row] = await db
    .select({ uid: homeDeletions.uid })
    .from(homeDeletions)
    .where(
      and(
        eq(homeDeletions.namespace, namespace),
        eq(homeDeletions.name, name),
        inArray(homeDeletions.state, ['going', 'closed', 'released']),
      ),
    )
    .limit(1);
  return row !== undefined;
}

/** Applications that have an object, by namespace. */
export async function mirroredCounts(db: Database): Promise<Map<string, number>> {
  const rows = await db
    .select({ namespace: applications.namespace, count: sql<number>`count(*)::int` })
    .from(applications)
    .where(isNotNull(applications.homeUid))
    .groupBy(applications.namespace);
  return new Map(rows.map(({ namespace, count }) => [namespace, count]));
}

/** Forgets deletions whose objects have gone so long ago that nothing can show them again. */
export async function forgetDeletions(db: Database, seconds: number): Promise<void> {
  await db.delete(homeDeletions).where(lt(homeDeletions.releasedAt, before(seconds)));
}
