import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { pino } from 'pino';
import type { QueueActivities } from '../../../activities/index.ts';
import { startTemporal } from '../../../local/temporal.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { workflowBundle } from '../../../platform/temporal/bundle.ts';
import { createDataConverter } from '../../../platform/temporal/data-converter.ts';
import { applyQueue, renderQueue, sessionQueue, syncQueue, urgentQueue } from '../../../workflows/ids.ts';
import { activitiesOn } from '../../replay/queue-activities.ts';

/** Every activity by its name; one that two queues have is the same on both. */
type Activities = QueueActivities['sync'] &
  QueueActivities['render'] &
  QueueActivities['urgent'] &
  QueueActivities['apply'] &
  QueueActivities['session'] &
  QueueActivities['cluster/'];

type Answer<Name extends keyof Activities> = (
  ...args: Parameters<Activities[Name]>
) => Awaited<ReturnType<Activities[Name]>> | ReturnType<Activities[Name]>;

/** What the activities answer to one workflow, instead of doing anything. */
export type Script = { readonly [Name in keyof Activities]?: Answer<Name> };

/** The number of events of each run of a workflow, in the order of the runs. */
export type Runs = readonly number[];

export type ScriptedEngine = {
  readonly client: Client;
  /** Answers to whatever names this id: of an operation, a cluster, a repository, a shard or applications. */
  script(id: string, script: Script): void;
  /** Has somebody take tasks of a queue. */
  work(taskQueue: string): Promise<void>;
  /** Runs a workflow to its end, over all hand-overs. */
  run(type: string, workflowId: string, input: object): Promise<Runs>;
  stop(): Promise<void>;
};

const namespace = 'hand-over';

/**
 * The product's workflows on a Temporal server that finds a history of `events` long, with activities that only say what
 * they are told to: loops that take weeks go round in a moment.
 */
export async function startScriptedEngine(events: number): Promise<ScriptedEngine> {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-engine-'));
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => {}),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
  });
  const temporal = await startTemporal({
    ...{ stateDir, namespace },
    limits: { 'limit.historyCount.suggestContinueAsNew': String(events) },
  });
  const dataConverter = createDataConverter(createKeyring(generateKey()));
  const [plain, connection] = await Promise.all([
    Connection.connect({ address: temporal.address }),
    NativeConnection.connect({ address: temporal.address }),
  ]);
  const client = new Client({ connection: plain, namespace, dataConverter });
  const scripts = new Map<string, Script>();
  const scripted = (name: string) => async (input: object) => {
    const script = scripts.get(idOf(input));
    const answer = script?.[name as keyof Activities] as ((input: object) => unknown) | undefined;
    if (answer === undefined)
      throw ApplicationFailure.nonRetryable(`nobody has said what ${name} answers to ${idOf(input)}`);
    return answer(input);
  };
  const working: { worker: Worker; ended: Promise<void> }[] = [];
  const work = async (taskQueue: string, extra: Partial<WorkerOptions> = {}): Promise<void> => {
    // Those of the queue and no others: a workflow that calls one on another's queue finds nobody.
    const activities = Object.fromEntries(activitiesOn(taskQueue).map((name) => [name, scripted(name)]));
    const options = { connection, namespace, dataConverter, taskQueue, activities, shutdownGraceTime: 0 };
    const worker = await Worker.create({ ...options, ...extra });
    working.push({ worker, ended: worker.run() });
  };
  const codePath = await workflowBundle(join(tmpdir(), 'keelson-test-cache'), pino({ level: 'silent' }));
  await work(syncQueue, { workflowBundle: { codePath } });
  for (const queue of [applyQueue, renderQueue, sessionQueue, urgentQueue]) await work(queue);
  return {
    client,
    script: (id, script) => void scripts.set(id, script),
    work,
    async run(type, workflowId, input) {
      const options = { taskQueue: syncQueue, workflowId, args: [input] };
      const handle = await client.workflow.start(type, options);
      await handle.result();
      return runsOf(client, workflowId, handle.firstExecutionRunId);
    },
    async stop() {
      for (const { worker } of working) worker.shutdown();
      await Promise.all(working.map(({ ended }) => ended));
      await Promise.all([connection.close(), plain.close()]);
      await temporal.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** What an activity is about: of several applications the first word of the first. */
function idOf(input: object): string {
  const { operationId, clusterId, repositoryId, shard, applicationIds, actionId } = input as Record<
    string,
    unknown
  >;
  const first = Array.isArray(applicationIds) ? String(applicationIds[0]).split(' ')[0] : undefined;
  return String(actionId ?? operationId ?? clusterId ?? repositoryId ?? first ?? shard);
}

async function runsOf(client: Client, workflowId: string, first: string): Promise<Runs> {
  const lengths: number[] = [];
  for (let runId: string | null | undefined = first; runId; ) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    lengths.push(events?.length ?? 0);
    runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return lengths;
}
