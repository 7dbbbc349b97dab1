import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catchUp } from '../../../activities/session/reconcile/catch-up.ts';
import { automation } from '../../../core/sync/operation/initiator.ts';
import { deletionRequest } from '../../../core/sync/operation/operation.ts';
import { planSchemaVersion, type SyncPlan } from '../../../core/sync/plan/plan.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import { openFence, takeFence } from '../../../db/queries/operation/fence.ts';
import { getOperation, type OperationRow } from '../../../db/queries/operation/operation.ts';
import { endOperation } from '../../../db/queries/operation/operation-life.ts';
import { requestOperation } from '../../../db/queries/operation/operation-request.ts';
import { recordSteps, storePlan } from '../../../db/queries/operation/plan.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

let connection: DatabaseConnection;

beforeAll(async () => {
  connection = await openTestDatabase();
});

afterAll(async () => {
  await connection?.close();
});

/** A sync that wrote these versions of ConfigMaps, by uid, and has just succeeded. */
async function synced(versions: Readonly<Record<string, string>>): Promise<OperationRow> {
  const { db } = connection;
  const application = {
    id: randomUUID(),
    namespace: 'argocd',
    project: '',
    name: 'app',
    clusterId: null,
    spec: { project: '', destination: {} },
  };
  const operation = await requestOperation(db, {
    application,
    kind: 'sync',
    initiatedBy: automation,
    request: { ...deletionRequest, strategy: 'hook' },
  });
  const of = { operationId: operation.id, attempt: 1 };
  const steps = Object.keys(versions).map((uid, step) => ({
    ...({
      step,
      phase: 'Sync',
      wave: 0,
      batch: 0,
      action: 'apply',
      apiVersion: 'v1',
      changed: true,
    } as const),
    key: { group: '', kind: 'ConfigMap', namespace: 'ns', name: uid },
  }));
  const plan: SyncPlan = { schemaVersion: planSchemaVersion, steps, groups: [], failureGroups: [] };
  await storePlan(db, { ...of, digest: 'd', plan, warnings: [] });
  const holder = { applicationId: application.id, ...of };
  await openFence(db, holder);
  const token = await takeFence(db, holder);
  const at = new Date();
  const results = Object.entries(versions).map(([uid, objectVersion], step) => ({
    ...({ ...of, step, status: 'Synced', hookPhase: 'Succeeded', message: '', uid, objectVersion } as const),
    ...{ startedAt: at, appliedAt: at, finishedAt: at },
  }));
  await recordSteps(db, results, { holder, token });
  await endOperation(db, operation, { phase: 'Succeeded', message: '', inHistory: true });
  return (await getOperation(db, operation.id)) as OperationRow;
}

/** A cache that has seen versions up to one, and notes which writes it is asked to wait for. */
function cacheAt(version: number) {
  const waited: string[] = [];
  const view = {
    watches: () => true,
    hasSeen: (_uid: string, objectVersion: string) => Number(objectVersion) <= version,
    observed: async (uid: string) => {
      waited.push(uid);
      return undefined;
    },
  };
  return { waited, view };
}

describe('activities/session/catch-up', () => {
  it('waits for what a sync that has just ended wrote and the cache has not seen', async () => {
    const operation = await synced({ early: '10', late: '12', later: '13' });
    const behind = cacheAt(11);
    expect(await catchUp(connection, behind.view, operation)).toBe(true);
    expect(behind.waited).toEqual(['late', 'later']);
    const fresh = cacheAt(13);
    expect(await catchUp(connection, fresh.view, operation)).toBe(false);
    expect(fresh.waited).toEqual([]);
  });

  it('leaves alone a live operation, and one that ended so long ago that every watch has told of it', async () => {
    const operation = await synced({ late: '12' });
    const { view, waited } = cacheAt(11);
    const longAgo = new Date(Date.now() - 60_000);
    for (const finishedAt of [null, longAgo]) {
      expect(await catchUp(connection, view, { ...operation, finishedAt })).toBe(false);
    }
    expect(await catchUp(connection, view, null)).toBe(false);
    expect(waited).toEqual([]);
  });
});
