import { and, asc, eq, inArray, isNotNull, isNull, notInArray, sql } from 'drizzle-orm';
import { homeInitiator } from '../../../core/sync/operation/initiator.ts';
import type { Database } from '../../client.ts';
import { applications } from '../../schema/application.ts';
import { homeSessions, homeSettings } from '../../schema/home.ts';
import { homeDeletions } from '../../schema/home-deletion.ts';
import { projects } from '../../schema/project.ts';
import type { ApplicationRow } from '../application/application.ts';
import { recordAudit } from '../installation/audit.ts';

/**
 * Names of the applications that no object tells of, in their order; those that are being deleted end as rows. In
 * conflict are those whose names others have.
 */
export function applicationsWithoutObject(
  db: Database,
  { inConflict }: { readonly inConflict: boolean },
): Promise<Pick<ApplicationRow, 'namespace' | 'name'>[]> {
  return db
    .select({ namespace: applications.namespace, name: applications.name })
    .from(applications)
    .where(
      and(
        isNull(applications.homeUid),
        isNull(applications.deletionRequestedAt),
        inConflict ? undefined : eq(applications.homeConditions, []),
      ),
    )
    .orderBy(asc(applications.namespace), asc(applications.name));
}

/** Names of the projects that no object tells of, in their order. */
export async function projectsWithoutObject(
  db: Database,
  { inConflict }: { readonly inConflict: boolean },
): Promise<string[]> {
  const rows = await db
    .select({ name: projects.name })
    .from(projects)
    .where(and(isNull(projects.homeUid), inConflict ? undefined : eq(projects.homeConditions, [])))
    .orderBy(asc(projects.name));
  return rows.map(({ name }) => name);
}

/** Records that objects are what holds from now on; nothing where they are already. */
export async function markTurnedOn(tx: Database): Promise<void> {
  const turned = await tx
    .update(homeSessions)
    .set({ turnedOnAt: sql`now()` })
    .where(isNull(homeSessions.turnedOnAt))
    .returning({ epoch: homeSessions.epoch });
  if (turned.length === 0) return;
  await recordAudit(tx, { actor: homeInitiator.username, action: 'home.on', object: 'settings' });
}

/**
 * Makes the rows what holds, as they are; answers whether objects did until now. These stay, and nobody listens to them:
 * a session that still mirrors them can't write from here on.
 */
export function turnOff(db: Database): Promise<boolean> {
  return db.transaction(async (tx) => {
    const turned = await tx
      .update(homeSessions)
      .set({ turnedOnAt: null, epoch: sql`${homeSessions.epoch} + 1`, kinds: {} })
      .where(isNotNull(homeSessions.turnedOnAt))
      .returning({ epoch: homeSessions.epoch });
    if (turned.length === 0) return false;
    await forgetUndecided(tx);
    const nothing = { homeUid: null, homeVersion: null, homeConditions: [] };
    await tx
      .update(applications)
      .set({ ...nothing, homeSince: null })
      .where(sql`true`);
    await tx.update(projects).set(nothing).where(sql`true`);
    // Secrets that words refer to go on being referred to.
    await tx.delete(homeSettings).where(notInArray(homeSettings.role, ['accounts', 'kept']));
    await recordAudit(tx, { actor: 'system', action: 'home.off', object: 'settings' });
    return true;
  });
}

/**
 * Deletions of objects that nothing has been done for go on with nobody once rows hold: their applications stay, and can
 * be synced again. What is being carried out goes on.
 */
async function forgetUndecided(tx: Database): Promise<void> {
  const forgotten = await tx
    .delete(homeDeletions)
    .where(inArray(homeDeletions.state, ['pending', 'held', 'recreating']))
    .returning({ uid: homeDeletions.uid });
  const { deletion, homeUid } = applications;
  await tx
    .update(applications)
    .set({ deletion: null, deletionRequestedAt: null, deletionFailure: null })
    .where(
      and(
        inArray(
          homeUid,
          forgotten.map(({ uid }) => uid),
        ),
        // One that somebody has asked for by the API is under way all the same.
        sql`${deletion} ->> 'stopped' = 'true' and ${deletion} ->> 'object' = ${homeUid}`,
      ),
    );
}

/** Whether objects are what holds. */
export async function isTurnedOn(db: Database): Promise<boolean> {
  const rows = await db
    .select({ epoch: homeSessions.epoch })
    .from(homeSessions)
    .where(and(eq(homeSessions.id, 1), isNotNull(homeSessions.turnedOnAt)));
  return rows.length > 0;
}
