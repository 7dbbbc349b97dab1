import { randomUUID } from 'node:crypto';
import { eq, inArray, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createForgetting } from '../../../activities/operation/retention.ts';
import { defaultRetention, type Retention } from '../../../core/settings/retention.ts';
import { userInitiator } from '../../../core/sync/operation/initiator.ts';
import { deletionRequest } from '../../../core/sync/operation/operation.ts';
import { planSchemaVersion, type SyncPlan } from '../../../core/sync/plan/plan.ts';
import type { Database, DatabaseConnection } from '../../../db/client.ts';
import { createContentStore } from '../../../db/content-store.ts';
import { createApplication } from '../../../db/queries/application/application-create.ts';
import { appliedUids } from '../../../db/queries/application/applied.ts';
import { getRender, type RenderRow } from '../../../db/queries/application/render.ts';
import { recordAudit } from '../../../db/queries/installation/audit.ts';
import { openFence } from '../../../db/queries/operation/fence.ts';
import { getOperation, type OperationRow } from '../../../db/queries/operation/operation.ts';
import { admitOperation, endOperation } from '../../../db/queries/operation/operation-life.ts';
import { requestOperation } from '../../../db/queries/operation/operation-request.ts';
import { operationView } from '../../../db/queries/operation/operation-view.ts';
import { storePlan } from '../../../db/queries/operation/plan.ts';
import { openWait } from '../../../db/queries/operation/wait.ts';
import { foldedAtOnce, foldOperations } from '../../../db/retention/fold-operations.ts';
import { forgetContent } from '../../../db/retention/forget-content.ts';
import { forgetGone, forgetOperations } from '../../../db/retention/forget-operations.ts';
import { forgetRecords } from '../../../db/retention/forget-records.ts';
import { applicationStatus, applications } from '../../../db/schema/application.ts';
import { manifests, renders } from '../../../db/schema/manifest.ts';
import { fences, operations, plans, stepResults, waits } from '../../../db/schema/operation.ts';
import { audit, changes } from '../../../db/schema/record.ts';
import { uploads, webhookDeliveries } from '../../../db/schema/repository.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { configMap } from '../../support/keelson/applications.ts';
import { openTestDatabase, recordAsRun } from '../../support/keelson/database.ts';

const keyring = createKeyring(generateKey());
let connection: DatabaseConnection;

beforeAll(async () => {
  connection = await openTestDatabase();
});

afterAll(async () => {
  await connection?.close();
});

const hour = 3600;
const ago = (seconds: number) => sql`now() - make_interval(secs => ${seconds}::double precision)`;

async function application(revisionHistoryLimit?: number): Promise<string> {
  const created = await createApplication(connection.db, {
    ...{ namespace: 'argocd', name: randomUUID(), project: 'default', clusterId: null },
    ...{ labels: {}, annotations: {}, finalizers: [], repositories: [] },
    spec: {
      project: 'default',
      destination: {},
      ...(revisionHistoryLimit === undefined ? {} : { revisionHistoryLimit }),
    },
    audit: { actor: 'test', action: 'create', object: 'application' },
  });
  return created?.id ?? '';
}

const content = () => createContentStore(connection.db, keyring);

function render(names: readonly string[], store = content()): Promise<RenderRow> {
  const objects = names.map((name) => configMap(name, { name }));
  return store.storeRender(objects, (described) => ({
    ...{ renderKey: randomUUID(), revision: 'abc', sourceTypes: ['Directory'], warnings: [] },
    objects: described,
  }));
}

function planOf(digest: string): SyncPlan {
  const key = { group: '', kind: 'ConfigMap', namespace: 'n', name: 'c' };
  const place = { phase: 'Sync', wave: 0 } as const;
  return {
    schemaVersion: planSchemaVersion,
    steps: [{ ...place, step: 0, batch: 0, action: 'apply', apiVersion: 'v1', key, digest, changed: true }],
    groups: [{ ...place, first: 0, count: 1, settle: true }],
    failureGroups: [],
  };
}

