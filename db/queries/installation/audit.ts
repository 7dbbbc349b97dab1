import { desc, type SQL, sql } from 'drizzle-orm';
import { formatJson } from '../../../core/object/json/json.ts';
import type { Database } from '../../client.ts';
import { audit } from '../../schema/record.ts';

export type AuditRow = typeof audit.$inferSelect;

/** Who did what to which object, or was refused it; details hold names and choices, never secrets. */
export type AuditEntry = {
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  /** Address of the request; absent where the installation does it by itself. */
  readonly address?: string | undefined;
  /** Absent where it was allowed. */
  readonly decision?: AuditRow['decision'];
  readonly reason?: string | undefined;
  /** Keyed digests of what the object was and becomes: whoever has the content can tell that it is the one. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>>;
};

const auditColumns = [
  'actor',
  'action',
  'object',
  'source_address',
  'decision',
  'reason',
  'before_digest',
  'after_digest',
  'details',
] as const;

/** The columns of an entry. */
function auditValues(entry: AuditEntry): Readonly<Record<(typeof auditColumns)[number], unknown>> {
  return {
    actor: entry.actor,
    action: entry.action,
    object: entry.object,
    source_address: entry.address ?? '',
    decision: entry.decision ?? 'allowed',
    reason: entry.reason ?? '',
    before_digest: entry.before ?? null,
    after_digest: entry.after ?? null,
    details: formatJson(entry.details ?? {}),
  };
}

/**
 * The one statement that writes to the audit, by itself or as a part of another: a row for each row of `from`. The
 * table is only ever appended to.
 */
export function auditInsert(entry: AuditEntry, from: SQL = sql``): SQL {
  const values = auditValues(entry);
  const columns = auditColumns.map((column) => sql.identifier(column));
  const given = auditColumns.map((column) =>
    column === 'details' ? sql`${values[column]}::jsonb` : sql`${values[column]}::text`,
  );
  return sql`insert into ${audit} (${sql.join(columns, sql`, `)}) select ${sql.join(given, sql`, `)} ${from}`;
}

/** Writes an audit row; call it in the transaction of the change it tells of. */
export async function recordAudit(db: Database, entry: AuditEntry): Promise<void> {
  await db.execute(auditInsert(entry));
}

/** The newest audit rows. */
export function listAudit(db: Database, limit: number): Promise<AuditRow[]> {
  return db.select().from(audit).orderBy(desc(audit.id)).limit(limit);
}
