import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { InspectionOutcome, InspectionRequest } from '../../core/repository/inspection.ts';
import { createEngine } from '../../engine/temporal.ts';
import { pollUntil } from '../../local/poll.ts';
import {
  clusterSessionWorkflowId,
  deleteWorkflowId,
  homeSessionWorkflowId,
  inspectWorkflowId,
  refreshShardOf,
  refreshWorkflowId,
  syncQueue,
  syncWorkflowId,
} from '../../workflows/ids.ts';
import {
  applicationOf,
  configMap,
  deployment,
  hookJob,
  wave,
  yamlOf,
} from '../support/keelson/applications.ts';
import type { TestKeelson } from '../support/keelson/keelson.ts';
import { mapIn, split, splitSettings } from '../support/keelson/split-action.ts';
import type { TestRepository } from '../support/servers/git-server.ts';

/** What the cases are driven with. */
export type Recorder = { readonly keelson: TestKeelson; readonly temporal: Client };

/** Where a case's history is. */
export type RecordedRun = {
  /** File name without its ending: workflow type, dash, case. */
  readonly name: string;
  readonly workflowId: string;
  /** The newest run when absent. */
  readonly runId?: string;
};

type Subject = { readonly name: string; readonly id: string; readonly repository: TestRepository };

const patience = 60;

/** Drives a Keelson through every case, one after the other, and tells where their histories are. */
export async function recordCases(recorder: Recorder): Promise<RecordedRun[]> {
  const waves = await createWaves(recorder.keelson);
  return [
    await syncsWaves(recorder, waves),
    await refreshesAgain(recorder, waves),
    ...(await checksRepositories(recorder, waves)),
    await answersQuestion(recorder, waves),
    await deletesWaves(recorder, waves),
    await terminatesDeletion(recorder),
    await retries(recorder),
    await terminates(recorder),
    await givesWay(recorder),
    await failsToRender(recorder),
    await syncsWithoutSession(recorder),
    ...(await handsOver(recorder)),
    await endsUnregistered(recorder),
    await endsUnbridged(recorder),
    await changesSeveral(recorder),
  ];
}

/** Cases that need nothing of the others, by the workflow type that one of them is recorded for alone. */
export const singleCases: Readonly<Record<string, (recorder: Recorder) => Promise<RecordedRun>>> = {
  homeSession: endsUnbridged,
  runAction: changesSeveral,
};

async function createApplication(
  { gitServer, create, client }: TestKeelson,
  name: string,
  files: Record<string, string>,
  path = '.',
): Promise<Subject> {
  const repository = await gitServer.createRepository(name, files);
  await create(applicationOf({ name, repoURL: repository.url, namespace: name, path }));
  const { metadata } = await client.applications.get(name);
  return { name, id: metadata.uid ?? '', repository };
}

function createWaves(keelson: TestKeelson): Promise<Subject> {
  return createApplication(keelson, 'waves', {
    'app.yaml': yamlOf(
      hookJob('before', 'PreSync'),
      configMap('first', { a: '1' }, wave(-1)),
      deployment('second', 1),
      deployment('third', 1, wave(1)),
      hookJob('after', 'PostSync', { 'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded' }),
      hookJob('farewell', 'PreDelete'),
    ),
  });
}

async function syncsWaves({ keelson }: Recorder, { name, id }: Subject): Promise<RecordedRun> {
  const ended = await keelson.sync(name);
  mustBe('Succeeded', ended.phase);
  await keelson.healthy(name);
  return { name: 'syncApplication-hooks-and-waves', workflowId: syncWorkflowId(id, ended.id) };
}

