import { asc, gt, type SQL, sql } from 'drizzle-orm';
import { formatJson } from '../../../core/object/json/json.ts';
import type { Database } from '../../client.ts';
import { applications, nextResourceVersion } from '../../schema/application.ts';
import { changes } from '../../schema/record.ts';

/** Channel on which every recorded change is announced; a listener that misses one finds it in the table. */
export const changeChannel = 'keelson';

export type Change = typeof changes.$inferSelect;
export type NewChange = Pick<Change, 'type' | 'topic'> & {
  readonly applicationId?: string;
  readonly clusterId?: string;
  /** The application as it was, when it is gone. */
  readonly final?: unknown;
};

/**
 * Appends to the change log, raises the application's resourceVersion when one was modified, and announces it when the
 * surrounding transaction commits.
 */
export async function recordChange(db: Database, change: NewChange): Promise<void> {
  const raises = change.type === 'MODIFIED' && change.topic === 'application';
  const raised = raisePart(sql`select ${change.applicationId ?? null}::uuid`);
  await db.execute(sql`with ${raises ? sql`${raised}, ` : sql``}${changeParts([change])} select 1 from told`);
}

/** Records that something of an application has changed. */
export function recordModified(db: Database, applicationId: string): Promise<void> {
  return recordChange(db, { type: 'MODIFIED', topic: 'application', applicationId });
}

/** The part `raised` of a statement: a new resourceVersion for the application whose id `whose` selects, if any. */
export function raisePart(whose: SQL): SQL {
  return sql`raised as (
    update ${applications} set resource_version = ${nextResourceVersion} where id = (${whose}) returning id)`;
}

/**
 * The parts `written` and `told` of a statement that changes something: they append to the change log and announce it
 * where `condition` holds. The statement has to select from `told`; see `raisePart` for resourceVersions.
 */
export function changeParts(log: readonly NewChange[], condition: SQL = sql`true`): SQL {
  const rows = log.map(
    ({ type, topic, applicationId = null, clusterId = null, final }) =>
      sql`(${type}::text, ${topic}::text, ${applicationId}::uuid, ${clusterId}::uuid, ${final === undefined ? null : formatJson(final)}::jsonb)`,
  );
  return announcedParts(sql`select * from (values ${sql.join(rows, sql`, `)}) as log where ${condition}`);
}

/** The same for changes that `log` selects: type, topic, ids of application and cluster, and `final`. */
export function announcedParts(log: SQL): SQL {
  return sql`written as (${appended(log)}), told as materialized (${announced})`;
}

/** The same two parts for a statement that the query builder makes. */
export function announcedBy(db: Database, log: SQL) {
  return {
    written: db.$with('written', {}).as(appended(log)),
    told: db.$with('told', { told: sql`told`.as('told') }).as(announced),
  };
}

function appended(log: SQL): SQL {
  return sql`insert into ${changes} (type, topic, application_id, cluster_id, final) ${log}
    returning id, type, topic, application_id, cluster_id`;
}

/** Volatile, so Postgres makes it once and whole wherever it is selected from. */
const announced = sql`select pg_notify(${changeChannel}, row_to_json(written)::text) from written`;

/** Changes after a position of the log, oldest first, at most `limit`. */
export function changesAfter(db: Database, id: number, limit = 1000): Promise<Change[]> {
  return db.select().from(changes).where(gt(changes.id, id)).orderBy(asc(changes.id)).limit(limit);
}
