import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { automation, userInitiator } from '../../../core/sync/operation/initiator.ts';
import type { SyncRequest } from '../../../core/sync/operation/operation.ts';
import { deletionRequest } from '../../../core/sync/operation/operation.ts';
import { planSchemaVersion, type SyncPlan } from '../../../core/sync/plan/plan.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import { appliedUids } from '../../../db/queries/application/applied.ts';
import { asSession, takeSession } from '../../../db/queries/cluster/session.ts';
import { checkFence, openFence, takeFence } from '../../../db/queries/operation/fence.ts';
import { getOperation, listOperations, type OperationRow } from '../../../db/queries/operation/operation.ts';
import {
  admitOperation,
  endOperation,
  startNextAttempt,
} from '../../../db/queries/operation/operation-life.ts';
import { requestAsSession, requestOperation } from '../../../db/queries/operation/operation-request.ts';
import {
  completeStep,
  findPlan,
  recordSteps,
  stepResultsOf,
  storePlan,
} from '../../../db/queries/operation/plan.ts';
import { closeWaits, openWait, openWaitsOfCluster } from '../../../db/queries/operation/wait.ts';
import { clusters } from '../../../db/schema/cluster.ts';
import { plans } from '../../../db/schema/operation.ts';
import { changes, settings } from '../../../db/schema/record.ts';

import { pollUntil } from '../../../local/poll.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

let connection: DatabaseConnection;

beforeAll(async () => {
  connection = await openTestDatabase();
});

afterAll(async () => {
  await connection?.close();
});

const request: SyncRequest = { ...deletionRequest, strategy: 'hook' };

function requested(applicationId = randomUUID(), clusterId: string | null = null): Promise<OperationRow> {
  const spec = { project: 'default', destination: {} };
  return requestOperation(connection.db, {
    application: { id: applicationId, namespace: 'argocd', project: 'default', name: 'app', clusterId, spec },
    kind: 'sync',
    initiatedBy: userInitiator('admin'),
    request,
  });
}

describe('db/queries/operation', () => {
  it('refuses a second live operation of an application, also when both are asked for at once', async () => {
    const applicationId = randomUUID();
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => requested(applicationId)));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(4);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'precondition-failed' });
  });

  it('takes the next operation once the one before has ended, and counts history', async () => {
    const applicationId = randomUUID();
    for (const expected of [0, 1]) {
      const operation = await requested(applicationId);
      await admitOperation(connection.db, operation);
      await endOperation(connection.db, operation, { phase: 'Succeeded', message: 'done', inHistory: true });
      const row = await getOperation(connection.db, operation.id);
      expect(row).toMatchObject({ phase: 'Succeeded', historyId: expected });
    }
  });

  it('ends an operation once: a later end changes nothing', async () => {
    const operation = await requested();
    await endOperation(connection.db, operation, { phase: 'Failed', message: 'first', inHistory: false });
    await endOperation(connection.db, operation, { phase: 'Succeeded', message: 'second', inHistory: true });
    expect(await getOperation(connection.db, operation.id)).toMatchObject({
      phase: 'Failed',
      message: 'first',
      historyId: null,
    });
    expect(await admitOperation(connection.db, operation)).toBeUndefined();
  });
});

describe('db/queries/fence', () => {
  it('stops an earlier run of the same attempt', async () => {
    const holder = { applicationId: randomUUID(), operationId: randomUUID(), attempt: 1 };
    await openFence(connection.db, holder);
    const earlier = await takeFence(connection.db, holder);
    await checkFence(connection.db, holder, earlier);
    const later = await takeFence(connection.db, holder);
    // Retryable: should the engine still believe in the earlier run, it takes the fence again.
    const stopped = { code: 'fenced', retryable: true };
    await expect(checkFence(connection.db, holder, earlier)).rejects.toMatchObject(stopped);
    await checkFence(connection.db, holder, later);
  });

  it('stops an operation that another one has replaced', async () => {
    const applicationId = randomUUID();
    const first = { applicationId, operationId: randomUUID(), attempt: 1 };
    const second = { applicationId, operationId: randomUUID(), attempt: 1 };
    await openFence(connection.db, first);
    const token = await takeFence(connection.db, first);
    await openFence(connection.db, second);
    const ended = { code: 'fenced', retryable: false };
    await expect(checkFence(connection.db, first, token)).rejects.toMatchObject(ended);
    await expect(takeFence(connection.db, first)).rejects.toMatchObject(ended);
  });

  it('lets nobody write after an operation has ended', async () => {
    const operation = await requested();
    const { applicationId, id: operationId } = operation;
    const holder = { applicationId, operationId, attempt: 1 };
    await admitOperation(connection.db, operation);
    await takeFence(connection.db, holder);
    await endOperation(connection.db, operation, { phase: 'Succeeded', message: 'done', inHistory: true });
    await expect(takeFence(connection.db, holder)).rejects.toMatchObject({ code: 'fenced' });
  });

  it('moves with the attempt', async () => {
    const operation = await requested();
    await admitOperation(connection.db, operation);
    const first = { applicationId: operation.applicationId, operationId: operation.id, attempt: 1 };
    const token = await takeFence(connection.db, first);
    await startNextAttempt(connection.db, operation, {
      attempt: 2,
      message: 'again',
      reason: 'attempt 1 failed: no',
      at: new Date(),
    });
    await expect(checkFence(connection.db, first, token)).rejects.toMatchObject({ code: 'fenced' });
    await takeFence(connection.db, { ...first, attempt: 2 });
  });
});

