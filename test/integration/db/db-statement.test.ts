import { randomUUID } from 'node:crypto';
import { eq, inArray, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseJson } from '../../../core/object/json/json.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import {
  applicationStatus,
  applications,
  dirty,
  nextResourceVersion,
} from '../../../db/schema/application.ts';
import { changes } from '../../../db/schema/record.ts';
import { changeChannel, changeRows } from '../../../db/statement.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

let connection: DatabaseConnection;
let heard: { topic: string; application_id: string }[] = [];
let stop: () => void;

beforeAll(async () => {
  connection = await openTestDatabase();
  const client = await connection.pool.connect();
  client.on('notification', ({ channel, payload = '' }) => {
    if (channel === changeChannel) heard.push(parseJson(payload) as (typeof heard)[number]);
  });
  await client.query(`listen ${changeChannel}`);
  stop = () => client.release(true);
});

afterAll(async () => {
  stop?.();
  await connection?.close();
});

beforeEach(async () => {
  // What an earlier test has announced may still be on its way when that test is over.
  await hearsAll();
  heard = [];
});

async function created(): Promise<string> {
  const id = randomUUID();
  const spec = { project: 'default', destination: {} };
  await connection.db
    .insert(applications)
    .values({ id, namespace: 'keelson', name: id, project: 'default', spec });
  await connection.db.insert(applicationStatus).values({ applicationId: id });
  await connection.db.insert(dirty).values({ applicationId: id });
  return id;
}

const modified = (applicationId: string) =>
  ({ type: 'MODIFIED', topic: 'application', applicationId }) as const;

/** Marks the dirty row of an application, once. */
const mark = (id: string, condition = sql`true`) => sql`
  update ${dirty} set asked = 1 where application_id = ${id} and asked = 0 and ${condition} returning application_id`;

async function versionOf(id: string): Promise<number | undefined> {
  const [row] = await connection.db
    .select()
    .from(applicationStatus)
    .where(eq(applicationStatus.applicationId, id));
  return row?.resourceVersion;
}

async function askedOf(id: string): Promise<number | undefined> {
  const [row] = await connection.db.select().from(dirty).where(eq(dirty.applicationId, id));
  return row?.asked;
}

const logged = (...ids: readonly string[]) =>
  connection.db
    .select()
    .from(changes)
    .where(inArray(changes.applicationId, [...ids]));

/** Resolves once everything is heard that was committed before. */
async function hearsAll(): Promise<void> {
  const last = randomUUID();
  await connection.db.execute(
    sql`select pg_notify(${changeChannel}, json_build_object('topic', 'last', 'application_id', ${last}::text)::text)`,
  );
  await expect.poll(() => heard.at(-1)?.application_id).toBe(last);
  heard.pop();
}

