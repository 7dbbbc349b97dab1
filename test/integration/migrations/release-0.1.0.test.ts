import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicationManifest } from '../../../core/application/manifest.ts';
import {
  type ApplicationRow,
  findApplication,
  listTreeNodes,
} from '../../../db/queries/application/application.ts';
import { listApplications, type ShownColumn } from '../../../db/queries/application/application-list.ts';
import { completeApplications } from '../../../db/queries/application/application-record.ts';
import { findCluster, openClusterCredentials } from '../../../db/queries/cluster/cluster.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { readSetting } from '../../../db/queries/installation/setting.ts';
import { getOperation, listOperationsByName } from '../../../db/queries/operation/operation.ts';
import { operationView } from '../../../db/queries/operation/operation-view.ts';
import { waitingDeletions } from '../../../db/queries/operation/removal-request.ts';
import { findRepository, openRepositoryCredentials } from '../../../db/queries/repository/repository.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { openReleasedDatabase, type ReleasedDatabase } from './previous-release.ts';

const data = readFileSync(new URL('./release-0.1.0.sql', import.meta.url), 'utf8');
const keyring = createKeyring(`k1:${Buffer.alloc(32, 7).toString('base64')}`);
const namespace = 'gitops';
let database: ReleasedDatabase;
let before: ReadonlyMap<string, number>;

beforeAll(async () => {
  database = await openReleasedDatabase(testPlatform().postgresUrl, {
    lastMigration: '0008_urgent_refreshes',
    data,
  });
  before = await countRows();
  await database.migrate();
});

afterAll(async () => {
  await database?.close();
});

async function countRows(): Promise<Map<string, number>> {
  const { rows } = await database.db.execute<{ name: string }>(
    sql`select table_name as name from information_schema.tables where table_schema = 'public'
      and table_name not like 'keelson_migrating' order by 1`,
  );
  const counts = new Map<string, number>();
  for (const { name } of rows) {
    const counted = await database.db.execute<{ count: string }>(
      sql`select count(*) from ${sql.identifier(name)}`,
    );
    counts.set(name, Number(counted.rows[0]?.count));
  }
  return counts;
}

async function application(name: string): Promise<ApplicationRow> {
  const row = await findApplication(database.db, { namespace, name });
  if (row === undefined) throw new Error(`application ${name} is lost`);
  return row;
}

describe('a database of release 0.1.0 after the migrations', () => {
  it('has every row that it had, of every table', async () => {
    const after = await countRows();
    expect([...before.keys()].length).toBeGreaterThan(20);
    expect([...before.values()].filter((count) => count === 0)).toEqual([]);
    for (const [table, count] of before) expect([table, after.get(table)]).toEqual([table, count]);
  });

  it('shows an application as it was: what its owner wrote, and what was found', async () => {
    const { clusterId: _, ...stored } = await application('web');
    const columns = Object.keys(stored) as ShownColumn[];
    const rows = await listApplications(database.db, [stored.id], columns);
    const [record] = await completeApplications(database.db, rows, {
      sync: true,
      written: true,
      history: true,
    });
    if (record === undefined) throw new Error('application web is not listed');
    expect(applicationManifest(record, namespace)).toMatchObject({
      metadata: {
        uid: 'a0000000-0000-4000-8000-000000000001',
        namespace,
        name: 'web',
        generation: 4,
        resourceVersion: '41',
        creationTimestamp: '2026-11-19T08:00:00Z',
        labels: { team: 'web' },
        annotations: { note: 'kept' },
        finalizers: ['resources-finalizer.argocd.argoproj.io'],
      },
      spec: { project: 'default', destination: { namespace: 'web' }, revisionHistoryLimit: 2 },
      status: {
        sync: { status: 'Synced', revision: '1'.repeat(40) },
        health: { status: 'Healthy', message: 'all is well' },
        conditions: [{ type: 'SharedResourceWarning', lastTransitionTime: '2026-11-19T09:00:00Z' }],
        resources: [{ kind: 'ConfigMap', status: 'Synced' }],
        summary: { images: ['web:1'] },
        sourceType: 'Directory',
        reconciledAt: '2026-11-20T09:01:00Z',
        operationState: { phase: 'Running' },
        history: [{ id: 0, revision: '1'.repeat(40), initiatedBy: { username: 'admin', automated: false } }],
      },
    });
    expect(await listTreeNodes(database.db, 'a0000000-0000-4000-8000-000000000001')).toMatchObject([
      { uid: 'uid-1' },
    ]);
  });

  it('knows where each application goes, and why it can not', async () => {
    const cluster = await findCluster(database.db, { name: 'in-cluster' });
    expect(openClusterCredentials(keyring, cluster as NonNullable<typeof cluster>)).toEqual({
      bearerToken: 'released',
    });
    const clusterOf = async (name: string) => (await application(name)).clusterId;
    expect(await clusterOf('web')).toBe(cluster?.id);
    expect(await clusterOf('leaving')).toBe(cluster?.id);
    expect(await clusterOf('stuck')).toBe(cluster?.id);
    expect(await application('waiting')).toMatchObject({
      clusterId: null,
      renderError: expect.stringContaining('destination nowhere is no registered cluster'),
    });
    expect(await application('stuck')).toMatchObject({
      renderError: 'chart is not there',
      healthStatus: 'Missing',
      deletionFailure: { message: 'hook failed', preDeleteDone: true },
    });
  });

  it('goes on with a deletion that was asked for', async () => {
    expect(await application('leaving')).toMatchObject({
      deletion: { cascade: 'background', username: 'admin' },
      syncStatus: 'OutOfSync',
    });
    expect(await waitingDeletions(database.db)).toEqual(['a0000000-0000-4000-8000-000000000003']);
  });

  it('has its runs with the project and the namespace that they were of, those of applications that are gone too', async () => {
    const runs = async (name: string) =>
      (await listOperationsByName(database.db, { namespace, name }, 10)).map((run) => [
        run.phase,
        run.project,
        run.applicationNamespace,
      ]);
    expect(await runs('web')).toEqual([
      ['Running', 'default', namespace],
      ['Succeeded', 'former', namespace],
    ]);
    expect(await runs('gone')).toEqual([['Succeeded', 'team', namespace]]);
    expect(await runs('ancient')).toEqual([['Failed', 'default', namespace]]);
    const id = 'b0000000-0000-4000-8000-000000000001';
    expect(await operationView(database.db, id)).toMatchObject({
      planDigest: 'plan-digest',
      steps: [{ action: 'apply', status: 'Synced', message: 'configured', strategy: 'server-side' }],
    });
    expect(await getOperation(database.db, id)).toMatchObject({ timings: { plan: 12 }, historyId: 0 });
  });

  it('opens what was sealed, and keeps its audit', async () => {
    expect(await readSetting(database.db, keyring, 'admin.password')).toBe('$2b$10$released');
    const repository = await findRepository(database.db, 'https://git.test/web.git', '');
    expect(openRepositoryCredentials(keyring, repository as NonNullable<typeof repository>)).toMatchObject({
      username: 'git',
      password: 'released',
    });
    expect(await listAudit(database.db, 10)).toMatchObject([
      {
        actor: 'admin',
        action: 'application.sync',
        object: 'default/web',
        decision: 'allowed',
        sourceAddress: '',
        reason: '',
        beforeDigest: null,
      },
    ]);
  });

  it('is left as it is by a second start', async () => {
    const once = await countRows();
    await database.migrate();
    expect(await countRows()).toEqual(once);
  });
});
