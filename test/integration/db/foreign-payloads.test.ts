import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { createLogger } from '../../../platform/logger.ts';
import { workflowBundle } from '../../../platform/temporal/bundle.ts';
import { createPayloadCodec } from '../../../platform/temporal/codec.ts';
import { createDataConverter } from '../../../platform/temporal/data-converter.ts';
import { syncQueue, urgentQueue } from '../../../workflows/ids.ts';
import { eventually } from '../../support/keelson/api/api.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

const keyring = createKeyring(generateKey());
const codec = createPayloadCodec(keyring);
const answer = { reply: { forged: true } };
const request = { kind: 'refs', url: 'https://git.example.com/a.git' };

let folder: string;
let namespace: string;
let connection: Connection;
let native: NativeConnection;
let worker: Worker;
let working: Promise<void>;
/** Has the key, as a role has. */
let own: Client;
/** Reaches Temporal and has no key. */
let foreign: Client;

beforeAll(async () => {
  const { stateDir, temporalAddress, createNamespace } = testPlatform();
  folder = mkdtempSync(join(stateDir, 'foreign-'));
  namespace = await createNamespace();
  connection = await Connection.connect({ address: temporalAddress });
  native = await NativeConnection.connect({ address: temporalAddress });
  own = new Client({ connection, namespace, dataConverter: createDataConverter(keyring) });
  foreign = new Client({ connection, namespace });
  // Workflows only: the activities are left to whoever asks for them.
  worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue: syncQueue,
    workflowBundle: {
      codePath: await workflowBundle(folder, createLogger({ name: 'foreign', level: 'silent' })),
    },
    dataConverter: createDataConverter(keyring),
  });
  working = worker.run();
});

afterAll(async () => {
  worker?.shutdown();
  await working;
  await native?.close();
  await connection?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

const inspection = (workflowId: string) => ({ taskQueue: syncQueue, workflowId, args: [request] });

/** Why the newest workflow task failed, once one did, as the holder of the key reads it. */
function refusal(workflowId: string): Promise<string> {
  return eventually(
    `refusal of ${workflowId}`,
    async () => {
      const { events } = await own.workflow.getHandle(workflowId).fetchHistory();
      const failed = events?.findLast((event) => event.workflowTaskFailedEventAttributes);
      const failure = failed?.workflowTaskFailedEventAttributes?.failure;
      if (!failure) return undefined;
      if (!failure.encodedAttributes) return failure.message ?? '';
      const [opened] = await codec.decode([failure.encodedAttributes]);
      return JSON.stringify(defaultPayloadConverter.fromPayload(opened as Payload));
    },
    30,
  );
}

/** Takes the activity that a workflow asks for, as anybody can who reaches Temporal. */
async function takeActivity(): Promise<Uint8Array> {
  const taskQueue = { name: urgentQueue };
  const task = await connection.withDeadline(Date.now() + 30_000, () =>
    connection.workflowService.pollActivityTaskQueue({ namespace, taskQueue, identity: 'foreign' }),
  );
  return task.taskToken;
}

async function answerInstead(payload: Payload): Promise<void> {
  const taskToken = await takeActivity();
  await connection.workflowService.respondActivityTaskCompleted({
    namespace,
    taskToken,
    identity: 'foreign',
    result: { payloads: [payload] },
  });
}

const statusOf = async (workflowId: string): Promise<string> =>
  (await own.workflow.getHandle(workflowId).describe()).status.name;

describe('what somebody without the key puts into Temporal', () => {
  it('starts no work when it is not sealed', async () => {
    await foreign.workflow.start('inspectSource', inspection('inspect/plain'));
    expect(await refusal('inspect/plain')).toMatch(/workflow test-.*inspect\/plain: a payload is not sealed/);
    const { events } = await own.workflow.getHandle('inspect/plain').fetchHistory();
    expect(events?.some((event) => event.activityTaskScheduledEventAttributes)).toBe(false);
    await own.workflow.getHandle('inspect/plain').terminate();
  });

  it('starts no work when it was sealed for another workflow', async () => {
    const args = await codec.encode([defaultPayloadConverter.toPayload(request)], {
      type: 'workflow',
      namespace,
      workflowId: 'inspect/first',
    });
    await connection.workflowService.startWorkflowExecution({
      namespace,
      workflowId: 'inspect/second',
      workflowType: { name: 'inspectSource' },
      taskQueue: { name: syncQueue },
      input: { payloads: args },
      requestId: 'second',
    });
    expect(await refusal('inspect/second')).toMatch(/sealed for another place/);
    await own.workflow.getHandle('inspect/second').terminate();
  });

  it('is no answer of an activity when it is not sealed', async () => {
    await own.workflow.start('inspectSource', inspection('inspect/forged'));
    await answerInstead(defaultPayloadConverter.toPayload(answer));
    expect(await refusal('inspect/forged')).toMatch(/a payload is not sealed/);
    expect(await statusOf('inspect/forged')).toBe('RUNNING');
    await own.workflow.getHandle('inspect/forged').terminate();
  });

  it('is no answer of an activity when it was sealed for another workflow, but the own one is', async () => {
    const sealedFor = async (workflowId: string): Promise<Payload> => {
      const context = { type: 'activity', namespace, workflowId, isLocal: false } as const;
      const [sealed] = await codec.encode([defaultPayloadConverter.toPayload(answer)], context);
      return sealed as Payload;
    };
    await own.workflow.start('inspectSource', inspection('inspect/third'));
    await answerInstead(await sealedFor('inspect/fourth'));
    expect(await refusal('inspect/third')).toMatch(/sealed for another place/);
    await own.workflow.getHandle('inspect/third').terminate();
    const honest = await own.workflow.start('inspectSource', inspection('inspect/fifth'));
    await answerInstead(await sealedFor('inspect/fifth'));
    expect(await honest.result()).toEqual(answer);
  });

  it('ends no operation with a failure of its own making', async () => {
    const handle = await own.workflow.start('inspectSource', inspection('inspect/failed'));
    await connection.workflowService.respondActivityTaskFailed({
      namespace,
      taskToken: await takeActivity(),
      failure: { message: 'superseded', applicationFailureInfo: { type: 'superseded', nonRetryable: true } },
    });
    await expect(handle.result()).rejects.toMatchObject({
      cause: { cause: { type: 'unsealed', message: expect.stringMatching(/is not believed/) } },
    });
  });
});