describe('db/statement', () => {
  it('announces a change once, in the transaction that makes it', async () => {
    const id = await created();
    const before = await versionOf(id);
    await connection.db.transaction(async (tx) => {
      const answer = await changeRows(tx, {
        parts: { marked: mark(id) },
        when: 'marked',
        announces: [modified(id)],
        returning: { whose: sql<string>`(select application_id from marked)` },
      });
      expect(answer).toMatchObject({ permitted: true, changed: true, whose: id });
      await hearsAll();
      expect(heard).toEqual([]);
      expect(await logged(id)).toEqual([]);
      expect([await askedOf(id), await versionOf(id)]).toEqual([0, before]);
    });
    await hearsAll();
    expect(heard).toMatchObject([{ topic: 'application', application_id: id }]);
    expect(await logged(id)).toMatchObject([{ type: 'MODIFIED', topic: 'application' }]);
    expect(await askedOf(id)).toBe(1);
    expect(await versionOf(id)).toBeGreaterThan(before ?? Number.POSITIVE_INFINITY);
  });

  it('announces nothing of a transaction that is taken back', async () => {
    const id = await created();
    const before = await versionOf(id);
    const undone = connection.db.transaction(async (tx) => {
      await changeRows(tx, {
        parts: { marked: mark(id) },
        when: 'marked',
        announces: [modified(id)],
      });
      throw new Error('taken back');
    });
    await expect(undone).rejects.toThrow('taken back');
    await hearsAll();
    expect(heard).toEqual([]);
    expect(await logged(id)).toEqual([]);
    expect([await askedOf(id), await versionOf(id)]).toEqual([0, before]);
  });

  it('announces nothing where nothing has changed', async () => {
    const id = await created();
    const statement = { parts: { marked: mark(id) }, when: 'marked', announces: [modified(id)] };
    expect((await changeRows(connection.db, statement)).changed).toBe(true);
    const after = await versionOf(id);
    expect(await changeRows(connection.db, statement)).toMatchObject({ permitted: true, changed: false });
    await hearsAll();
    expect(heard).toHaveLength(1);
    expect(await logged(id)).toHaveLength(1);
    expect(await versionOf(id)).toBe(after);
  });

  it('changes and announces nothing without its guard', async () => {
    const id = await created();
    const before = await versionOf(id);
    const guarded = (row: string) =>
      changeRows(connection.db, {
        guard: sql`select 1 from ${applications} where id = ${row} for share`,
        parts: (asked) => ({ marked: mark(id, asked.permitted) }),
        announces: [modified(id)],
      });
    expect(await guarded(randomUUID())).toMatchObject({ permitted: false, changed: false });
    await hearsAll();
    expect(heard).toEqual([]);
    expect([await askedOf(id), await versionOf(id)]).toEqual([0, before]);
    expect(await guarded(id)).toMatchObject({ permitted: true, changed: true });
    expect(await askedOf(id)).toBe(1);
  });

  it('announces a change of each row that a part returns, however many', async () => {
    const ids = [await created(), await created()];
    const before = await Promise.all(ids.map(versionOf));
    const statement = {
      parts: {
        asked: sql`update ${dirty} set asked = 1 where ${inArray(dirty.applicationId, ids)} and asked = 0
          returning application_id, null::uuid as cluster_id`,
      },
      when: 'asked',
      announces: { type: 'MODIFIED', topic: 'application', each: 'asked' },
    } as const;
    await changeRows(connection.db, statement);
    await changeRows(connection.db, statement);
    await hearsAll();
    expect(heard.map((change) => change.application_id).sort()).toEqual([...ids].sort());
    const after = await Promise.all(ids.map(versionOf));
    expect(after.every((version, at) => Number(version) > Number(before[at]))).toBe(true);
  });

  it('leaves the resourceVersion to a part that raises it, and refuses one that forgets it', async () => {
    const id = await created();
    const written = (set: ReturnType<typeof sql>) =>
      changeRows(connection.db, {
        parts: {
          written: sql`update ${applicationStatus} set ${set} where application_id = ${id} returning 1`,
        },
        when: 'written',
        announces: [modified(id)],
      });
    await written(sql`health_message = 'x', resource_version = ${nextResourceVersion}`);
    const raised = await versionOf(id);
    const { rows } = await connection.db.execute(sql`select last_value from resource_version_seq`);
    expect(rows).toEqual([{ last_value: String(raised) }]);
    await expect(written(sql`health_message = 'y'`)).rejects.toThrow(
      'part written changes an application without its resourceVersion',
    );
    const built = changeRows(connection.db, {
      parts: {
        built: connection.db
          .update(applicationStatus)
          .set({ healthMessage: 'y' })
          .where(eq(applicationStatus.applicationId, id)),
      },
      announces: [modified(id)],
    });
    await expect(built).rejects.toThrow('part built changes an application');
    expect(await versionOf(id)).toBe(raised);
  });

  it('refuses a part that decides without asking for the guard', async () => {
    const id = await created();
    const careless = { marked: mark(id) };
    const guard = sql`select 1 where false`;
    const announces = [modified(id)];
    const refusal = /part marked of a statement doesn't ask for its guard/;
    await expect(changeRows(connection.db, { guard, parts: careless, announces })).rejects.toThrow(refusal);
    const deciding = changeRows(connection.db, { guard, parts: careless, when: 'marked', announces });
    await expect(deciding).rejects.toThrow(refusal);
    expect(await askedOf(id)).toBe(0);
  });

  it('locks the application before rows of parts that ask for it', async () => {
    const id = await created();
    const { held, late } = await connection.db.transaction(async (tx) => {
      await tx.select().from(applicationStatus).where(eq(applicationStatus.applicationId, id)).for('update');
      const late = changeRows(connection.db, {
        parts: (asked) => ({
          compared: sql`update ${dirty} set asked = 1 where application_id = ${asked.touched} returning application_id`,
        }),
        announces: [modified(id)],
      });
      await expect
        .poll(async () => {
          const { rows } = await connection.db.execute(
            sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          );
          return rows.length;
        })
        .toBe(1);
      // Whoever has the application can still have its other rows.
      const held = await tx
        .select()
        .from(dirty)
        .where(eq(dirty.applicationId, id))
        .for('update', { noWait: true });
      return { held, late };
    });
    expect(held).toHaveLength(1);
    await late;
    expect(await askedOf(id)).toBe(1);
  });
});
