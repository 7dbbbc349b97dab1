import { eq, sql } from 'drizzle-orm';
import { KeelsonError } from '../../../core/errors.ts';
import type { HomeKinds } from '../../../core/home/kind-state.ts';
import type { Database } from '../../client.ts';
import { homeSessions } from '../../schema/home.ts';

export type HomeSessionRow = typeof homeSessions.$inferSelect;

/** Takes the mirroring of the home cluster; whoever had it can't write from now on. Answers with the new epoch. */
export async function takeHomeSession(
  db: Database,
  holder: Pick<HomeSessionRow, 'owner' | 'version'>,
): Promise<number> {
  const [row] = await db
    .insert(homeSessions)
    .values({ ...holder, epoch: 1 })
    .onConflictDoUpdate({
      target: homeSessions.id,
      set: { ...holder, epoch: sql`${homeSessions.epoch} + 1`, takenAt: sql`now()` },
    })
    .returning({ epoch: homeSessions.epoch });
  if (row === undefined) throw new KeelsonError('internal', 'home session was not returned by its insert');
  return row.epoch;
}

/**
 * Runs writes of a session in one transaction, or throws `fenced` when another one has taken its place. The share lock
 * holds off a takeover until the writes are committed.
 */
export function asHomeSession<T>(
  db: Database,
  epoch: number,
  write: (tx: Database) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => {
    const held = await tx
      .select({ epoch: homeSessions.epoch })
      .from(homeSessions)
      .where(eq(homeSessions.epoch, epoch))
      .for('share');
    if (held.length === 0)
      throw new KeelsonError('fenced', `session ${epoch} of the home cluster was replaced`);
    return write(tx);
  });
}

/** Records how the mirroring of each kind stands; nothing where another session has taken its place. */
export async function saveHomeKinds(db: Database, epoch: number, kinds: HomeKinds): Promise<void> {
  await db.update(homeSessions).set({ kinds }).where(eq(homeSessions.epoch, epoch));
}

/** How the mirroring stands; undefined before the first time. */
export async function readHomeSession(db: Database): Promise<HomeSessionRow | undefined> {
  const [row] = await db.select().from(homeSessions);
  return row;
}
