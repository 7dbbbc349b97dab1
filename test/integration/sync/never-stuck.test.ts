import { createServer, type Server, type Socket } from 'node:net';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userInitiator } from '../../../core/sync/operation/initiator.ts';
import { deletionRequest } from '../../../core/sync/operation/operation.ts';
import { planSchemaVersion, type SyncPlan } from '../../../core/sync/plan/plan.ts';
import type { OperationView, WaitView } from '../../../core/wire/operation.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { findApplication } from '../../../db/queries/application/application.ts';
import { requestOperation } from '../../../db/queries/operation/operation-request.ts';
import { storePlan } from '../../../db/queries/operation/plan.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';
import { syncWorkflowId } from '../../../workflows/ids.ts';
import { applicationOf, configMap, hookJob, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

let keelson: TestKeelson;
let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let database: DatabaseConnection;
let temporal: Client;
let silentGit: { readonly url: string; close(): void };

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  [keelson, silentGit] = await Promise.all([startKeelsonOn(facts), startSilentGit()]);
  database = connectDatabase(facts.databaseUrl, { connections: 1, onError: () => {} });
  const connection = await Connection.connect({ address: facts.temporalAddress });
  temporal = new Client({ connection, namespace: facts.temporalNamespace });
});

afterAll(async () => {
  silentGit?.close();
  await temporal?.connection.close();
  await database?.close();
  await keelson?.stop();
  await facts?.drop();
});

const hangs = { annotations: { 'keelson.test/pod': 'hang' } };
const patienceSeconds = 60;
const jobKey = (namespace: string, name: string) => ({ group: 'batch', kind: 'Job', namespace, name });

