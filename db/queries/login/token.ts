import { lt, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { accountLogins, revokedTokens } from '../../schema/record.ts';
import { recordChange } from '../application/change.ts';
import { loadRowsBy } from '../rows-by.ts';

/**
 * Revokes a login, or a single token, until its end; rows whose end has come anyway are dropped on the way. All servers
 * hear of it when the surrounding transaction commits.
 */
export async function revoke(db: Database, id: string, until: Date): Promise<void> {
  await db.insert(revokedTokens).values({ id, expiresAt: until }).onConflictDoNothing();
  await db.delete(revokedTokens).where(lt(revokedTokens.expiresAt, sql`now() - interval '1 hour'`));
  await announceLogins(db);
}

const revoked = loadRowsBy(revokedTokens, 'id');

/** Whether a login or token was revoked before this question; many that ask at once share one look. */
export async function isRevoked(db: Database, id: string): Promise<boolean> {
  return (await revoked(db, id)) !== undefined;
}

/** Ends all logins of an account that were begun before the surrounding transaction commits. */
export async function endLogins(db: Database, account: string): Promise<void> {
  await db
    .insert(accountLogins)
    .values({ account, generation: 1 })
    .onConflictDoUpdate({
      target: accountLogins.account,
      set: { generation: sql`${accountLogins.generation} + 1`, endedAt: sql`now()` },
    });
  await announceLogins(db);
}

const loginsOf = loadRowsBy(accountLogins, 'account');

/** The number that logins of an account carry now; many that ask at once share one look. */
export async function loginGeneration(db: Database, account: string): Promise<number> {
  return (await loginsOf(db, account))?.generation ?? 0;
}

/** Has all servers look whether the logins that they serve still count. */
export function announceLogins(db: Database): Promise<void> {
  return recordChange(db, { type: 'MODIFIED', topic: 'login' });
}
