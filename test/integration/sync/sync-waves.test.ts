import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationView, StepView } from '../../../core/wire/operation.ts';
import {
  applicationOf,
  configMap,
  deployment,
  hookJob,
  wave,
  yamlOf,
} from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import { faultsIn } from '../../support/process/faults.ts';

let keelson: TestKeelson;

beforeAll(async () => {
  keelson = await startKeelson();
});

afterAll(async () => {
  await keelson?.stop();
});

const startOf = (step: StepView | undefined): number => Date.parse(step?.startedAt ?? '');
const endOf = (step: StepView | undefined): number => Date.parse(step?.finishedAt ?? '');
const stepNamed = (view: OperationView, name: string): StepView | undefined =>
  view.steps.find((step) => step.key.name === name);

describe('syncs of one application', () => {
  it('syncs guestbook', async () => {
    const repository = await keelson.gitServer.createRepository('guestbook', {
      'app.yaml': yamlOf(deployment('web', 2), configMap('settings', { theme: 'dark' })),
    });
    await keelson.create(
      applicationOf({ name: 'first-sync', repoURL: repository.url, namespace: 'first-sync' }),
    );
    const ended = await keelson.sync('first-sync');

    expect(ended).toMatchObject({ phase: 'Succeeded', attempt: 1, historyId: 0 });
    expect(ended.initiatedBy).toEqual({ username: 'admin', automated: false });
    expect(ended.revision).toMatch(/^[0-9a-f]{40}$/);
    await keelson.healthy('first-sync');
    const live = await keelson.cluster.get('apps/v1', {
      group: 'apps',
      kind: 'Deployment',
      namespace: 'first-sync',
      name: 'web',
    });
    expect(live?.['status']).toMatchObject({ readyReplicas: 2 });
  });

  it('runs three waves in order with a Job hook before and after', async () => {
    const repository = await keelson.gitServer.createRepository('waves', {
      'app.yaml': yamlOf(
        hookJob('before', 'PreSync'),
        configMap('first', { a: '1' }, wave(-1)),
        deployment('second', 1),
        deployment('third', 1, wave(1)),
        hookJob('after', 'PostSync'),
      ),
    });
    await keelson.create(applicationOf({ name: 'waves', repoURL: repository.url, namespace: 'waves' }));
    const ended = await keelson.sync('waves');

    expect(ended.phase).toBe('Succeeded');
    const order = ['before', 'first', 'second', 'third', 'after'].map((name) => stepNamed(ended, name));
    for (const [position, step] of order.entries()) {
      const next = order[position + 1];
      if (next !== undefined) expect(startOf(next)).toBeGreaterThanOrEqual(endOf(step));
    }
    expect(order.map((step) => step?.hookPhase)).toEqual(Array(5).fill('Succeeded'));
    // A wave was waited for until its Deployment was available, and whatever wait that took was closed again.
    const key = { group: 'apps', kind: 'Deployment', namespace: 'waves', name: 'second' };
    const status = (await keelson.cluster.get('apps/v1', key))?.['status'] as
      | { conditions: { type: string; lastTransitionTime: string }[] }
      | undefined;
    const available = status?.conditions.find(({ type }) => type === 'Available');
    const availableAt = available?.lastTransitionTime ?? '';
    expect(startOf(stepNamed(ended, 'third'))).toBeGreaterThanOrEqual(Date.parse(availableAt));
    expect(ended.waits.every((wait) => wait.closedAt !== undefined)).toBe(true);
  });

  it('prunes what left the repository, and only when asked to', async () => {
    const repository = await keelson.gitServer.createRepository('prune', {
      'a.yaml': yamlOf(configMap('stays', { a: '1' })),
      'b.yaml': yamlOf(configMap('goes', { b: '1' })),
    });
    await keelson.create(applicationOf({ name: 'prune', repoURL: repository.url, namespace: 'prune' }));
    await keelson.sync('prune');
    await repository.commit({ 'b.yaml': null });

    const without = await keelson.sync('prune');
    expect(stepNamed(without, 'goes')).toMatchObject({ status: 'PruneSkipped' });
    const key = { group: '', kind: 'ConfigMap', namespace: 'prune', name: 'goes' };
    expect(await keelson.cluster.get('v1', key)).toBeDefined();

    const pruned = await keelson.sync('prune', { prune: true });
    expect(stepNamed(pruned, 'goes')).toMatchObject({ status: 'Pruned' });
    expect(await keelson.cluster.get('v1', key)).toBeUndefined();
    await keelson.healthy('prune');
  });

  it('removes a field from the cluster that was removed from Git', async () => {
    const repository = await keelson.gitServer.createRepository('fields', {
      'a.yaml': yamlOf(configMap('fields', { keep: '1', drop: '1' })),
    });
    await keelson.create(applicationOf({ name: 'fields', repoURL: repository.url, namespace: 'fields' }));
    await keelson.sync('fields');
    await repository.commit({ 'a.yaml': yamlOf(configMap('fields', { keep: '1' })) });
    await keelson.sync('fields');
    const live = await keelson.cluster.get('v1', {
      group: '',
      kind: 'ConfigMap',
      namespace: 'fields',
      name: 'fields',
    });
    expect(live?.['data']).toEqual({ keep: '1' });
  });

  it('runs SyncFail hooks when a hook fails, and the retry succeeds', async () => {
    const fails = { annotations: { 'keelson.test/pod': 'fail' } };
    const repository = await keelson.gitServer.createRepository('failing', {
      'hook.yaml': yamlOf(hookJob('check', 'PreSync', {}, fails)),
      'app.yaml': yamlOf(configMap('app', { a: '1' }), hookJob('cleanup', 'SyncFail')),
    });
    await keelson.create(applicationOf({ name: 'failing', repoURL: repository.url, namespace: 'failing' }));
    const operationId = await keelson.request('failing', {
      retryStrategy: { limit: 10, backoff: { duration: '1s', factor: 1, maxDuration: '1s' }, refresh: true },
    });
    await expect
      .poll(async () => (await keelson.client.operations.get('failing', operationId)).message, {
        timeout: 30_000,
      })
      .toMatch(/batch\/Job failing\/check.*Retrying attempt #1/);
    await repository.commit({ 'hook.yaml': yamlOf(hookJob('check', 'PreSync')) });
    const ended = await keelson.ended('failing', operationId);

    expect(ended).toMatchObject({ phase: 'Succeeded' });
    expect(ended.attempt).toBeGreaterThan(1);
    const cleanup = await keelson.cluster.get('batch/v1', {
      group: 'batch',
      kind: 'Job',
      namespace: 'failing',
      name: 'cleanup',
    });
    expect(cleanup?.metadata.annotations?.['keelson.dev/step']).toContain(`${operationId}/1/`);
  });

  it('stops in the middle of a wave when it is terminated', async () => {
    const hangs = { annotations: { 'keelson.test/pod': 'hang' } };
    const repository = await keelson.gitServer.createRepository('hanging', {
      'app.yaml': yamlOf(hookJob('forever', 'PreSync', {}, hangs), configMap('never', { a: '1' })),
    });
    await keelson.create(applicationOf({ name: 'hanging', repoURL: repository.url, namespace: 'hanging' }));
    const operationId = await keelson.request('hanging');
    await expect
      .poll(async () => (await keelson.client.operations.get('hanging', operationId)).waits.at(-1)?.reason, {
        timeout: 30_000,
      })
      .toContain('waiting for completion of hook batch/Job/forever');
    await keelson.client.operations.terminate('hanging');
    const ended = await keelson.ended('hanging', operationId);

    expect(ended).toMatchObject({ phase: 'Failed', message: 'Operation terminated' });
    expect(stepNamed(ended, 'forever')).toMatchObject({ hookPhase: 'Failed', message: 'Terminated' });
    expect(stepNamed(ended, 'never')?.status).toBeUndefined();
    await expect
      .poll(() =>
        keelson.cluster.get('batch/v1', {
          group: 'batch',
          kind: 'Job',
          namespace: 'hanging',
          name: 'forever',
        }),
      )
      .toBeUndefined();
  });

  it('stops between two batches of a wave when it is terminated there', async () => {
    const repository = await keelson.gitServer.createRepository('half', {
      'app.yaml': yamlOf(configMap('written', { a: '1' }), deployment('unwritten')),
    });
    await keelson.create(
      applicationOf({
        name: 'half',
        repoURL: repository.url,
        namespace: 'default',
        syncPolicy: { syncOptions: [] },
      }),
    );
    const { arm, reached } = faultsIn(keelson);
    arm('batch-applied', 'pause');
    const operationId = await keelson.request('half');
    const release = await reached('batch-applied');
    await keelson.client.operations.terminate('half');
    await expect
      .poll(async () => (await keelson.client.operations.get('half', operationId)).phase)
      .toBe('Terminating');
    // What a run has proved it believes for half a second; after that it reads its row before the next batch.
    const askedAt = performance.now();
    await expect.poll(() => performance.now() - askedAt, { timeout: 5000 }).toBeGreaterThan(1000);
    release();
    const ended = await keelson.ended('half', operationId);

    expect(ended).toMatchObject({ phase: 'Failed', message: 'Operation terminated' });
    expect(stepNamed(ended, 'written')?.status).toBe('Synced');
    expect(stepNamed(ended, 'unwritten')?.status).toBeUndefined();
    const key = { group: 'apps', kind: 'Deployment', namespace: 'default', name: 'unwritten' };
    expect(await keelson.cluster.get('apps/v1', key)).toBeUndefined();
  });

  it('creates hooks anew with each sync, and deletes those whose policy says so once it succeeded', async () => {
    const policy = { 'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded' };
    const repository = await keelson.gitServer.createRepository('policies', {
      'app.yaml': yamlOf(hookJob('kept', 'PreSync'), hookJob('removed', 'PostSync', policy)),
    });
    await keelson.create(applicationOf({ name: 'policies', repoURL: repository.url, namespace: 'policies' }));
    const jobOf = (name: string) =>
      keelson.cluster.get('batch/v1', { group: 'batch', kind: 'Job', namespace: 'policies', name });
    const first = await keelson.sync('policies');
    const kept = await jobOf('kept');
    expect(stepNamed(first, 'removed')).toMatchObject({ hookPhase: 'Succeeded' });
    await expect.poll(() => jobOf('removed')).toBeUndefined();
    expect(kept?.metadata.finalizers ?? []).not.toContain('keelson.dev/hook-result');

    expect(await keelson.sync('policies')).toMatchObject({ phase: 'Succeeded', historyId: 1 });
    const again = await jobOf('kept');
    expect(again?.metadata.uid).not.toBe(kept?.metadata.uid);
  });
});