/** A sync with plan, step and wait that ended so many seconds ago. */
async function sync(applicationId: string, endedAgo: number, digest = 'none'): Promise<OperationRow> {
  const { db } = connection;
  const operation = await requestOperation(db, {
    application: {
      id: applicationId,
      namespace: 'argocd',
      project: 'default',
      name: 'app',
      clusterId: null,
      spec: { project: 'default', destination: {} },
    },
    kind: 'sync',
    initiatedBy: userInitiator('admin'),
    request: { ...deletionRequest, strategy: 'hook' },
  });
  const ref = { operationId: operation.id, attempt: 1 };
  await admitOperation(db, operation);
  await storePlan(db, { ...ref, digest: 'plan', plan: planOf(digest), warnings: [] });
  const at = new Date();
  await recordAsRun(db, applicationId, {
    ...{ ...ref, step: 0, status: 'Synced', hookPhase: 'Running', message: 'configmap/c configured' },
    ...{ uid: null, objectVersion: null, strategy: null, startedAt: at, appliedAt: at, finishedAt: null },
  });
  await openWait(db, {
    ...ref,
    kind: 'session',
    phase: 'Sync',
    wave: 0,
    steps: [0],
    keys: [],
    reason: 'waits for c',
    deadline: null,
    clusterId: null,
  });
  await endOperation(db, operation, { phase: 'Succeeded', message: 'done', inHistory: true });
  await db
    .update(operations)
    .set({ requestedAt: ago(endedAgo + 1), finishedAt: ago(endedAgo) })
    .where(eq(operations.id, operation.id));
  await db
    .update(plans)
    .set({ createdAt: ago(endedAgo) })
    .where(eq(plans.operationId, operation.id));
  return operation;
}

async function countOf(table: typeof plans | typeof stepResults | typeof waits, id: string): Promise<number> {
  return await connection.db.$count(table, eq(table.operationId, id));
}

describe('folding operations that ended long ago', () => {
  it('packs plan, steps and waits, shows the same as before, and lets go of the render', async () => {
    const id = await application();
    const { id: renderId } = await render(['folded']);
    const old = await sync(id, 100 * hour);
    await sync(id, 1);
    await connection.db.update(operations).set({ renderId }).where(eq(operations.id, old.id));
    const before = await operationView(connection.db, old.id);
    expect(before).toMatchObject({
      steps: [{ message: 'configmap/c configured' }],
      waits: [{ reason: 'waits for c' }],
    });

    expect(await foldOperations(connection.db, 90 * hour)).toBe(1);
    expect(await operationView(connection.db, old.id)).toEqual(before);
    for (const table of [plans, stepResults, waits]) expect(await countOf(table, old.id)).toBe(0);
    expect((await getOperation(connection.db, old.id))?.renderId).toBeNull();
    expect(await foldOperations(connection.db, 90 * hour)).toBe(0);
  });

  it('leaves what runs, what is not old enough, and the newest sync of an application as they are', async () => {
    const id = await application();
    const young = await sync(id, 80 * hour);
    const newest = await sync(id, 70 * hour);
    const gone = await sync(randomUUID(), 100 * hour);
    const running = await sync(randomUUID(), 100 * hour);
    await connection.db.update(operations).set({ finishedAt: null }).where(eq(operations.id, running.id));
    expect(await foldOperations(connection.db, 75 * hour)).toBe(2);
    expect(await countOf(plans, young.id)).toBe(0);
    expect(await countOf(plans, newest.id)).toBe(1);
    expect(await foldOperations(connection.db, hour)).toBe(0);
    expect(await countOf(plans, newest.id)).toBe(1);
    expect(await countOf(plans, running.id)).toBe(1);
    // Nobody shows the operations of an application that is gone.
    expect(await countOf(plans, gone.id)).toBe(0);
  });
});

describe('a run of forgetting', () => {
  it('goes on while there is more than one piece, so that busy installations don’t grow', async () => {
    const id = await application(0);
    const ended = [];
    for (let count = 0; count < 2 * foldedAtOnce + 1; count += 1) ended.push(await sync(id, 100 * hour));
    await sync(id, 1);
    const clock = () => 0;
    const forgetting = createForgetting(
      { db: connection.db, engine: { forgetEnded: async () => false } },
      clock,
    );
    await forgetting.run({ ...defaultRetention, details: 90 * hour });
    const explained = await connection.db.$count(
      plans,
      inArray(
        plans.operationId,
        ended.map((one) => one.id),
      ),
    );
    expect(explained).toBe(0);
  });
});

