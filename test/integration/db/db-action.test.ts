import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WriteResult } from '../../../core/action/outcome.ts';
import { createWrite } from '../../../core/action/write.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import { storeManifests } from '../../../db/queries/application/manifest.ts';
import { endAction, getAction, insertAction, openActions } from '../../../db/queries/installation/action.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { forgetContent } from '../../../db/retention/forget-content.ts';
import { manifests } from '../../../db/schema/manifest.ts';
import { audit } from '../../../db/schema/record.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { configMap } from '../../support/keelson/applications.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

const keyring = createKeyring(generateKey());
const by = { actor: 'somebody', object: 'default/web', address: '203.0.113.7' };
const written: WriteResult = { state: 'written', uid: 'u', version: '3' };
const refused: WriteResult = { state: 'refused', code: 'forbidden', message: 'may not', retryable: false };
let connection: DatabaseConnection;

beforeAll(async () => {
  connection = await openTestDatabase();
});

afterAll(async () => {
  await connection?.close();
});

/** Stores an action that creates two objects. */
async function insert(): Promise<{ id: string; digests: readonly string[] }> {
  const writes = ['one', 'two'].map((name) => createWrite(configMap(name, { name: randomUUID() })));
  const digests = await storeManifests(
    connection.db,
    keyring,
    writes.map(({ body }) => body),
  );
  const frozen = writes.map(({ body: _, ...write }, at) => ({ ...write, digest: digests[at] ?? '' }));
  const record = { action: 'pair', applicationId: randomUUID(), clusterId: randomUUID(), writes: frozen };
  return { id: await insertAction(connection.db, by, record), digests };
}

const age = (id: string, seconds: number) =>
  connection.db
    .update(audit)
    .set({ at: sql`now() - make_interval(secs => ${seconds}::double precision)` })
    .where(eq(audit.id, Number(id)));

describe('an action of several writes', () => {
  it('is read as it was stored, and has no outcome before its end', async () => {
    const { id, digests } = await insert();
    const stored = await getAction(connection.db, id);
    expect(stored).toMatchObject({ action: 'pair', outcome: undefined });
    expect(stored.writes.map(({ digest, operation }) => `${operation} ${digest}`)).toEqual(
      digests.map((digest) => `create ${digest}`),
    );
    expect(stored.ageSeconds).toBeLessThan(60);
  });

  it('is unknown where the audit has no row of its beginning', async () => {
    const { id } = await insert();
    await endAction(connection.db, id, [written, written]);
    const [end] = await listAudit(connection.db, 1);
    for (const other of [String(end?.id), '999999999'])
      await expect(getAction(connection.db, other)).rejects.toThrow(/not in the audit any more/);
  });

  it('ends once, by whom it was asked for, and keeps its first outcome', async () => {
    const { id } = await insert();
    const outcome = { done: 1, failure: { code: 'forbidden', message: 'may not', retryable: false } };
    const ends = await Promise.all([1, 2].map(() => endAction(connection.db, id, [written, refused])));
    expect(ends).toEqual([outcome, outcome]);
    expect(await endAction(connection.db, id, [written, written])).toEqual(outcome);
    expect((await getAction(connection.db, id)).outcome).toEqual(outcome);

    const rows = (await listAudit(connection.db, 100)).filter(({ details }) => details['start'] === id);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      ...{ actor: 'somebody', object: 'default/web', sourceAddress: '203.0.113.7' },
      ...{ action: 'resource.action.end', reason: 'may not' },
      details: {
        objects: [
          { state: 'written', uid: 'u' },
          { state: 'refused', message: 'may not' },
        ],
      },
    });
  });

  it('is open until it ends, except to those who leave it to its request', async () => {
    const [young, old, ended, lost] = await Promise.all([insert(), insert(), insert(), insert()]);
    for (const { id } of [old, ended]) await age(id, 60);
    await age(lost.id, 3 * 3600);
    await endAction(connection.db, ended.id, [written, written]);
    const open = await openActions(connection.db, 15);
    expect(open).toContain(old.id);
    for (const { id } of [young, ended, lost]) expect(open).not.toContain(id);
  });

  it('keeps what it writes from being forgotten for as long as it may run', async () => {
    const { db } = connection;
    const [running, over] = [await insert(), await insert()];
    await age(running.id, 3600);
    await age(over.id, 3 * 3600);
    await db.update(manifests).set({ usedAt: sql`now() - interval '1 day'` });
    await forgetContent(db, 300);
    const left = new Set((await db.select().from(manifests)).map(({ digest }) => digest));
    expect(running.digests.every((digest) => left.has(digest))).toBe(true);
    expect(over.digests.some((digest) => left.has(digest))).toBe(false);
  });
});
