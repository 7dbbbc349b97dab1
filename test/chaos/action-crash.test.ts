import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWrite, stamped } from '../../core/action/write.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { connectDatabase, type DatabaseConnection } from '../../db/client.ts';
import { storeManifests } from '../../db/queries/application/manifest.ts';
import { listClusters } from '../../db/queries/cluster/cluster.ts';
import { insertAction } from '../../db/queries/installation/action.ts';
import { type AuditRow, listAudit } from '../../db/queries/installation/audit.ts';
import { pollUntil } from '../../local/poll.ts';
import { createKeyring } from '../../platform/encryption.ts';
import { applicationOf, configMap, yamlOf } from '../support/keelson/applications.ts';
import { mapIn, partsOf, split, splitSettings } from '../support/keelson/split-action.ts';
import { startKeelson, type TestKeelson } from '../support/keelson/start-keelson.ts';
import { type ArmedFaults, faultsIn } from '../support/process/faults.ts';

const namespace = 'actions';
let keelson: TestKeelson;
let database: DatabaseConnection;
let faults: ArmedFaults;

beforeAll(async () => {
  const started = await startKeelson();
  keelson = started;
  database = connectDatabase(started.databaseUrl, { connections: 2, onError: () => {} });
  faults = faultsIn(keelson);
  await keelson.client.settings.put(splitSettings, { partial: false });
  const maps = ['killed', 'refused'].map((name) => configMap(name, { state: 'whole' }));
  const repository = await keelson.gitServer.createRepository('actions', { 'maps.yaml': yamlOf(...maps) });
  await keelson.create(applicationOf({ name: 'actions', repoURL: repository.url, namespace }));
  expect(await keelson.sync('actions')).toMatchObject({ phase: 'Succeeded' });
  await keelson.healthy('actions');
  await pollUntil('the action is offered', 30, async () => {
    const offers = await keelson.client.applications.listActions('actions', mapIn(namespace, 'killed'));
    return offers.some(({ name }) => name === 'split');
  });
});

afterAll(async () => {
  await keelson?.stop();
  await database?.close();
});

/** The row of the audit that ends the newest action. */
async function endOf(isIt: (row: AuditRow) => boolean): Promise<AuditRow> {
  let found: AuditRow | undefined;
  await pollUntil('the action has ended', 120, async () => {
    const rows = await listAudit(database.db, 20);
    found = rows.find((row) => row.action === 'resource.action.end' && isIt(row));
    return found !== undefined;
  });
  return found as AuditRow;
}

const ofAction = (action: string) => (row: AuditRow) => row.details['action'] === action;
const live = (name: string): Promise<Manifest | undefined> =>
  keelson.cluster.get('v1', mapIn(namespace, name));