/** Wake-ups that arrive while a refresh runs: one run that looks again. */
async function refreshesAgain({ keelson, temporal }: Recorder, { id, name }: Subject): Promise<RecordedRun> {
  const workflowId = refreshWorkflowId(refreshShardOf(id));
  let found: RecordedRun | undefined;
  await pollUntil('a refresh that looks again', patience, async () => {
    // Half a second of requests: some are committed while the renders of those before are under way.
    const requests = Array.from({ length: 20 }, async (_, number) => {
      await sleep(number * 25);
      await keelson.client.applications.get(name, { refresh: 'hard' });
      // The server gathers its hints for a moment; an engine of its own sends the first at once.
      await createEngine(temporal).refreshApplication(id);
    });
    await Promise.all(requests);
    await untilClosed(temporal, workflowId);
    // The last wake-up finds nothing to do as a rule, so each of the runs is looked at.
    for await (const { runId } of temporal.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
      const { events } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
      const renders = events?.filter((event) => event.activityTaskScheduledEventAttributes != null) ?? [];
      if (renders.length > 1) found = { name: 'refreshApplications-woken-again', workflowId, runId };
    }
    return found !== undefined;
  });
  if (found === undefined) throw new Error('no refresh looked again');
  return found;
}

/** A tick, and a check that a push asks for. */
async function checksRepositories({ keelson, temporal }: Recorder, waves: Subject): Promise<RecordedRun[]> {
  await createEngine(temporal).refreshRepositories();
  const { url } = waves.repository;
  await fetch(`${keelson.url}/api/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-github-event': 'push' },
    body: JSON.stringify({
      ref: 'refs/heads/main',
      repository: { html_url: url, clone_url: url, default_branch: 'main' },
    }),
  });
  return [
    await completedRun(temporal, 'refreshRepositories', 'due'),
    await completedRun(temporal, 'refreshRepository', 'pushed'),
  ];
}

async function completedRun(temporal: Client, type: string, name: string): Promise<RecordedRun> {
  let found: RecordedRun | undefined;
  await pollUntil(`a ${type}`, patience, async () => {
    for await (const { workflowId, runId, status } of temporal.workflow.list({
      query: `WorkflowType = '${type}'`,
    })) {
      if (status.name === 'COMPLETED') found = { name: `${type}-${name}`, workflowId, runId };
    }
    return found !== undefined;
  });
  return found as RecordedRun;
}

async function deletesWaves({ keelson, temporal }: Recorder, { name, id }: Subject): Promise<RecordedRun> {
  await keelson.client.applications.delete(name, { cascade: true });
  const operationId = await deletionOf(keelson, name);
  const workflowId = deleteWorkflowId(id, operationId);
  await untilClosed(temporal, workflowId);
  return { name: 'deleteApplication-waves', workflowId };
}

async function terminatesDeletion({ keelson, temporal }: Recorder): Promise<RecordedRun> {
  const held = configMap('held', { a: '1' });
  const manifest = { ...held, metadata: { ...held.metadata, finalizers: ['keelson.test/held'] } };
  const { name, id } = await createApplication(keelson, 'held', { 'app.yaml': yamlOf(manifest) });
  mustBe('Succeeded', (await keelson.sync(name)).phase);
  await keelson.client.applications.delete(name, { cascade: true });
  const operationId = await deletionOf(keelson, name);
  await untilWaiting(keelson, name, operationId, 'held');
  await keelson.client.operations.terminate(name);
  const workflowId = deleteWorkflowId(id, operationId);
  await untilClosed(temporal, workflowId);
  return { name: 'deleteApplication-terminated', workflowId };
}

async function deletionOf(keelson: TestKeelson, name: string): Promise<string> {
  let operationId = '';
  await pollUntil(`deletion of ${name} requested`, patience, async () => {
    const [latest] = await keelson.client.operations.list(name, 1);
    operationId = latest?.kind === 'delete' ? latest.id : '';
    return operationId !== '';
  });
  return operationId;
}

async function retries({ keelson }: Recorder): Promise<RecordedRun> {
  const fails = { annotations: { 'keelson.test/pod': 'fail' } };
  const { name, id, repository } = await createApplication(keelson, 'retry', {
    'hook.yaml': yamlOf(hookJob('check', 'PreSync', {}, fails)),
    'app.yaml': yamlOf(configMap('app', { a: '1' }), hookJob('cleanup', 'SyncFail')),
  });
  const operationId = await keelson.request(name, {
    retryStrategy: { limit: 10, backoff: { duration: '1s', factor: 1, maxDuration: '1s' }, refresh: true },
  });
  await pollUntil('the first retry', patience, async () => {
    return (await keelson.client.operations.get(name, operationId)).message.includes('Retrying attempt #1');
  });
  await repository.commit({ 'hook.yaml': yamlOf(hookJob('check', 'PreSync')) });
  mustBe('Succeeded', (await keelson.ended(name, operationId)).phase);
  return { name: 'syncApplication-retry', workflowId: syncWorkflowId(id, operationId) };
}

async function terminates({ keelson }: Recorder): Promise<RecordedRun> {
  const hangs = { annotations: { 'keelson.test/pod': 'hang' } };
  const { name, id } = await createApplication(keelson, 'terminated', {
    'app.yaml': yamlOf(hookJob('forever', 'PreSync', {}, hangs), configMap('never', { a: '1' })),
  });
  const operationId = await keelson.request(name);
  await untilWaiting(keelson, name, operationId, 'forever');
  await keelson.client.operations.terminate(name);
  mustBe('Failed', (await keelson.ended(name, operationId)).phase);
  return { name: 'syncApplication-terminated', workflowId: syncWorkflowId(id, operationId) };
}

/** An automated sync with a timeout, stuck behind its first wave, and the push that takes over from it. */
async function givesWay({ keelson }: Recorder): Promise<RecordedRun> {
  const hanging = deployment('app');
  const spec = hanging['spec'] as { template: { metadata: object } };
  const metadata = { ...spec.template.metadata, annotations: { 'keelson.test/pod': 'hang' } };
  const stuck = { ...hanging, spec: { ...spec, template: { ...spec.template, metadata } } };
  const name = 'outdated';
  const last = configMap('last', { a: '1' }, wave(1));
  const repository = await keelson.gitServer.createRepository(name, { 'app.yaml': yamlOf(stuck, last) });
  await keelson.create(
    applicationOf({
      name,
      repoURL: repository.url,
      namespace: name,
      annotations: { 'keelson.dev/sync-timeout': '10m' },
      syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
    }),
  );
  let operationId = '';
  await pollUntil('the automated sync', patience, async () => {
    operationId = (await keelson.client.operations.list(name, 1))[0]?.id ?? '';
    return operationId !== '';
  });
  await untilWaiting(keelson, name, operationId, 'Deployment/app');
  await repository.commit({ 'app.yaml': yamlOf(deployment('app'), last) });
  await keelson.client.applications.get(name, { refresh: 'normal' });
  mustBe('Superseded', (await keelson.ended(name, operationId)).phase);
  const id = (await keelson.client.applications.get(name)).metadata.uid ?? '';
  return { name: 'syncApplication-superseded', workflowId: syncWorkflowId(id, operationId) };
}

async function failsToRender({ keelson }: Recorder): Promise<RecordedRun> {
  const files = { 'app.yaml': yamlOf(configMap('app', { a: '1' })) };
  const { name, id } = await createApplication(keelson, 'broken', files);
  const ended = await keelson.sync(name, { revision: 'no-such-branch' });
  mustBe('Error', ended.phase);
  return { name: 'syncApplication-render-error', workflowId: syncWorkflowId(id, ended.id) };
}

/**
 * The session dies without a word; until its lease is found lost, nobody answers the plan. A plan that was handed to
 * the dying session counts as started instead and says nothing of the kind, so that is tried again.
 */
async function syncsWithoutSession({ keelson }: Recorder): Promise<RecordedRun> {
  const files = { 'app.yaml': yamlOf(configMap('app', { a: '1' })) };
  const { name, id } = await createApplication(keelson, 'alone', files);
  for (let tries = 0; tries < 5; tries++) {
    process.kill(keelson.pids().session, 'SIGKILL');
    const ended = await keelson.sync(name);
    mustBe('Succeeded', ended.phase);
    if (ended.waits.some((wait) => wait.kind === 'session')) {
      return { name: 'syncApplication-without-session', workflowId: syncWorkflowId(id, ended.id) };
    }
    await keelson.healthy(name);
  }
  throw new Error('every sync met a session at once');
}

/** A session that is asked to end hands its cluster over: one run that was continued, and one that holds the lease. */
async function handsOver({ keelson, temporal }: Recorder): Promise<RecordedRun[]> {
  const [running] = await openSessions(temporal);
  if (running === undefined) throw new Error('no session runs');
  process.kill(keelson.pids().session, 'SIGTERM');
  let next = running;
  await pollUntil('the session continued as a new run', patience, async () => {
    const [newest] = await openSessions(temporal);
    next = newest ?? running;
    return next.runId !== running.runId;
  });
  // Started is written to the history of a running activity only once it has ended: the lease stays scheduled.
  await pollUntil('the next lease', patience, async () => {
    const { events } = await temporal.workflow.getHandle(next.workflowId, next.runId).fetchHistory();
    return events?.some((event) => event.activityTaskScheduledEventAttributes != null) === true;
  });
  return [
    { name: 'clusterSession-handed-over', ...running },
    { name: 'clusterSession-held', ...next },
  ];
}

async function openSessions(temporal: Client): Promise<{ workflowId: string; runId: string }[]> {
  const query = "WorkflowType = 'clusterSession' and ExecutionStatus = 'Running'";
  const found = [];
  for await (const { workflowId, runId } of temporal.workflow.list({ query }))
    found.push({ workflowId, runId });
  return found;
}

async function answersQuestion({ temporal }: Recorder, { repository }: Subject): Promise<RecordedRun> {
  const workflowId = inspectWorkflowId(randomUUID());
  const request: InspectionRequest = { kind: 'refs', url: repository.url, project: 'default' };
  const outcome: InspectionOutcome = await temporal.workflow.execute('inspectSource', {
    taskQueue: syncQueue,
    workflowId,
    args: [request],
  });
  mustBe('', outcome.failure?.message ?? '');
  return { name: 'inspectSource-answered', workflowId };
}

/** An action creates two objects and patches a third. */
async function changesSeveral({ keelson, temporal }: Recorder): Promise<RecordedRun> {
  const files = { 'app.yaml': yamlOf(configMap('map', { state: 'whole' })) };
  const { name } = await createApplication(keelson, 'acted', files);
  mustBe('Succeeded', (await keelson.sync(name)).phase);
  await keelson.client.settings.put(splitSettings, { partial: false });
  await pollUntil('the action is offered', patience, async () => {
    const offers = await keelson.client.applications.listActions(name, mapIn(name, 'map'));
    return offers.some((offer) => offer.name === 'split');
  });
  await split(keelson, name, name, 'map');
  return completedRun(temporal, 'runAction', 'several');
}

async function endsUnregistered({ temporal }: Recorder): Promise<RecordedRun> {
  const clusterId = randomUUID();
  await createEngine(temporal).ensureClusterSession(clusterId);
  const workflowId = clusterSessionWorkflowId(clusterId);
  await untilClosed(temporal, workflowId);
  return { name: 'clusterSession-unregistered', workflowId };
}

/** Objects of the home cluster are not what holds, so that there is nothing to mirror. */
async function endsUnbridged({ temporal }: Recorder): Promise<RecordedRun> {
  await createEngine(temporal).ensureHomeSession();
  await untilClosed(temporal, homeSessionWorkflowId);
  return { name: 'homeSession-unbridged', workflowId: homeSessionWorkflowId };
}

async function untilWaiting(keelson: TestKeelson, name: string, operationId: string, object: string) {
  await pollUntil(`${name} waits for ${object}`, patience, async () => {
    const { waits } = await keelson.client.operations.get(name, operationId);
    return waits.some((wait) => wait.closedAt === undefined && wait.reason.includes(object));
  });
}

async function untilClosed(temporal: Client, workflowId: string): Promise<void> {
  await pollUntil(`end of workflow ${workflowId}`, patience, async () => {
    const { status } = await temporal.workflow.getHandle(workflowId).describe();
    return status.name !== 'RUNNING';
  });
}

function mustBe(expected: string, actual: string): void {
  if (actual !== expected) throw new Error(`a case ended as ${actual} where ${expected} was expected`);
}
