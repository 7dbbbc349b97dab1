import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf, configMap, wave, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';

let keelson: TestKeelson;

beforeAll(async () => {
  keelson = await startKeelson();
});

afterAll(async () => {
  await keelson?.stop();
});

const source = { repoURL: 'https://git.example.com/child.git', path: 'web', targetRevision: 'main' };

function child(name: string, syncPolicy: object): Manifest {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, annotations: wave(0) },
    spec: {
      project: 'default',
      source,
      destination: { server: 'https://kubernetes.default.svc', namespace: name },
      syncPolicy,
    },
  };
}

/** A parent of children, and of a ConfigMap in the wave behind theirs. */
async function parent(name: string, children: readonly Manifest[], annotations = {}): Promise<void> {
  const repository = await keelson.gitServer.createRepository(name, {
    'apps.yaml': yamlOf(...children, configMap('behind', { a: '1' }, wave(1))),
  });
  await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name, annotations }));
}

const keyOf = (namespace: string, name: string) => ({
  group: 'argoproj.io',
  kind: 'Application',
  namespace,
  name,
});

/** Writes what a controller of the child would: its status. */
async function observe(namespace: string, name: string, status: object): Promise<void> {
  const comparedTo = { source, destination: { server: 'https://kubernetes.default.svc', namespace: name } };
  const whole = {
    sync: { status: 'Synced', revision: 'abc', comparedTo },
    health: { status: 'Healthy' },
    ...status,
  };
  await keelson.cluster.patch('argoproj.io/v1alpha1', keyOf(namespace, name), { status: whole }, 'merge');
}

async function untilWaiting(name: string, operation: string, words: string): Promise<void> {
  await pollUntil(`${name} waits for ${words}`, 60, async () => {
    const { waits = [] } = await keelson.client.operations.get(name, operation);
    return waits.some(({ reason }) => reason.includes(words));
  });
}

const behind = (namespace: string) =>
  keelson.cluster.get('v1', { group: '', kind: 'ConfigMap', namespace, name: 'behind' });

describe('applications within an application', () => {
  it('hold the next wave up until those that are synced by themselves are well', async () => {
    const automated = { automated: { selfHeal: true } };
    await parent('aoa-waves', [child('aoa-waves-web', automated), child('aoa-waves-by-hand', {})]);
    const operation = await keelson.request('aoa-waves');
    await untilWaiting('aoa-waves', operation, 'argoproj.io/Application/aoa-waves-web');
    expect(await behind('aoa-waves')).toBeUndefined();
    await observe('aoa-waves', 'aoa-waves-web', { health: { status: 'Progressing' } });
    await observe('aoa-waves', 'aoa-waves-web', {});
    const ended = await keelson.ended('aoa-waves', operation);
    expect(ended).toMatchObject({ phase: 'Succeeded' });
    expect(await behind('aoa-waves')).toBeDefined();
    const byHand = ended.steps?.find(({ key }) => key.name === 'aoa-waves-by-hand');
    expect(byHand).toMatchObject({ status: 'Synced' });
  });

  it('stop it when one of them is Degraded', async () => {
    await parent('aoa-failed', [child('aoa-failed-web', { automated: {} })]);
    const operation = await keelson.request('aoa-failed');
    await untilWaiting('aoa-failed', operation, 'aoa-failed-web');
    await observe('aoa-failed', 'aoa-failed-web', {
      health: { status: 'Degraded', message: 'too few replicas' },
    });
    const ended = await keelson.ended('aoa-failed', operation);
    expect(ended).toMatchObject({ phase: 'Failed' });
    expect(ended.message).toContain('too few replicas');
    expect(await behind('aoa-failed')).toBeUndefined();
  });

  it('are all waited for where the parent asks for it', async () => {
    await parent('aoa-all', [child('aoa-all-by-hand', {})], { 'keelson.dev/sync-gate': 'all' });
    const operation = await keelson.request('aoa-all');
    await untilWaiting('aoa-all', operation, 'aoa-all-by-hand');
    await observe('aoa-all', 'aoa-all-by-hand', {});
    expect(await keelson.ended('aoa-all', operation)).toMatchObject({ phase: 'Succeeded' });
  });
});
