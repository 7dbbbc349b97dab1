import { desc } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { audit } from '../../schema/record.ts';

export type AuditRow = typeof audit.$inferSelect;

/** Who did what to which object; details hold names and choices, never secrets. */
export type AuditEntry = {
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly details?: Readonly<Record<string, unknown>>;
};

/** Writes an audit row; call it in the transaction of the change it tells of. */
export async function recordAudit(db: Database, entry: AuditEntry): Promise<void> {
  await db.insert(audit).values({
    actor: entry.actor,
    action: entry.action,
    object: entry.object,
    details: { ...entry.details },
  });
}

/** The newest audit rows. */
export function listAudit(db: Database, limit: number): Promise<AuditRow[]> {
  return db.select().from(audit).orderBy(desc(audit.id)).limit(limit);
}