/** A Git server that takes connections and never says a word. */
async function startSilentGit(): Promise<{ url: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}/silent.git`,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function hooked(name: string, annotations = {}, finalizers: string[] = []): Promise<string> {
  const job = hookJob('forever', 'PreSync', {}, hangs);
  const manifest = {
    ...job,
    metadata: { ...job.metadata, ...(finalizers.length > 0 ? { finalizers } : {}) },
  };
  const repository = await keelson.gitServer.createRepository(name, {
    'app.yaml': yamlOf(manifest, configMap('app', { a: '1' })),
  });
  await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name, annotations }));
  return keelson.request(name);
}

/** Commits an operation together with a plan that prunes one object after an approval; the sweeper starts it. */
async function requestPlanned(name: string): Promise<string> {
  const key = { group: '', kind: 'ConfigMap', namespace: name, name: 'kept' };
  const live = await keelson.cluster.get('v1', key);
  const uid = live?.metadata.uid;
  const step = { step: 0, phase: 'Sync', wave: 0, batch: 0, action: 'prune', apiVersion: 'v1', key } as const;
  const group = { phase: 'Sync', wave: 0, first: 0, count: 1, settle: true, approval: [0] } as const;
  return database.db.transaction(async (tx) => {
    const application = await findApplication(tx, { namespace: 'argocd', name });
    if (application === undefined) throw new Error(`application ${name} is not there`);
    const { id } = await requestOperation(tx, {
      application,
      kind: 'sync',
      initiatedBy: userInitiator('admin'),
      request: { ...deletionRequest, strategy: 'hook' },
    });
    const plan: SyncPlan = {
      schemaVersion: planSchemaVersion,
      steps: [{ ...step, changed: true, ...(uid === undefined ? {} : { uid }) }],
      groups: [group],
      failureGroups: [],
    };
    await storePlan(tx, { operationId: id, attempt: 1, digest: 'of the test', plan, warnings: [] });
    return id;
  });
}

async function openWait(name: string, id: string, kind: WaitView['kind']): Promise<WaitView> {
  let found: WaitView | undefined;
  await pollUntil(`${name} waits: ${kind}`, patienceSeconds, async () => {
    const { waits } = await keelson.client.operations.get(name, id);
    found = waits.find((wait) => wait.kind === kind && wait.closedAt === undefined);
    return found !== undefined;
  });
  return found as WaitView;
}

async function terminate(name: string, id: string): Promise<OperationView> {
  await keelson.client.operations.terminate(name);
  return keelson.ended(name, id, 60);
}

describe('an automated sync of a few objects', () => {
  it('is one local activity and nothing else', async () => {
    const name = 'at-once';
    const repository = await keelson.gitServer.createRepository(name, {
      'app.yaml': yamlOf(configMap('one', { a: '1' }), configMap('two', { a: '1' })),
    });
    const syncPolicy = { automated: {}, syncOptions: ['CreateNamespace=true'] };
    await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name, syncPolicy }));
    let latest: OperationView | undefined;
    await pollUntil('the automated sync', patienceSeconds, async () => {
      [latest] = await keelson.client.operations.list(name);
      return latest?.finishedAt != null;
    });
    expect(latest).toMatchObject({ phase: 'Succeeded', initiatedBy: { automated: true } });
    expect(latest?.timings['apply']).toBeGreaterThan(0);

    const application = await findApplication(database.db, { namespace: 'argocd', name });
    const workflow = temporal.workflow.getHandle(syncWorkflowId(application?.id ?? '', latest?.id ?? ''));
    await pollUntil('the end of its workflow', patienceSeconds, async () => {
      return (await workflow.describe()).status.name === 'COMPLETED';
    });
    const { events } = await workflow.fetchHistory();
    const hops = events?.flatMap(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
    );
    expect(hops).toEqual([]);
    expect(events?.filter((event) => event.markerRecordedEventAttributes)).toHaveLength(1);
  });
});

describe.concurrent('a sync that hangs says why and comes to an end', () => {
  it('when the Git server never answers', async () => {
    await keelson.create(applicationOf({ name: 'silent', repoURL: silentGit.url, namespace: 'silent' }));
    const id = await keelson.request('silent');
    const wait = await openWait('silent', id, 'render');
    expect(wait).toMatchObject({ attempt: 1, reason: `waiting for the render of ${silentGit.url} at main` });
    expect(await terminate('silent', id)).toMatchObject({ phase: 'Failed', message: 'Operation terminated' });
  });

  it('when its hook cannot be deleted, because somebody else holds the object', async () => {
    const id = await hooked('held-hook', {}, ['keelson.test/held']);
    expect(await openWait('held-hook', id, 'hook')).toMatchObject({
      attempt: 1,
      phase: 'PreSync',
      reason: 'waiting for completion of hook batch/Job/forever',
    });
    expect(await terminate('held-hook', id)).toMatchObject({
      phase: 'Failed',
      message: 'Operation terminated',
    });
    const key = jobKey('held-hook', 'forever');
    const left = await keelson.cluster.get('batch/v1', key);
    expect(left?.metadata.deletionTimestamp).toBeDefined();
    expect(left?.metadata.finalizers).not.toContain('keelson.dev/hook-result');

    // The next sync can't make its hook before the one of that sync is gone.
    const next = await keelson.request('held-hook');
    expect(await openWait('held-hook', next, 'deletion')).toMatchObject({
      attempt: 1,
      phase: 'PreSync',
      reason: 'waiting for deletion of batch/Job/forever: held by finalizer keelson.test/held',
    });
    // It began beside the workflow, which can't hear of a terminate request there; an activity waits on.
    await pollUntil('the wait in an activity', patienceSeconds, async () =>
      (await activitiesOf('held-hook', next)).includes('applyGroup'),
    );
    await keelson.cluster.patch('batch/v1', key, { metadata: { finalizers: null } }, 'merge');
    await openWait('held-hook', next, 'hook');
    const ended = await terminate('held-hook', next);
    expect(ended.waits.every((wait) => wait.closedAt !== undefined)).toBe(true);
    await keelson.cluster.patch('batch/v1', key, { metadata: { finalizers: null } }, 'merge');
  });

  it('when its time is up', async () => {
    const id = await hooked('timed', { 'keelson.dev/sync-timeout': '12s' });
    const { deadline } = await openWait('timed', id, 'hook');
    const ended = await keelson.ended('timed', id, 30);
    expect(ended).toMatchObject({
      phase: 'Failed',
      message: 'Operation terminated: it did not end within its sync timeout of 12s',
      deadline,
    });
    expect(Date.parse(deadline ?? '') - Date.parse(ended.startedAt ?? '')).toBe(12_000);
    expect(ended.steps.find((step) => step.hook)).toMatchObject({
      hookPhase: 'Failed',
      message: 'Terminated',
    });
    await pollUntil('the hook of "timed" gone', patienceSeconds, async () => {
      return (await keelson.cluster.get('batch/v1', jobKey('timed', 'forever'))) === undefined;
    });
  });

  it('when its workflow was lost: it goes on from its rows, and its hook runs on', async () => {
    const id = await hooked('lost');
    await openWait('lost', id, 'hook');
    const before = await keelson.cluster.get('batch/v1', jobKey('lost', 'forever'));
    const handle = await workflowOf('lost', id);
    await temporal.workflowService.deleteWorkflowExecution({
      namespace: facts.temporalNamespace,
      workflowExecution: { workflowId: handle.workflowId },
    });
    await pollUntil('the workflow lost', patienceSeconds, async () => !(await isKnown(handle)));
    await pollUntil('the workflow started again', patienceSeconds, () => isKnown(handle));
    const after = await keelson.cluster.get('batch/v1', jobKey('lost', 'forever'));
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
    await keelson.cluster.patch(
      'batch/v1',
      jobKey('lost', 'forever'),
      { spec: { activeDeadlineSeconds: 1 } },
      'merge',
    );
    expect(await keelson.ended('lost', id, 60)).toMatchObject({ phase: 'Failed', attempt: 1 });
  });

  it('when a deletion waits for approval: the annotation lets it go on, one of an earlier sync does not', async () => {
    const name = 'approved';
    const repository = await keelson.gitServer.createRepository(name, {
      'app.yaml': yamlOf(configMap('kept', { a: '1' })),
    });
    const shape = { name, repoURL: repository.url, namespace: name };
    const annotate = (time: Date) =>
      keelson.client.applications.create(
        applicationOf({
          ...shape,
          annotations: { 'argocd.argoproj.io/deletion-approved': time.toISOString() },
        }),
        { upsert: true, validate: true },
      );
    await keelson.create(applicationOf(shape));
    await keelson.sync(name);
    await annotate(new Date(Date.now() - 60_000));
    const id = await requestPlanned(name);
    const wait = await openWait(name, id, 'approval');
    expect(wait).toMatchObject({
      attempt: 1,
      phase: 'Sync',
      wave: 0,
      reason: 'waiting for pruning confirmation of /ConfigMap/kept',
    });
    const key = { group: '', kind: 'ConfigMap', namespace: name, name: 'kept' };
    expect(await keelson.cluster.get('v1', key)).toBeDefined();
    await annotate(new Date());
    expect(await keelson.ended(name, id, 20)).toMatchObject({ phase: 'Succeeded' });
    expect(await keelson.cluster.get('v1', key)).toBeUndefined();
  });

  it('when it is retried without a limit: it goes on past what one run of its workflow holds', async () => {
    const repository = await keelson.gitServer.createRepository('unlimited', {
      'other/app.yaml': yamlOf(configMap('app', { a: '1' })),
    });
    await keelson.create(
      applicationOf({ name: 'unlimited', repoURL: repository.url, path: 'app', namespace: 'unlimited' }),
    );
    const id = await keelson.request('unlimited', {
      retryStrategy: { limit: -1, refresh: true, backoff: { duration: '0s', maxDuration: '0s' } },
    });
    await pollUntil('more attempts than one run makes', patienceSeconds, async () => {
      return (await keelson.client.operations.get('unlimited', id)).attempt > 11;
    });
    const running = await keelson.client.operations.get('unlimited', id);
    await repository.commit({ 'app/app.yaml': yamlOf(configMap('app', { a: '1' })) });
    const ended = await keelson.ended('unlimited', id, 60);
    expect(ended).toMatchObject({ phase: 'Succeeded', startedAt: running.startedAt });
    expect(ended.request).toEqual(running.request);
  });
});

describe('a sync without a worker', () => {
  it('says so, and can be terminated; the next worker syncs again', async () => {
    const id = await hooked('orphan');
    await openWait('orphan', id, 'hook');
    const { worker } = keelson.pids();
    process.kill(worker, 'SIGSTOP');
    try {
      await keelson.client.operations.terminate('orphan');
      const { reason } = await openWait('orphan', id, 'worker');
      expect(reason).toMatch(/^waiting for a worker: none has been heard of for \d+ seconds/);
      expect(reason).toContain('start one, or read why it stopped in its log');
      const ended = await keelson.ended('orphan', id, 60);
      expect(ended.phase).toBe('Failed');
      expect(ended.message).toBe(
        'Operation terminated: no worker was there to end it, so its hooks were left as they were; start a worker to sync again',
      );
    } finally {
      process.kill(worker, 'SIGCONT');
    }
    const next = await keelson.request('orphan');
    await openWait('orphan', next, 'hook');
    expect(await terminate('orphan', next)).toMatchObject({
      phase: 'Failed',
      message: 'Operation terminated',
    });
  });
});

async function workflowOf(name: string, operationId: string): Promise<WorkflowHandle> {
  const { metadata } = await keelson.client.applications.get(name);
  return temporal.workflow.getHandle(syncWorkflowId(metadata.uid ?? '', operationId));
}

/** The activities that the workflow of an operation has scheduled, local ones not among them. */
async function activitiesOf(name: string, operationId: string): Promise<string[]> {
  const { events } = await (await workflowOf(name, operationId)).fetchHistory();
  return (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
  );
}

async function isKnown(handle: WorkflowHandle): Promise<boolean> {
  try {
    await handle.describe();
    return true;
  } catch {
    // Not found is what is asked for here; anything else shows as a poll that never ends.
    return false;
  }
}
