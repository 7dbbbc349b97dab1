import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Observed } from '../../../core/application/observe.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import {
  type ApplicationRow,
  getApplication,
  lockApplication,
  removeApplication,
  updateApplication,
} from '../../../db/queries/application/application.ts';
import { createApplication } from '../../../db/queries/application/application-create.ts';
import { recordModified } from '../../../db/queries/application/change.ts';
import { saveDesired } from '../../../db/queries/application/desired.ts';
import { saveObservation } from '../../../db/queries/application/observed.ts';
import { requestRefreshOf } from '../../../db/queries/application/refresh-request.ts';
import { saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { type Session, takeSession } from '../../../db/queries/cluster/session.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { treeNode } from '../../support/keelson/api/tree-node.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

let connection: DatabaseConnection;
let session: Session;

beforeAll(async () => {
  connection = await openTestDatabase();
  const { id: clusterId } = await saveCluster(connection.db, createKeyring(generateKey()), {
    name: 'one',
    server: 'https://one.test',
    credentials: {},
  });
  session = { clusterId, epoch: await takeSession(connection.db, { clusterId, owner: 'x', version: '1' }) };
});

afterAll(async () => {
  await connection?.close();
});

const decided = {
  project: 'default',
  labels: { team: 'a' },
  annotations: {},
  finalizers: [],
  spec: { project: 'default', destination: { name: 'one' } },
};

async function created(): Promise<ApplicationRow> {
  const row = await createApplication(connection.db, {
    ...decided,
    namespace: 'argocd',
    name: randomUUID(),
    repositories: [],
    audit: { actor: 'admin', action: 'application.create', object: 'x' },
  });
  if (row === undefined) throw new Error('application was not created');
  return row;
}

const observed: Observed = {
  syncStatus: 'Synced',
  healthStatus: 'Healthy',
  healthMessage: null,
  resources: [],
  summary: {},
};

const observe = (id: string) =>
  saveObservation(
    connection.db,
    {
      session,
      applicationId: id,
      observed,
      comparedGeneration: 1,
      gone: [],
      nodes: [treeNode({ version: 'v1', kind: 'ConfigMap', name: 'a', namespace: 'x', uid: randomUUID() })],
    },
    { before: [], after: [] },
  );

/** Where the two rows of an application stand; a row that is written has another place. */
async function placesOf(id: string): Promise<{ decided: string; observed: string }> {
  const { rows } = await connection.db.execute<{ decided: string; observed: string }>(sql`
    select a.ctid::text as decided, s.ctid::text as observed
    from applications a join application_status s on s.application_id = a.id where a.id = ${id}`);
  const [places] = rows;
  if (places === undefined) throw new Error('application has not both rows');
  return places;
}

async function read(id: string): Promise<ApplicationRow> {
  const row = await getApplication(connection.db, id);
  if (row === undefined) throw new Error('application is gone');
  return row;
}

describe('the status of an application', () => {
  it('is written without a write of what its owner decides, whose versions stay', async () => {
    const row = await created();
    const before = await placesOf(row.id);
    expect(await observe(row.id)).toBe(true);
    await saveDesired(connection.db, row, { error: 'chart is not there' });
    await recordModified(connection.db, row.id);
    const places = await placesOf(row.id);
    expect(places.decided).toBe(before.decided);
    expect(places.observed).not.toBe(before.observed);
    const after = await read(row.id);
    expect(after).toMatchObject({ ...observed, renderError: 'chart is not there', labels: { team: 'a' } });
    const versionsOf = ({ generation, specGeneration, specDigest }: ApplicationRow) => [
      generation,
      specGeneration,
      specDigest,
    ];
    expect(versionsOf(after)).toEqual(versionsOf(row));
  });

  it('raises the one resourceVersion that a change of the spec raises', async () => {
    const { id, resourceVersion: first } = await created();
    await observe(id);
    const { resourceVersion: second } = await read(id);
    const changed = await connection.db.transaction(async (tx) => {
      const locked = await lockApplication(tx, id);
      if (locked === undefined) throw new Error('application is gone');
      return updateApplication(tx, locked, { ...decided, labels: { team: 'b' } });
    });
    expect(second).toBeGreaterThan(first);
    expect(changed?.resourceVersion).toBeGreaterThan(second);
    expect(changed).toMatchObject({ ...observed, specGeneration: 2 });
  });

  it('goes with its application, whose last event is newer than all before', async () => {
    const { id } = await created();
    await observe(id);
    const { resourceVersion } = await read(id);
    expect(await removeApplication(connection.db, id)).toBe(true);
    expect(await observe(id)).toBe(false);
    const { rows } = await connection.db.execute<{ last: number }>(sql`
      select (select count(*)::int from application_status where application_id = ${id}) as statuses,
        (select count(*)::int from resource_nodes where application_id = ${id}) as nodes,
        (select (final ->> 'resourceVersion')::int from changes where application_id = ${id} and type = 'DELETED') as last`);
    expect(rows).toEqual([{ statuses: 0, nodes: 0, last: expect.any(Number) }]);
    expect(Number(rows[0]?.last)).toBeGreaterThan(resourceVersion);
  });

  it('waits for whoever decides about the application, and holds none of its other rows', async () => {
    const { id } = await created();
    const { saved, removed } = await connection.db.transaction(async (tx) => {
      await lockApplication(tx, id);
      const saved = observe(id);
      const removed = removeApplication(connection.db, id);
      await expect
        .poll(async () => {
          const { rows } = await connection.db.execute(sql`select 1 from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`);
          return rows.length;
        })
        .toBe(2);
      // Whoever waits holds nothing that is needed here.
      await tx.execute(sql`set local lock_timeout = '100ms'`);
      await requestRefreshOf(tx, id);
      await tx.execute(
        sql`insert into resource_nodes (application_id, node_id, node, epoch) values (${id}, 'a', '{}', 1)`,
      );
      await recordModified(tx, id);
      return { saved, removed };
    });
    // Either comes first.
    await saved;
    expect(await removed).toBe(true);
  });
});