describe('db/queries/plan', () => {
  const plan = { schemaVersion: planSchemaVersion, steps: [], groups: [], failureGroups: [] } as const;

  it('keeps the first plan of an attempt', async () => {
    const { id: operationId } = await requested();
    await storePlan(connection.db, { operationId, attempt: 1, digest: 'first', plan, warnings: [] });
    const stored = await storePlan(connection.db, {
      operationId,
      attempt: 1,
      digest: 'second',
      plan,
      warnings: [],
    });
    expect(stored.digest).toBe('first');
  });

  it('refuses a plan of another schema version with the remedy', async () => {
    const { id: operationId } = await requested();
    await connection.db
      .insert(plans)
      .values({ operationId, attempt: 1, schemaVersion: 99, digest: 'x', plan, warnings: [] });
    await expect(findPlan(connection.db, { operationId, attempt: 1 })).rejects.toThrow(
      /schema version 99.*finish it with the release that made it/,
    );
  });

  async function running() {
    const operation = await requested();
    await admitOperation(connection.db, operation);
    const holder = { applicationId: operation.applicationId, operationId: operation.id, attempt: 1 };
    const at = new Date();
    const result = {
      operationId: operation.id,
      attempt: 1,
      step: 0,
      status: 'Synced' as const,
      hookPhase: 'Running' as const,
      message: 'created',
      uid: 'one',
      objectVersion: '1',
      startedAt: at,
      appliedAt: at,
      finishedAt: null,
    };
    return { holder, result, at, place: { operationId: operation.id, attempt: 1 } };
  }

  it('keeps the first result of a step, and completes it once', async () => {
    const { holder, result, at, place } = await running();
    const run = { holder, token: await takeFence(connection.db, holder) };
    await recordSteps(connection.db, [result], run);
    await recordSteps(connection.db, [{ ...result, uid: 'two', message: 'again' }], run);
    const step = { ...place, step: 0 };
    await completeStep(connection.db, step, { hookPhase: 'Succeeded', message: 'done', finishedAt: at });
    await completeStep(connection.db, step, { hookPhase: 'Failed', message: 'late', finishedAt: at });
    expect(await stepResultsOf(connection.db, place)).toMatchObject([
      {
        uid: 'one',
        objectVersion: '1',
        status: 'Synced',
        hookPhase: 'Succeeded',
        message: 'done',
        startedAt: at,
      },
    ]);
  });

  it('knows an object by its uid once a step has written it, however that ended, and no other', async () => {
    const { holder, result } = await running();
    const run = { holder, token: await takeFence(connection.db, holder) };
    const uids = Array.from({ length: 5 }, () => randomUUID());
    const [written = '', failed = '', pruned = '', skipped = '', unknown = ''] = uids;
    await recordSteps(
      connection.db,
      [
        { ...result, uid: written },
        { ...result, step: 1, uid: failed, status: 'SyncFailed', hookPhase: 'Failed' },
        { ...result, step: 2, uid: pruned, status: 'Pruned' },
        { ...result, step: 3, uid: skipped, status: 'PruneSkipped' },
        { ...result, step: 4, uid: null },
      ],
      run,
    );
    expect(await appliedUids(connection.db, uids)).toEqual(new Set([written, failed, pruned]));
    expect(await appliedUids(connection.db, [unknown, ''])).toEqual(new Set());
    expect(await appliedUids(connection.db, [])).toEqual(new Set());

    // History grows for ever, so that a look at all of it would take longer and longer.
    const explained = await connection.db.transaction(async (tx) => {
      await tx.execute(sql`set local enable_seqscan = off`);
      const { rows } = await tx.execute(
        sql`explain select uid from step_results where uid = any(${sql.param(uids)}::text[])`,
      );
      return JSON.stringify(rows);
    });
    expect(explained).toContain('step_results_uid');
  });

  it('takes no result from a run that lost the fence, so its successor knows all there are', async () => {
    const { holder, result, place } = await running();
    const run = { holder, token: await takeFence(connection.db, holder) };
    await takeFence(connection.db, holder);
    const late = recordSteps(connection.db, [result], run);
    await expect(late).rejects.toMatchObject({ code: 'fenced' });
    expect(await stepResultsOf(connection.db, place)).toEqual([]);
  });
});