describe('the objects that an installation has applied', () => {
  it('stay known by their uids once steps are folded or forgotten, of each name the newest', async () => {
    const { db } = connection;
    const id = await application(0);
    const clusterId = randomUUID();
    const [first, second, third] = ['uid-1', 'uid-2', 'uid-3'];
    for (const [uid, hours] of [
      [first, 100],
      [second, 90],
      [third, 80],
    ] as const) {
      const operation = await sync(id, hours * hour);
      await db.update(operations).set({ clusterId }).where(eq(operations.id, operation.id));
      await db
        .update(stepResults)
        .set({ uid, appliedAt: ago(hours * hour) })
        .where(eq(stepResults.operationId, operation.id));
    }
    const known = async () => [...(await appliedUids(db, [first, second, third]))].sort();
    expect(await known()).toEqual([first, second, third]);
    await foldOperations(db, 95 * hour);
    expect(await known()).toEqual([first, second, third]);
    await forgetOperations(db, 85 * hour);
    // The first object has made room for the second one of its name.
    expect(await known()).toEqual([second, third]);
    await forgetGone(db);
    expect(await known()).toEqual([second, third]);
    await db.delete(applications).where(eq(applications.id, id));
    await forgetGone(db);
    expect(await known()).toEqual([third]);
  });
});

describe('forgetting operations', () => {
  it('keeps the newest and those to which people can roll back', async () => {
    const id = await application(2);
    const ended = [];
    for (const hours of [50, 40, 30, 20]) ended.push(await sync(id, hours * hour));
    const gone = await sync(randomUUID(), 50 * hour);
    await foldOperations(connection.db, 35 * hour);
    await forgetOperations(connection.db, 10 * hour);
    const left = await connection.db
      .select({ id: operations.id })
      .from(operations)
      .where(
        inArray(
          operations.id,
          [...ended, gone].map((one) => one.id),
        ),
      );
    expect(left.map((one) => one.id).sort()).toEqual([ended[2]?.id, ended[3]?.id].sort());
  });

  it('drops the fence of an application that is gone, and of no other', async () => {
    const { db } = connection;
    const [there, gone] = [await application(), randomUUID()];
    for (const applicationId of [there, gone]) {
      await openFence(db, { applicationId, operationId: randomUUID(), attempt: 1 });
    }
    const of = inArray(fences.applicationId, [there, gone]);
    await forgetGone(db);
    expect(await db.$count(fences, of)).toBe(2);
    await db.update(fences).set({ open: false }).where(of);
    await forgetGone(db);
    const left = await db.select({ id: fences.applicationId }).from(fences).where(of);
    expect(left).toEqual([{ id: there }]);
  });
});

