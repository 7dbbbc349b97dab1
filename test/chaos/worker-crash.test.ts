import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import {
  applicationOf,
  configMap,
  deployment,
  hookJob,
  wave,
  yamlOf,
} from '../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../support/keelson/start-keelson.ts';
import { type ArmedFaults, faultsIn } from '../support/process/faults.ts';

let keelson: TestKeelson;
let arm: ArmedFaults['arm'];
let reached: ArmedFaults['reached'];

beforeAll(async () => {
  keelson = await startKeelson();
  ({ arm, reached } = faultsIn(keelson));
});

afterAll(async () => {
  await keelson?.stop();
});

const jobKey = (namespace: string, name: string) => ({ group: 'batch', kind: 'Job', namespace, name });

async function liveJob(namespace: string, name: string): Promise<Manifest | undefined> {
  return keelson.cluster.get('batch/v1', jobKey(namespace, name));
}

describe('a worker that is killed with SIGKILL', () => {
  it('between creating a hook and recording it: the hook is adopted and runs once', async () => {
    const repository = await keelson.gitServer.createRepository('crash-hook', {
      'app.yaml': yamlOf(hookJob('migrate', 'PreSync'), configMap('app', { a: '1' })),
    });
    await keelson.create(
      applicationOf({ name: 'crash-hook', repoURL: repository.url, namespace: 'crash-hook' }),
    );
    arm('hook-created', 'pause');
    const operationId = await keelson.request('crash-hook');
    const release = await reached('hook-created');
    const created = await liveJob('crash-hook', 'migrate');
    const before = await keelson.client.operations.get('crash-hook', operationId);
    expect(before.steps.find((step) => step.key.name === 'migrate')?.status).toBeUndefined();

    process.kill(keelson.pids().worker, 'SIGKILL');
    release();
    const ended = await keelson.ended('crash-hook', operationId);

    expect(ended).toMatchObject({ phase: 'Succeeded', attempt: 1 });
    const after = await liveJob('crash-hook', 'migrate');
    expect(after?.metadata.uid).toBe(created?.metadata.uid);
    const step = ended.steps.find(({ key }) => key.name === 'migrate');
    expect(after?.metadata.annotations?.['keelson.dev/step']).toBe(`${operationId}/1/${step?.step}`);
    expect(step?.hookPhase).toBe('Succeeded');
  });

  it('in the middle of a wave: no finished step is applied again, the rest is applied', async () => {
    const repository = await keelson.gitServer.createRepository('crash-wave', {
      'app.yaml': yamlOf(configMap('early', { value: 'from-git' }), deployment('late')),
    });
    await keelson.create(
      applicationOf({ name: 'crash-wave', repoURL: repository.url, namespace: 'crash-wave' }),
    );
    arm('batch-applied', 'pause');
    const first = await keelson.request('crash-wave');
    // The namespace is the first batch; the ConfigMap is the second and the Deployment the third.
    const releaseNamespace = await reached('batch-applied');
    arm('batch-applied', 'pause');
    releaseNamespace();
    await expect
      .poll(async () => {
        const { steps } = await keelson.client.operations.get('crash-wave', first);
        return steps.find((step) => step.key.name === 'early')?.status;
      })
      .toBe('Synced');
    const release = await reached('batch-applied');
    // Whatever applied the finished step again would put this value back.
    const key = { group: '', kind: 'ConfigMap', namespace: 'crash-wave', name: 'early' };
    await keelson.cluster.patch('v1', key, { data: { value: 'changed-by-hand' } }, 'merge');
    process.kill(keelson.pids().worker, 'SIGKILL');
    release();
    const ended = await keelson.ended('crash-wave', first);

    expect(ended).toMatchObject({ phase: 'Succeeded', attempt: 1 });
    expect((await keelson.cluster.get('v1', key))?.['data']).toEqual({ value: 'changed-by-hand' });
    expect(ended.steps.map((step) => step.status)).toEqual(ended.steps.map(() => 'Synced'));
  });

  it('while a hook is waited for: the hook is not created again and the sync goes on', async () => {
    const repository = await keelson.gitServer.createRepository('crash-wait', {
      'app.yaml': yamlOf(
        hookJob('migrate', 'PreSync'),
        deployment('app'),
        configMap('last', { a: '1' }, wave(1)),
      ),
    });
    await keelson.create(
      applicationOf({ name: 'crash-wait', repoURL: repository.url, namespace: 'crash-wait' }),
    );
    arm('wave-settling', 'pause');
    const operationId = await keelson.request('crash-wait');
    const release = await reached('wave-settling');
    const created = await liveJob('crash-wait', 'migrate');
    process.kill(keelson.pids().worker, 'SIGKILL');
    release();
    const ended = await keelson.ended('crash-wait', operationId);

    expect(ended).toMatchObject({ phase: 'Succeeded', attempt: 1 });
    expect((await liveJob('crash-wait', 'migrate'))?.metadata.uid).toBe(created?.metadata.uid);
  });

  it('before it records the end: the sync ends once, in history once', async () => {
    const repository = await keelson.gitServer.createRepository('crash-end', {
      'app.yaml': yamlOf(configMap('app', { a: '1' })),
    });
    await keelson.create(
      applicationOf({ name: 'crash-end', repoURL: repository.url, namespace: 'crash-end' }),
    );
    arm('attempt-finishing', 'kill');
    const ended = await keelson.sync('crash-end');
    expect(ended).toMatchObject({ phase: 'Succeeded', attempt: 1, historyId: 0 });
    expect((await keelson.client.applications.get('crash-end')).status?.history).toHaveLength(1);
  });
});
