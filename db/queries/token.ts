import { eq, lt, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { revokedTokens } from '../schema/record.ts';

/** Revokes a token until its own end; rows whose token has ended anyway are dropped on the way. */
export async function revokeToken(db: Database, id: string, expiresAt: Date): Promise<void> {
  await db.insert(revokedTokens).values({ id, expiresAt }).onConflictDoNothing();
  await db.delete(revokedTokens).where(lt(revokedTokens.expiresAt, sql`now() - interval '1 hour'`));
}

export async function isTokenRevoked(db: Database, id: string): Promise<boolean> {
  const rows = await db.select({ id: revokedTokens.id }).from(revokedTokens).where(eq(revokedTokens.id, id));
  return rows.length > 0;
}