describe('forgetting renders and manifests', () => {
  /** Makes everything look as if nobody had used it for so long. */
  async function age(seconds: number): Promise<void> {
    await connection.db.update(renders).set({ usedAt: ago(seconds) });
    await connection.db.update(manifests).set({ usedAt: ago(seconds) });
  }

  async function kept(digests: readonly (string | undefined)[]): Promise<boolean[]> {
    const rows = await connection.db.select({ digest: manifests.digest }).from(manifests);
    const there = new Set(rows.map(({ digest }) => digest));
    return digests.map((digest) => there.has(digest ?? ''));
  }

  it('keeps what an application, an operation, a plan or an upload names, and drops the rest', async () => {
    const { db } = connection;
    const id = await application();
    const [desired, brought, unnamed] = [
      await render(['d', 'shared']),
      await render(['b']),
      await render(['u', 'shared']),
    ];
    const [planned, uploaded, loose] = await content().store(
      ['planned', 'uploaded', 'loose'].map((name) => configMap(name, { name })),
    );
    await db
      .update(applicationStatus)
      .set({ desiredRenderId: desired.id })
      .where(eq(applicationStatus.applicationId, id));
    const ended = await sync(id, 1, planned);
    await db.update(operations).set({ renderId: brought.id }).where(eq(operations.id, ended.id));
    const running = await sync(randomUUID(), 1);
    const request = { ...deletionRequest, strategy: 'hook', manifests: [uploaded ?? ''] } as const;
    await db.update(operations).set({ finishedAt: null, request }).where(eq(operations.id, running.id));
    await age(2 * hour);

    await forgetContent(db, hour);
    const rows = await db
      .select({ id: renders.id })
      .from(renders)
      .where(inArray(renders.id, [desired.id, brought.id, unnamed.id]));
    expect(rows.map((row) => row.id).sort()).toEqual([desired.id, brought.id].sort());
    const digestOf = ({ objects }: RenderRow, place: number) => objects[place]?.digest;
    expect(
      await kept([digestOf(desired, 0), digestOf(desired, 1), digestOf(brought, 0), digestOf(unnamed, 0)]),
    ).toEqual([true, true, true, false]);
    expect(await kept([planned, uploaded, loose])).toEqual([true, true, false]);
  });

  it('drops nothing that was used within the time, however it was used', async () => {
    const store = content();
    const [inMemory, byKey] = [await render(['m'], store), await render(['k'], store)];
    const digest = inMemory.objects[0]?.digest;
    await age(2 * hour);
    expect(await store.use({ id: byKey.id, usedAt: new Date(Date.now() - 2 * hour * 1000) })).toBe(true);
    // Another process knows nothing of it.
    await content().store([configMap('m', { name: 'm' })]);
    await forgetContent(connection.db, hour);
    expect(await getRender(connection.db, inMemory.id)).toBeUndefined();
    expect(await getRender(connection.db, byKey.id)).toBeDefined();
    expect(await kept([digest])).toEqual([true]);
    expect(await store.use({ id: inMemory.id, usedAt: inMemory.usedAt })).toBe(true);
    expect(await store.use({ id: inMemory.id, usedAt: new Date(0) })).toBe(false);
  });

  it('stores many at once anew that are about to go, and what memory has held for long', async () => {
    const objects = Array.from({ length: 150 }, (_, n) => configMap(`many-${n}`, { n: String(n) }));
    const digests = await content().store(objects);
    await age(2 * hour);
    await content().store(objects);
    await forgetContent(connection.db, hour);
    expect((await kept(digests)).every(Boolean)).toBe(true);

    // Nothing that memory holds counts as stored when the time is this short.
    const store = createContentStore(connection.db, keyring, () => 0);
    await store.store(objects);
    await age(2 * hour);
    await forgetContent(connection.db, hour);
    expect((await kept(digests)).some(Boolean)).toBe(false);
    await store.store(objects);
    expect((await kept(digests)).every(Boolean)).toBe(true);
  });

  it('has a manifest that was lost again once its application is rendered anew', async () => {
    const lost = await render(['lost']);
    const digests = lost.objects.map(({ digest }) => digest);
    await connection.db.delete(manifests).where(inArray(manifests.digest, digests));
    const elsewhere = content();
    await expect(elsewhere.manifests(digests)).rejects.toThrow(
      'is not stored; refresh the application hard, so that it is rendered anew',
    );
    await render(['lost'], elsewhere);
    expect([...(await elsewhere.manifests(digests)).values()]).toEqual([configMap('lost', { name: 'lost' })]);
  });

  it('passes over a render that somebody is naming at this moment', async () => {
    const { db } = connection;
    const id = await application();
    const row = await render(['named']);
    await age(2 * hour);
    await db.transaction(async (tx) => {
      await tx
        .update(applicationStatus)
        .set({ desiredRenderId: row.id })
        .where(eq(applicationStatus.applicationId, id));
      await forgetContent(db, hour);
    });
    expect(await getRender(db, row.id)).toBeDefined();
    expect(await kept([row.objects[0]?.digest])).toEqual([true]);
  });
});

