import { randomUUID } from 'node:crypto';
import type { SignalDefinition } from '@temporalio/common';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweep } from '../../../activities/operation/sweep.ts';
import { userInitiator } from '../../../core/sync/operation/initiator.ts';
import { deletionRequest } from '../../../core/sync/operation/operation.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import { requestOperation } from '../../../db/queries/operation/operation-request.ts';
import { clusters } from '../../../db/schema/cluster.ts';
import { operations } from '../../../db/schema/operation.ts';
import { createLongRunGuard } from '../../../engine/long-runs.ts';
import { createEngine } from '../../../engine/temporal.ts';
import { pollUntil } from '../../../local/poll.ts';
import { createLogger } from '../../../platform/logger.ts';
import { refreshWorkflowId, syncWorkflowId } from '../../../workflows/ids.ts';
import { nudgeSignal, wakeSignal } from '../../../workflows/signals.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';
import { type ScriptedEngine, startScriptedEngine } from '../../support/scripted/scripted-engine.ts';

let engine: ScriptedEngine;
let connection: DatabaseConnection;

beforeAll(async () => {
  [engine, connection] = await Promise.all([startScriptedEngine(4096), openTestDatabase()]);
});

afterAll(async () => {
  await Promise.all([engine?.stop(), connection?.close()]);
});

/** A run that nobody's tasks are taken of, so that it can but grow: by one event with each signal. */
async function grow(
  type: string,
  workflowId: string,
  input: object,
  signal: SignalDefinition,
  events: number,
) {
  const options = { taskQueue: 'nobody', workflowId, args: [input] };
  const { firstExecutionRunId } = await engine.client.workflow.start(type, options);
  const handle = engine.client.workflow.getHandle(workflowId);
  const left = Array.from({ length: events }).values();
  const lane = async (): Promise<void> => {
    for (const _ of left) await handle.signal(signal);
  };
  await Promise.all(Array.from({ length: 20 }, lane));
  return firstExecutionRunId;
}

async function stateOf(workflowId: string, runId: string): Promise<string> {
  return (await engine.client.workflow.getHandle(workflowId, runId).describe()).status.name;
}

function sweepAll(): Promise<void> {
  return sweep(
    {
      db: connection.db,
      engine: createEngine(engine.client),
      log: createLogger({ name: 'test', level: 'silent' }),
      instance: 'of the test',
      bridged: false,
      homeNamespace: 'argocd',
    },
    { thorough: true },
  );
}

describe('a run that grows although it hands over', () => {
  it('is ended at 1000 events and begun again, where applications share it; a shorter one goes on', async () => {
    const [long, short] = [refreshWorkflowId(0), refreshWorkflowId(1)];
    const looks: number[] = [];
    engine.script('0', {
      waitingApplications: ({ shard }) => {
        looks.push(shard);
        return { urgent: [], others: [] };
      },
    });
    const [longRun, shortRun] = [
      await grow('refreshApplications', long, { shard: 0 }, wakeSignal, 1000),
      await grow('refreshApplications', short, { shard: 1 }, wakeSignal, 900),
    ];
    await Promise.all([sweepAll(), sweepAll(), sweepAll()]);
    expect(await stateOf(long, longRun)).toBe('TERMINATED');
    expect(await stateOf(short, shortRun)).toBe('RUNNING');
    const again = engine.client.workflow.getHandle(long);
    await again.result();
    expect((await again.describe()).runId).not.toBe(longRun);
    expect(looks).toContain(0);
    await engine.client.workflow.getHandle(short).terminate('the test is over');
  });

  it('is begun again from its row where it is an operation', async () => {
    const [clusterId, applicationId] = [randomUUID(), randomUUID()];
    const { db } = connection;
    await db.insert(clusters).values({
      id: clusterId,
      name: 'far',
      server: 'https://far.test',
      credentials: Buffer.alloc(0),
    });
    const { id } = await requestOperation(db, {
      application: {
        ...{ id: applicationId, namespace: 'argocd', project: 'default', name: 'app', clusterId },
        spec: { project: 'default', destination: {} },
      },
      kind: 'sync',
      initiatedBy: userInitiator('admin'),
      request: { ...deletionRequest, strategy: 'hook' },
    });
    await db.update(operations).set({ phase: 'Running', startedAt: sql`now() - interval '1 minute'` });
    const workflowId = syncWorkflowId(applicationId, id);
    const input = { applicationId, operationId: id, clusterId };
    const run = await grow('syncApplication', workflowId, input, nudgeSignal, 50);
    const asked: string[] = [];
    engine.script(id, {
      trySmallSync: ({ operationId }) => {
        asked.push(operationId);
        return { state: 'ended' };
      },
    });
    const guard = createLongRunGuard(engine.client, { mostEvents: 50, youngMilliseconds: 0 });
    const ended: string[] = [];
    await pollUntil('the server lists the run', 20, async () => {
      ended.push(...(await guard()).map((one) => one.workflowId));
      return ended.length > 0;
    });
    expect(ended).toEqual([workflowId]);
    expect(await stateOf(workflowId, run)).toBe('TERMINATED');
    await sweepAll();
    await engine.client.workflow.getHandle(workflowId).result();
    expect(asked).toEqual([id]);
  });
});
