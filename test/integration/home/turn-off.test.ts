import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DatabaseConnection } from '../../../db/client.ts';
import { getApplication, lockApplication } from '../../../db/queries/application/application.ts';
import { createApplication } from '../../../db/queries/application/application-create.ts';
import { findHomeDeletion, moveDeletion, seeDeletion } from '../../../db/queries/home/home-deletion.ts';
import { takeHomeSession } from '../../../db/queries/home/home-session.ts';
import { markObjectDeleted } from '../../../db/queries/home/object-deletion.ts';
import { markTurnedOn, turnOff } from '../../../db/queries/home/turn.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

let connection: DatabaseConnection;
const deletedAt = new Date('2026-11-30T00:00:00Z');
const namespace = 'argocd';

beforeAll(async () => {
  connection = await openTestDatabase();
});

afterAll(async () => {
  await connection?.close();
});

/** An application whose object is being deleted; answers with its id. */
async function deletedObject(name: string): Promise<string> {
  const { db } = connection;
  const created = await createApplication(db, {
    ...{ namespace, name, project: 'default', homeUid: `uid-${name}`, homeVersion: '1' },
    ...{ labels: {}, annotations: {}, finalizers: [] },
    spec: { project: 'default', destination: {} },
    repositories: [],
    audit: { actor: 'test', action: 'create', object: 'application' },
  });
  const id = created?.id ?? '';
  await db.transaction(async (tx) => {
    const row = await lockApplication(tx, id);
    if (row === undefined) throw new Error(`application ${name} was not created`);
    const uid = `uid-${name}`;
    await seeDeletion(tx, { uid, applicationId: id, namespace, name, finalizers: [], deletedAt });
    await markObjectDeleted(tx, row, { uid, deletedAt, request: { cascade: 'foreground' } });
  });
  return id;
}

it('leaves applications of deletions that nobody has let through, and goes on with those under way', async () => {
  const { db } = connection;
  await takeHomeSession(db, { owner: 'test', version: 'test' });
  await markTurnedOn(db);
  const [pending, held, back, going] = await Promise.all(
    ['pending', 'held', 'recreating', 'going'].map(deletedObject),
  );
  for (const state of ['held', 'recreating'] as const)
    await moveDeletion(db, `uid-${state}`, ['pending'], { state });
  await moveDeletion(db, 'uid-going', ['pending'], { state: 'going' });
  // As a deletion stands that is being carried out.
  await db.execute(sql`update applications set deletion = deletion - 'stopped' where id = ${going}`);

  expect(await turnOff(db)).toBe(true);
  for (const id of [pending, held, back]) {
    const row = await getApplication(db, id ?? '');
    expect(row).toMatchObject({ deletion: null, deletionRequestedAt: null, homeUid: null });
    expect(await findHomeDeletion(db, `uid-${row?.name}`)).toBeUndefined();
  }
  const under = await getApplication(db, going ?? '');
  expect(under).toMatchObject({ deletionRequestedAt: deletedAt, homeUid: null });
  expect(await findHomeDeletion(db, 'uid-going')).toMatchObject({ state: 'going' });
  expect(await turnOff(db)).toBe(false);
});
