import { lt, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { revokedTokens } from '../schema/record.ts';
import { loadRowsBy } from './rows-by.ts';

/** Revokes a token until its own end; rows whose token has ended anyway are dropped on the way. */
export async function revokeToken(db: Database, id: string, expiresAt: Date): Promise<void> {
  await db.insert(revokedTokens).values({ id, expiresAt }).onConflictDoNothing();
  await db.delete(revokedTokens).where(lt(revokedTokens.expiresAt, sql`now() - interval '1 hour'`));
}

const revokedToken = loadRowsBy(revokedTokens, 'id');

/** Whether a token was revoked before this question; many that ask at once share one look. */
export async function isTokenRevoked(db: Database, id: string): Promise<boolean> {
  return (await revokedToken(db, id)) !== undefined;
}
