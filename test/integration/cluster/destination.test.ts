import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseConnection } from '../../../db/client.ts';
import {
  type ApplicationRow,
  findApplication,
  getApplication,
} from '../../../db/queries/application/application.ts';
import { createApplication } from '../../../db/queries/application/application-create.ts';
import { applicationsOfCluster, comparisonSubject } from '../../../db/queries/application/desired.ts';
import { readDirty } from '../../../db/queries/application/refresh-request.ts';
import {
  countApplicationsByCluster,
  findCluster,
  removeCluster,
  saveCluster,
} from '../../../db/queries/cluster/cluster.ts';
import { applicationStatus } from '../../../db/schema/application.ts';
import { clusters } from '../../../db/schema/cluster.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

const keyring = createKeyring(generateKey());
const namespace = 'argocd';
let connection: DatabaseConnection;

beforeAll(async () => {
  connection = await openTestDatabase();
});

afterAll(async () => {
  await connection?.close();
});

async function register(name: string, server: string, project?: string): Promise<string> {
  // Two of a name need two projects from the first moment on, so the name comes last.
  const { id } = await saveCluster(connection.db, keyring, { name: randomUUID(), server, credentials: {} });
  await connection.db
    .update(clusters)
    .set({ name, ...(project === undefined ? {} : { project }) })
    .where(eq(clusters.id, id));
  return id;
}

async function goingTo(
  destination: { readonly server?: string; readonly name?: string },
  project = 'default',
): Promise<ApplicationRow> {
  const row = await createApplication(connection.db, {
    ...{ namespace, name: randomUUID(), project, labels: {}, annotations: {}, finalizers: [] },
    spec: { project, destination },
    repositories: [],
    audit: { actor: 'test', action: 'create', object: 'application' },
  });
  if (row === undefined) throw new Error('application was not created');
  return row;
}

/** The cluster of an application as each way to read it says. */
async function clusterOf({ id, name }: ApplicationRow): Promise<string | null> {
  const ways = [
    await getApplication(connection.db, id),
    await findApplication(connection.db, { namespace, name }),
    (await comparisonSubject(connection.db, id))?.application,
  ].map((row) => row?.clusterId);
  const [first] = ways;
  if (first === undefined) throw new Error(`application ${name} is gone`);
  expect(ways).toEqual([first, first, first]);
  return first;
}

describe('the cluster of a destination', () => {
  it('is found by server, with or without a slash at its end, or by name; the server comes first', async () => {
    const one = await register('one', 'https://one.test');
    const other = await register('other', 'https://other.test/');
    for (const [destination, expected] of [
      [{ server: 'https://one.test' }, one],
      [{ server: 'https://one.test/' }, one],
      [{ server: 'https://other.test' }, other],
      [{ name: 'other' }, other],
      [{ server: 'https://one.test', name: 'other' }, one],
      [{ server: '', name: 'one' }, one],
      [{ name: 'nobody' }, null],
      [{ server: 'https://nobody.test', name: 'one' }, null],
      [{}, null],
    ] as const) {
      const row = await goingTo(destination);
      expect([destination, row.clusterId]).toEqual([destination, expected]);
      expect([destination, await clusterOf(row)]).toEqual([destination, expected]);
      expect((await findCluster(connection.db, destination))?.id ?? null).toBe(expected);
    }
  });

  it('is one of the project before one for all, and never one of another project', async () => {
    const all = await register('shared', 'https://shared.test');
    const own = await register('shared', 'https://own.test', 'team');
    const theirs = await register('theirs', 'https://theirs.test', 'others');
    const team = await goingTo({ name: 'shared' }, 'team');
    const others = await goingTo({ name: 'shared' }, 'others');
    expect([team.clusterId, others.clusterId]).toEqual([own, all]);
    expect((await goingTo({ server: 'https://theirs.test' }, 'team')).clusterId).toBeNull();
    expect((await goingTo({ server: 'https://theirs.test' }, 'others')).clusterId).toBe(theirs);
    expect((await findCluster(connection.db, { name: 'shared' }, 'team'))?.id).toBe(own);
    expect((await findCluster(connection.db, { name: 'shared' }))?.id).toBe(all);
    expect((await applicationsOfCluster(connection.db, own)).map(({ id }) => id)).toEqual([team.id]);
    expect((await applicationsOfCluster(connection.db, all)).map(({ id }) => id)).toEqual([others.id]);
    const counts = await countApplicationsByCluster(connection.db);
    expect([counts.get(own), counts.get(all), counts.get(theirs)]).toEqual([1, 1, 1]);

    // What was one's own goes, and the one for all is meant again.
    await removeCluster(connection.db, own);
    expect(await clusterOf(team)).toBe(all);
  });

  it('can go, and is found again when it comes back', async () => {
    const id = await register('leaving', 'https://leaving.test');
    const rows = [await goingTo({ name: 'leaving' }), await goingTo({ server: 'https://leaving.test' })];
    await connection.db.update(applicationStatus).set({ syncStatus: 'Synced', healthStatus: 'Healthy' });
    const beside = await goingTo({ name: 'one' });
    await connection.db
      .update(applicationStatus)
      .set({ syncStatus: 'Synced' })
      .where(eq(applicationStatus.applicationId, beside.id));
    expect(await removeCluster(connection.db, id)).toBe(true);
    for (const row of rows) {
      expect(await getApplication(connection.db, row.id)).toMatchObject({
        clusterId: null,
        syncStatus: 'Unknown',
        healthStatus: 'Unknown',
      });
      expect(await readDirty(connection.db, row.id)).toMatchObject({ generation: 2 });
    }
    expect(await getApplication(connection.db, beside.id)).toMatchObject({ syncStatus: 'Synced' });
    expect(await removeCluster(connection.db, id)).toBe(false);

    const again = await register('leaving', 'https://leaving.test');
    for (const row of rows) expect(await clusterOf(row)).toBe(again);
  });

  it('is not meant any more by the name that it had', async () => {
    const id = await register('before', 'https://renamed.test');
    const byName = await goingTo({ name: 'before' });
    const byServer = await goingTo({ server: 'https://renamed.test' });
    await saveCluster(connection.db, keyring, {
      name: 'after',
      server: 'https://renamed.test',
      credentials: {},
    });
    expect(await clusterOf(byName)).toBeNull();
    expect(await clusterOf(byServer)).toBe(id);
    expect(await readDirty(connection.db, byName.id)).toMatchObject({ generation: 2 });
    expect(await readDirty(connection.db, byServer.id)).toMatchObject({ generation: 1 });
    expect((await goingTo({ name: 'after' })).clusterId).toBe(id);
  });
});