describe('db/queries/session and wait', () => {
  async function registered(): Promise<string> {
    const name = randomUUID();
    const [row] = await connection.db
      .insert(clusters)
      .values({ name, server: `https://${name}`, credentials: Buffer.from('x') })
      .returning();
    return row?.id ?? '';
  }

  function automated(clusterId: string) {
    const plan: SyncPlan = { schemaVersion: planSchemaVersion, steps: [], groups: [], failureGroups: [] };
    return {
      id: randomUUID(),
      application: {
        id: randomUUID(),
        namespace: 'argocd',
        project: 'default',
        name: 'app',
        clusterId,
        spec: { project: 'default', destination: {} },
      },
      kind: 'sync' as const,
      initiatedBy: automation,
      request: { ...request, revision: 'abc' },
      plan: { digest: 'of the plan', plan, warnings: ['w'], milliseconds: 7 },
    };
  }

  it('refuses writes of a session whose cluster another session has taken', async () => {
    const clusterId = await registered();
    const session = { clusterId, owner: 'a', version: '1' };
    const epoch = await takeSession(connection.db, session);
    await asSession(connection.db, { clusterId, epoch }, async () => {});
    const next = await takeSession(connection.db, { ...session, owner: 'b' });
    expect(next).toBe(epoch + 1);
    const late = asSession(connection.db, { clusterId, epoch }, async () => 'written');
    await expect(late).rejects.toMatchObject({ code: 'fenced' });
  });

  it('commits an automated sync with its plan and the word of it, unless another operation is live', async () => {
    const clusterId = await registered();
    const epoch = await takeSession(connection.db, { clusterId, owner: 'a', version: '1' });
    const sync = automated(clusterId);
    const outcomes = await Promise.allSettled(
      [sync, { ...sync, id: randomUUID() }].map((one) =>
        requestAsSession(connection.db, { clusterId, epoch }, one),
      ),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'precondition-failed' });

    const rows = await listOperations(connection.db, sync.application.id, 10);
    expect(rows).toMatchObject([
      { phase: 'Requested', revision: 'abc', initiatedBy: { automated: true }, timings: { plan: 7 } },
    ]);
    const stored = await findPlan(connection.db, { operationId: rows[0]?.id ?? '', attempt: 1 });
    expect(stored).toMatchObject({ digest: 'of the plan', warnings: ['w'], plan: sync.plan.plan });
    const told = await connection.db
      .select()
      .from(changes)
      .where(eq(changes.applicationId, sync.application.id));
    expect(told).toMatchObject([{ type: 'MODIFIED', topic: 'application' }]);
  });

  it('requests no automated sync for a session that is over, also when it loses the cluster meanwhile', async () => {
    const clusterId = await registered();
    const session = { clusterId, owner: 'a', version: '1' };
    const epoch = await takeSession(connection.db, session);
    const sync = automated(clusterId);
    const { late } = await connection.db.transaction(async (tx) => {
      await takeSession(tx, { ...session, owner: 'b' });
      const attempt = requestAsSession(connection.db, { clusterId, epoch }, sync);
      attempt.catch(() => {});
      await pollUntil('the request waits for the takeover', 10, async () => {
        const { rows } = await connection.db.execute(
          sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rows.length > 0;
      });
      return { late: attempt };
    });
    await expect(late).rejects.toMatchObject({ code: 'fenced' });
    expect(await listOperations(connection.db, sync.application.id, 10)).toEqual([]);
    expect(await findPlan(connection.db, { operationId: sync.id, attempt: 1 })).toBeUndefined();
  });

  it('keeps one open wait per place, with the newest reason, until it is closed', async () => {
    const clusterId = await registered();
    const operation = await requested(randomUUID(), clusterId);
    const place = { attempt: 1, phase: 'Sync' as const, wave: 0 };
    const wait = {
      operationId: operation.id,
      clusterId,
      kind: 'settle' as const,
      steps: [0],
      keys: [],
      reason: 'first',
      deadline: null,
      ...place,
    };
    await openWait(connection.db, wait);
    await openWait(connection.db, { ...wait, reason: 'second' });
    expect(await openWaitsOfCluster(connection.db, clusterId)).toMatchObject([{ reason: 'second' }]);
    await closeWaits(connection.db, operation.id, place);
    expect(await openWaitsOfCluster(connection.db, clusterId)).toEqual([]);
  });
});

describe('db/client', () => {
  it('plans statements once a connection, whatever their values', async () => {
    const modes = await Promise.all(
      [1, 2, 3].map(() => connection.db.execute(sql`select current_setting('plan_cache_mode') as mode`)),
    );
    for (const { rows } of modes) expect(rows).toEqual([{ mode: 'force_generic_plan' }]);
  });

  it('repeats a transaction that was ended to resolve a deadlock', async () => {
    const keys = [`deadlock-${randomUUID()}`, `deadlock-${randomUUID()}`];
    const sealed = Buffer.from('');
    await connection.db.insert(settings).values(keys.map((key) => ({ key, sealed })));
    const bothHold = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let starts = 0;
    const crossing = (own: number) =>
      connection.db.transaction(async (tx) => {
        starts += 1;
        const order = own === 0 ? keys : keys.toReversed();
        for (const [position, key] of order.entries()) {
          await tx.update(settings).set({ sealed }).where(eq(settings.key, key));
          if (position > 0) continue;
          bothHold[own]?.resolve();
          await Promise.all(bothHold.map(({ promise }) => promise));
        }
      });
    await Promise.all([crossing(0), crossing(1)]);
    expect(starts).toBeGreaterThan(2);
  });
});
