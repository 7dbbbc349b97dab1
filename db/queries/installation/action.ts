import { sql } from 'drizzle-orm';
import { type ActionOutcome, outcomeOf, type WriteResult } from '../../../core/action/outcome.ts';
import type { FrozenWrite } from '../../../core/action/write.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { formatKey } from '../../../core/object/key.ts';
import type { Database } from '../../client.ts';
import { audit } from '../../schema/record.ts';
import { before } from '../../times.ts';
import { type AuditEntry, auditInsert } from './audit.ts';

/** The rows of the audit that begin and end an action of several writes. */
const begun = 'resource.action.start';
const ended = 'resource.action.end';

/** An action that lasts longer is given up; what is stored for it is kept for twice as long. */
export const actionSeconds = 3600;

/** An action of several writes, as it was decided: the writes are final, their bodies are in the sealed store. */
export type ActionRecord = {
  readonly action: string;
  readonly applicationId: string;
  readonly clusterId: string;
  readonly writes: readonly FrozenWrite[];
};

/** A stored action, with its outcome once it has one. */
export type StoredAction = ActionRecord & {
  readonly ageSeconds: number;
  readonly outcome: ActionOutcome | undefined;
};

/** Stores an action before its first write; answers with its id. */
export async function insertAction(
  db: Database,
  entry: Omit<AuditEntry, 'action' | 'details'>,
  record: ActionRecord,
): Promise<string> {
  const insert = auditInsert({ ...entry, action: begun, details: record });
  const { rows } = await db.execute<{ id: string }>(sql`${insert} returning id::text as id`);
  const [row] = rows;
  if (row === undefined) throw new KeelsonError('internal', `action ${record.action}: was not stored`);
  return row.id;
}

/** A stored action; throws where there is none. */
export async function getAction(db: Database, id: string): Promise<StoredAction> {
  const { rows } = await db.execute<{
    details: ActionRecord;
    age: number;
    outcome: ActionOutcome | null;
  }>(sql`
    select a.details, extract(epoch from now() - a.at)::float8 as age,
      (select e.details -> 'outcome' from ${audit} e
       where e.action = ${ended} and e.at >= a.at and e.details ->> 'start' = a.id::text limit 1) as outcome
    from ${audit} a where a.id = ${id}::bigint and a.action = ${begun}`);
  const [row] = rows;
  if (row === undefined) throw new KeelsonError('not-found', `action ${id} is not in the audit any more`);
  return { ...row.details, ageSeconds: row.age, outcome: row.outcome ?? undefined };
}

/** Records what became of an action, once; answers with the outcome that is on record. */
export async function endAction(
  db: Database,
  id: string,
  results: readonly WriteResult[],
): Promise<ActionOutcome> {
  return db.transaction(async (tx) => {
    // Whoever else ends it waits here.
    const { rows } = await tx.execute<{ actor: string; object: string; address: string }>(sql`
      select actor, object, source_address as address from ${audit}
      where id = ${id}::bigint and action = ${begun} for update`);
    const { action, writes, outcome: known } = await getAction(tx, id);
    const [row] = rows;
    if (known !== undefined || row === undefined) return known ?? outcomeOf(results);
    const outcome = outcomeOf(results);
    const objects = writes.map(({ operation, key, subresource }, position) => ({
      ...{ operation, object: formatKey(key) },
      ...(subresource === undefined ? {} : { subresource }),
      ...(results[position] ?? { state: 'not written' }),
    }));
    const details = { start: id, action, outcome, objects };
    const reason = outcome.failure?.message;
    await tx.execute(auditInsert({ ...row, action: ended, reason, details }));
    return outcome;
  });
}

/** Actions without an outcome that began so many seconds ago: their workflow may never have been started. */
export async function openActions(db: Database, graceSeconds: number): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    select a.id::text as id from ${audit} a
    where a.action = ${begun} and a.at > ${before(2 * actionSeconds)} and a.at < ${before(graceSeconds)}
      and not exists (select from ${audit} e
        where e.action = ${ended} and e.at >= a.at and e.details ->> 'start' = a.id::text)`);
  return rows.map(({ id }) => id);
}