describe('an action of several objects', () => {
  it('whose worker is killed between the writes makes each of them once', async () => {
    faults.arm('action-written', 'pause');
    const running = split(keelson, 'actions', namespace, 'killed');
    const release = await faults.reached('action-written');
    const [first, ...others] = await partsOf(keelson, namespace, 'killed');
    expect(others).toEqual([]);
    expect(first?.metadata.name).toMatch(/^killed-part-/);

    process.kill(keelson.pids().worker, 'SIGKILL');
    release();
    await expect(running).resolves.toEqual({});

    const parts = await partsOf(keelson, namespace, 'killed');
    expect(parts.map(({ metadata }) => metadata.name).sort()).toEqual([
      first?.metadata.name,
      'killed-second',
    ]);
    const again = parts.find(({ metadata }) => metadata.name === first?.metadata.name);
    expect(again?.metadata).toMatchObject({
      uid: first?.metadata.uid,
      resourceVersion: first?.metadata.resourceVersion,
    });
    expect((await live('killed'))?.['data']).toEqual({ state: 'split' });
    const stamps = parts.map(({ metadata }) => metadata.annotations?.['keelson.dev/action']?.split('/'));
    expect(new Set(stamps.map((stamp) => stamp?.[0])).size).toBe(1);
    expect(stamps.map((stamp) => stamp?.[1]).sort()).toEqual(['0', '1']);
  });

  it('stands in the audit with each object and what became of it', async () => {
    const end = await endOf(ofAction('split'));
    expect(end).toMatchObject({ actor: 'admin', object: 'default/actions', decision: 'allowed', reason: '' });
    const written = {
      state: 'written',
      uid: expect.stringMatching(/./),
      version: expect.stringMatching(/./),
    };
    expect(end.details).toMatchObject({
      outcome: { done: 3 },
      objects: [
        { operation: 'create', object: expect.stringContaining('actions/killed-part-'), ...written },
        { operation: 'create', object: 'ConfigMap actions/killed-second', ...written },
        { operation: 'patch', object: 'ConfigMap actions/killed', ...written },
      ],
    });
    const rows = await listAudit(database.db, 20);
    const start = rows.find(
      ({ id, action }) => action.endsWith('.start') && String(id) === end.details['start'],
    );
    expect(start?.details).toMatchObject({ action: 'split' });
    // What is written is sealed, and found by its digest.
    expect(JSON.stringify(start?.details)).not.toContain('"from"');
  });

  it('ends at the first write that is refused, and says how many were made', async () => {
    faults.arm('action-written', 'pause');
    const running = split(keelson, 'actions', namespace, 'refused');
    const refusal = expect(running).rejects.toThrow(
      /^action split: 1 of 3 changes were made, then: ConfigMap actions\/refused-second: .*exists/,
    );
    const release = await faults.reached('action-written');
    await keelson.cluster.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name: 'refused-second' },
    });
    release();
    await refusal;

    expect((await live('refused-second'))?.metadata.annotations).toBeUndefined();
    expect((await live('refused'))?.['data']).toEqual({ state: 'whole' });
    const end = await endOf(({ details }) => JSON.stringify(details).includes('refused-second'));
    expect(end.reason).toMatch(/exists/);
    expect(end.details).toMatchObject({
      outcome: { done: 1 },
      objects: [{ state: 'written' }, { state: 'refused' }, { state: 'not written' }],
    });
  });

  /** Stores an action as a server that died right after it, so many seconds ago; answers with its id. */
  async function leave(name: string, secondsAgo: number, made: readonly string[] = []): Promise<string> {
    const { metadata } = await keelson.client.applications.get('actions');
    const [cluster] = await listClusters(database.db);
    const bodies = [`${name}-0`, `${name}-1`].map((one, position) => {
      const body = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace, name: one },
        data: { a: '1' },
      };
      return stamped(createWrite(body), `left-by-${name}`, position);
    });
    const keyring = createKeyring(keelson.encryptionKey);
    const digests = await storeManifests(
      database.db,
      keyring,
      bodies.map(({ body }) => body),
    );
    for (const { body } of bodies)
      if (made.includes(body.metadata.name ?? '')) await keelson.cluster.create(body);
    // In one transaction, so that no worker finds it while it is young.
    return database.db.transaction(async (tx) => {
      const id = await insertAction(
        tx,
        { actor: 'admin', object: 'default/actions' },
        {
          action: name,
          applicationId: metadata.uid ?? '',
          clusterId: cluster?.id ?? '',
          writes: bodies.map(({ body: _, ...write }, at) => ({ ...write, digest: digests[at] ?? '' })),
        },
      );
      await tx.execute(
        sql`update audit set at = at - make_interval(secs => ${secondsAgo}) where id = ${id}::bigint`,
      );
      return id;
    });
  }
  const endOfAction = (id: string) => endOf(({ details }) => details['start'] === id);

  it('of which nothing was written for five minutes is not begun any more', async () => {
    const end = await endOfAction(await leave('stale', 301));
    expect(end.details).toMatchObject({
      outcome: { done: 0 },
      objects: [{ state: 'refused' }, { state: 'not written' }],
    });
    expect(end.reason).toContain('nothing was changed, for no worker came within 300 s');
    expect(await live('stale-0')).toBeUndefined();
  });

  it('that has begun is finished for an hour, and then ends with what is known', async () => {
    const [young, old] = await Promise.all([
      leave('begun', 3_500, ['begun-0']),
      leave('ancient', 3_700, ['ancient-0']),
    ]);
    expect((await endOfAction(young)).details).toMatchObject({ outcome: { done: 2 } });
    expect((await live('begun-1'))?.['data']).toEqual({ a: '1' });
    const end = await endOfAction(old);
    expect(end.details).toMatchObject({
      outcome: { done: 1 },
      objects: [{ state: 'written' }, { state: 'refused' }],
    });
    expect(end.reason).toContain('not written within 3600 s');
    expect(await live('ancient-1')).toBeUndefined();
  });

  it('whose server died before its workflow was started is carried out all the same', async () => {
    const { metadata } = await keelson.client.applications.get('actions');
    const [cluster] = await listClusters(database.db);
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name: 'left' },
      data: { a: '1' },
    };
    const { body: stampedBody, ...write } = stamped(createWrite(body), 'left-by-a-server', 0);
    const keyring = createKeyring(keelson.encryptionKey);
    const [digest = ''] = await storeManifests(database.db, keyring, [stampedBody]);
    const id = await insertAction(
      database.db,
      { actor: 'admin', object: 'default/actions' },
      {
        action: 'leave',
        applicationId: metadata.uid ?? '',
        clusterId: cluster?.id ?? '',
        writes: [{ ...write, digest }],
      },
    );

    expect((await endOf(({ details }) => details['start'] === id)).details).toMatchObject({
      outcome: { done: 1 },
    });
    expect((await live('left'))?.['data']).toEqual({ a: '1' });
  });
});