describe('forgetting records', () => {
  it('drops rows that are older than asked, and no others', async () => {
    const { db } = connection;
    for (const object of ['old', 'young']) await recordAudit(db, { actor: 'a', action: 'b', object });
    await db
      .update(audit)
      .set({ at: ago(2 * hour) })
      .where(eq(audit.object, 'old'));
    await forgetRecords(db, 'audit', hour);
    const left = await db
      .select({ object: audit.object })
      .from(audit)
      .where(inArray(audit.object, ['old', 'young']));
    expect(left).toEqual([{ object: 'young' }]);
  });
});

describe('what a worker forgets, by the time of each kind', () => {
  const never: Retention = {
    ...{ operations: 0, details: 9e9, audit: 9e9, changes: 9e9, deliveries: 9e9 },
    ...{ content: 9e9, workflows: 0 },
  };
  const ended: Date[] = [];
  const engine = {
    forgetEnded: async (before: Date): Promise<boolean> => {
      ended.push(before);
      return false;
    },
  };

  async function run(retention: Partial<Retention>): Promise<void> {
    await createForgetting({ db: connection.db, engine }).run({ ...never, ...retention });
  }

  const aRow = { actor: 'a', action: 'b', object: 'c', at: ago(2 * hour) };
  const aChange = { type: 'MODIFIED', topic: 'settings', at: ago(2 * hour) } as const;
  const aDelivery = { provider: 'p', deliveryId: 'd', repositoryUrls: [], ref: 'r' };

  it.each([
    ['audit', audit, (db: Database) => db.insert(audit).values(aRow)],
    ['changes', changes, (db: Database) => db.insert(changes).values(aChange)],
    [
      'deliveries',
      webhookDeliveries,
      (db: Database) => db.insert(webhookDeliveries).values({ ...aDelivery, receivedAt: ago(2 * hour) }),
    ],
  ] as const)('drops %s, each by its own time', async (name, table, insert) => {
    const { db } = connection;
    await db.delete(table);
    await insert(db);
    await run({ [name]: 3 * hour });
    expect(await db.$count(table)).toBe(1);
    await run({ audit: hour, changes: hour, deliveries: hour, [name]: never[name] });
    expect(await db.$count(table)).toBe(1);
    await run({ [name]: hour });
    expect(await db.$count(table)).toBe(0);
  });

  it('drops uploads whose server died, whatever is set', async () => {
    const { db } = connection;
    const content = Buffer.from('sealed');
    await db.insert(uploads).values([{ content }, { content, createdAt: ago(hour) }]);
    await run({});
    expect(await db.$count(uploads)).toBe(1);
  });

  it('folds, drops and ends only what is asked for', async () => {
    const { db } = connection;
    const id = await application(0);
    const [old] = [await sync(id, 50 * hour), await sync(id, 20 * hour)];
    const isThere = async (): Promise<boolean> => (await getOperation(db, old?.id ?? '')) !== undefined;
    await run({ details: 60 * hour });
    expect(await countOf(plans, old?.id ?? '')).toBe(1);
    await run({ details: 40 * hour });
    expect(await countOf(plans, old?.id ?? '')).toBe(0);
    expect([await isThere(), ended]).toEqual([true, []]);
    await run({ operations: 40 * hour, workflows: hour });
    expect(await isThere()).toBe(false);
    expect(Date.now() - (ended[0]?.getTime() ?? 0)).toBeGreaterThanOrEqual(hour * 1000);
  });

  it('looks for content and what is gone now and then, as that reads every render', async () => {
    const { db } = connection;
    let now = 0;
    const forgetting = createForgetting({ db, engine }, () => now);
    const look = () => forgetting.run({ ...never, content: hour });
    const forgotten = async (): Promise<boolean> => {
      const { id } = await render([randomUUID()]);
      await db.update(renders).set({ usedAt: ago(2 * hour) });
      await look();
      return (await getRender(db, id)) === undefined;
    };
    expect(await forgotten()).toBe(true);
    expect(await forgotten()).toBe(false);
    now += 9 * 60_000;
    expect(await forgotten()).toBe(false);
    now += 2 * 60_000;
    expect(await forgotten()).toBe(true);
  });
});
