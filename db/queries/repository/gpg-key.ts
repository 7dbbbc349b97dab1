import { asc, eq } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { gpgKeys } from '../../schema/repository.ts';

export type GpgKeyRow = typeof gpgKeys.$inferSelect;

export function listGpgKeys(db: Database): Promise<GpgKeyRow[]> {
  return db.select().from(gpgKeys).orderBy(asc(gpgKeys.keyId));
}

export async function findGpgKey(db: Database, keyId: string): Promise<GpgKeyRow | undefined> {
  const [row] = await db.select().from(gpgKeys).where(eq(gpgKeys.keyId, keyId.toUpperCase()));
  return row;
}

/** Adds a key; answers whether it is new. */
export async function addGpgKey(db: Database, key: Omit<GpgKeyRow, 'createdAt'>): Promise<boolean> {
  const added = await db.insert(gpgKeys).values(key).onConflictDoNothing().returning({ id: gpgKeys.keyId });
  return added.length > 0;
}

/** Forgets a key; answers whether it was known. */
export async function deleteGpgKey(db: Database, keyId: string): Promise<boolean> {
  const removed = await db
    .delete(gpgKeys)
    .where(eq(gpgKeys.keyId, keyId.toUpperCase()))
    .returning({ id: gpgKeys.keyId });
  return removed.length > 0;
}
