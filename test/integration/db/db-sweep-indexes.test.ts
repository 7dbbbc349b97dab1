import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database, DatabaseConnection } from '../../../db/client.ts';
import { openActions } from '../../../db/queries/installation/action.ts';
import { forgetAttempts } from '../../../db/queries/login/login-attempt.ts';
import { wakeHeldSyncs } from '../../../db/queries/operation/held-sync.ts';
import {
  runningOperations,
  waitingOperations,
  waitingTerminations,
} from '../../../db/queries/operation/operation.ts';
import { unsettledDeliveries } from '../../../db/queries/repository/webhook.ts';
import { foldOperations } from '../../../db/retention/fold-operations.ts';
import { forgetContent } from '../../../db/retention/forget-content.ts';
import { forgetOperations } from '../../../db/retention/forget-operations.ts';
import { forgetRecords } from '../../../db/retention/forget-records.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

let connection: DatabaseConnection;
const sent: string[] = [];

beforeAll(async () => {
  connection = await openTestDatabase();
  const { pool } = connection;
  // Every statement on its way, whichever connection of the pool takes it.
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    Object.assign(client, {
      query: (statement: unknown, ...rest: unknown[]) => {
        sent.push(typeof statement === 'string' ? statement : String(Reflect.get(Object(statement), 'text')));
        return query(statement, ...rest);
      },
    });
  });
});

afterAll(async () => {
  await connection?.close();
});

/** How PostgreSQL would carry out a statement on tables of any size, in which nothing is read from end to end unless it has to be. */
async function planOf(statement: string): Promise<string> {
  const client = await connection.pool.connect();
  try {
    await client.query('begin');
    // Merges read whole indexes in order, which looks cheap only while the tables are empty.
    for (const way of ['seqscan', 'mergejoin']) await client.query(`set local enable_${way} = off`);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${statement}`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  } finally {
    await client.query('rollback');
    client.release();
  }
}

const day = 24 * 3600;
const sweeps: readonly (readonly [what: string, index: string, run: (db: Database) => Promise<unknown>])[] = [
  ['operations without a workflow', 'operations_one_live', (db) => waitingOperations(db, 2)],
  ['terminations', 'operations_unfinished', (db) => waitingTerminations(db, 2)],
  ['operations that run', 'operations_unfinished', (db) => runningOperations(db, 15)],
  ['actions that are open', 'audit_at', (db) => openActions(db, 15)],
  ['held syncs', 'held_syncs_due', (db) => wakeHeldSyncs(db)],
  ['deliveries', 'webhook_deliveries_received', (db) => unsettledDeliveries(db, 2)],
  ['old changes', 'changes_at', (db) => forgetRecords(db, 'changes', day)],
  ['old deliveries', 'webhook_deliveries_received', (db) => forgetRecords(db, 'deliveries', day)],
  ['old audit', 'audit_at', (db) => forgetRecords(db, 'audit', day)],
  ['renders that nothing names', 'renders_used', (db) => forgetContent(db, day)],
  ['manifests that nothing names', 'manifests_used', (db) => forgetContent(db, day)],
  ['plans to be folded', 'plans_created', (db) => foldOperations(db, day)],
  ['waits to be folded', 'waits_opened', (db) => foldOperations(db, day)],
  ['operations to be forgotten', 'operations_finished', (db) => forgetOperations(db, day)],
  ['failed logins', 'login_attempts_at', (db) => forgetAttempts(db)],
];

describe('a sweep', () => {
  it.each(sweeps)('finds %s by the index %s', async (_, index, run) => {
    sent.length = 0;
    await run(connection.db);
    const statements = sent.filter((text) => /^\s*(with|select|delete|update)\b/i.test(text));
    expect(statements.length).toBeGreaterThan(0);
    const plans = await Promise.all(statements.map(planOf));
    expect(plans.join('\n\n')).toContain(index);
  });
});
