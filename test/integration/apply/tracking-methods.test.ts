import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Condition, ResourceStatus } from '../../../core/application/status.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { isApproved } from '../../../core/sync/walk/approval.ts';
import { connectDatabase } from '../../../db/client.ts';
import { changeSettingsWords } from '../../../db/queries/installation/settings-words.ts';
import { pollUntil } from '../../../local/poll.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import { applicationOf, configMap, deployment, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

const trackingId = 'argocd.argoproj.io/tracking-id';
const label = 'app.kubernetes.io/instance';

let keelson: TestKeelson;
let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  keelson = await startKeelsonOn(facts);
});

afterAll(async () => {
  await keelson?.stop();
  await facts?.drop();
});

/** Puts other settings in force, as an administrator does. */
async function setSettings(words: Record<string, string>): Promise<void> {
  const database = connectDatabase(facts.databaseUrl, { onError: () => {} });
  try {
    await database.db.transaction((tx) =>
      changeSettingsWords(tx, createKeyring(keelson.encryptionKey), () => ({ 'argocd-cm': words })),
    );
  } finally {
    await database.close();
  }
}

async function live(namespace: string, name: string): Promise<Manifest | undefined> {
  return keelson.cluster.get('v1', { group: '', kind: 'ConfigMap', namespace, name });
}

/** The status after a comparison that is asked for now. */
async function compared(name: string) {
  const { status } = await keelson.client.applications.get(name, { refresh: 'normal' });
  return {
    sync: status?.sync?.status,
    resources: status?.resources ?? [],
    conditions: status?.conditions ?? [],
  };
}

/** What the page of differences marks as different. */
async function modified(name: string): Promise<string[]> {
  const shown = await keelson.client.applications.managedResources(name);
  return shown.flatMap((one) => (one.modified ? [one.name] : []));
}

function resource(resources: readonly ResourceStatus[], name: string): ResourceStatus | undefined {
  return resources.find((one) => one.name === name);
}

function messages(conditions: readonly Condition[], type: string): string[] {
  return conditions.filter((condition) => condition.type === type).map(({ message }) => message);
}

/** Compares until the tracking method is in force: sessions take new settings within a moment. */
async function settled(name: string, check: (metadata: Manifest['metadata'] | undefined) => boolean) {
  await pollUntil(`marks of ${name}`, 30, async () => check((await live(name, 'a'))?.metadata));
}

describe('tracking', () => {
  it('changes between methods without anything out of sync, lost or pruned, and still prunes', async () => {
    const repository = await keelson.gitServer.createRepository('track', {
      'a.yaml': yamlOf(configMap('a', { a: '1' })),
      'b.yaml': yamlOf(configMap('b', { b: '1' })),
      'c.yaml': yamlOf(configMap('c', { c: '1' })),
      'web.yaml': yamlOf(deployment('web')),
    });
    await keelson.create(applicationOf({ name: 'track', repoURL: repository.url, namespace: 'track' }));
    expect((await keelson.sync('track')).phase).toBe('Succeeded');
    expect((await live('track', 'a'))?.metadata.annotations?.[trackingId]).toBe('track:/ConfigMap:track/a');

    await setSettings({ 'application.resourceTrackingMethod': 'label' });
    expect((await compared('track')).sync).toBe('Synced');
    expect(await modified('track')).toEqual([]);
    await repository.commit({ 'b.yaml': null });
    const byLabel = await keelson.sync('track', { prune: true });
    expect(byLabel.steps.filter((step) => step.action === 'prune').map(({ key }) => key.name)).toEqual(['b']);
    await settled('track', (found) => found?.labels?.[label] === 'track');
    expect((await live('track', 'a'))?.metadata.annotations ?? {}).not.toHaveProperty([trackingId]);
    expect(await compared('track')).toMatchObject({ sync: 'Synced' });

    // Made by somebody else with the label that a chart would write.
    await keelson.cluster.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'release', namespace: 'track', labels: { other: 'x' } },
    });
    await setSettings({ 'application.resourceTrackingMethod': 'annotation' });
    expect((await compared('track')).sync).toBe('Synced');
    expect(await modified('track')).toEqual([]);
    await keelson.cluster.patch(
      'v1',
      { group: '', kind: 'ConfigMap', namespace: 'track', name: 'release' },
      { metadata: { labels: { [label]: 'track' } } },
      'merge',
    );
    await repository.commit({ 'c.yaml': null });
    await pollUntil('c requires pruning', 30, async () => {
      const { resources } = await compared('track');
      return resource(resources, 'c')?.requiresPruning === true;
    });
    expect(resource((await compared('track')).resources, 'release')).toBeUndefined();
    const byAnnotation = await keelson.sync('track', { prune: true });
    const pruned = byAnnotation.steps.filter((step) => step.action === 'prune');
    expect(pruned.map(({ key, status }) => [key.name, status])).toEqual([['c', 'Pruned']]);
    await settled('track', (found) => found?.annotations?.[trackingId] !== undefined);
    expect((await live('track', 'a'))?.metadata.labels ?? {}).not.toHaveProperty([label]);
    expect(await live('track', 'release')).toBeDefined();
    await keelson.healthy('track');

    await setSettings({ 'application.resourceTrackingMethod': 'annotation+label' });
    expect((await compared('track')).sync).toBe('Synced');
    await keelson.sync('track');
    await settled('track', (found) => found?.labels?.[label] === 'track');
    await setSettings({});
    expect((await compared('track')).sync).toBe('Synced');
  });

  it('gives a shared object to whoever synced last, and only its owner prunes it', async () => {
    await setSettings({});
    const shared = yamlOf(configMap('shared', { a: '1' }));
    const one = await keelson.gitServer.createRepository('one', {
      's.yaml': shared,
      'a.yaml': yamlOf(configMap('a', {})),
    });
    const two = await keelson.gitServer.createRepository('two', { 's.yaml': shared });
    await keelson.create(applicationOf({ name: 'one', repoURL: one.url, namespace: 'shared' }));
    await keelson.create(
      applicationOf({
        name: 'two',
        repoURL: two.url,
        namespace: 'shared',
        syncPolicy: { syncOptions: ['CreateNamespace=true', 'FailOnSharedResource=true'] },
      }),
    );
    expect((await keelson.sync('one')).phase).toBe('Succeeded');

    const warning = 'ConfigMap/shared is part of applications argocd/two and one';
    const { conditions } = await compared('two');
    expect(messages(conditions, 'SharedResourceWarning')).toEqual([warning]);
    const refused = await keelson.sync('two');
    expect(refused).toMatchObject({ phase: 'Failed', message: `Shared resource found: ${warning}` });
    expect(refused.steps).toMatchObject([{ key: { name: 'shared' }, status: 'SyncFailed' }]);
    const again = (await compared('two')).conditions;
    expect(again.map((condition) => condition.lastTransitionTime)).toEqual(
      conditions.map((condition) => condition.lastTransitionTime),
    );

    expect((await keelson.sync('two', { syncOptions: { items: ['Validate=true'] } })).phase).toBe(
      'Succeeded',
    );
    expect(messages((await compared('one')).conditions, 'SharedResourceWarning')).toEqual([
      'ConfigMap/shared is part of applications argocd/one and two',
    ]);
    // Both are told, the one that has it too.
    expect(messages((await compared('two')).conditions, 'SharedResourceWarning')).toEqual([
      'ConfigMap/shared is part of applications argocd/two and one',
    ]);
    await one.commit({ 's.yaml': null });
    const ended = await keelson.sync('one', { prune: true });
    expect(ended.steps.filter((step) => step.action === 'prune')).toEqual([]);
    expect(await live('shared', 'shared')).toBeDefined();
  });

  it('lists a copy of a tracked object without a verdict and never prunes it', async () => {
    const repository = await keelson.gitServer.createRepository('copied', {
      'a.yaml': yamlOf(configMap('a', { a: '1' })),
    });
    await keelson.create(applicationOf({ name: 'copied', repoURL: repository.url, namespace: 'copied' }));
    await keelson.sync('copied');
    const source = (await live('copied', 'a'))?.metadata.annotations ?? {};
    await keelson.cluster.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'copy', namespace: 'copied', annotations: source },
    });
    await pollUntil('the copy is listed', 20, async () => {
      return resource((await compared('copied')).resources, 'copy') !== undefined;
    });
    const { sync, resources } = await compared('copied');
    expect(sync).toBe('Synced');
    expect(resource(resources, 'copy')).not.toHaveProperty('status');
    expect((await keelson.sync('copied', { prune: true })).phase).toBe('Succeeded');
    expect(await live('copied', 'copy')).toBeDefined();
  });
});

describe('planning', () => {
  it('tells what is odd about desired objects as conditions, and compares other versions and unwatched kinds', async () => {
    const hook = 'argocd.argoproj.io/hook';
    const repository = await keelson.gitServer.createRepository('odd', {
      'odd.yaml': yamlOf(
        configMap('typo', {}, { [hook]: 'Presync' }),
        configMap('wave', {}, { 'argocd.argoproj.io/sync-wave': 'first' }),
        configMap('twice', { a: '1' }),
        configMap('twice', { a: '2' }),
        { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'lease' }, spec: {} },
        { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'outside' } },
        {
          apiVersion: 'autoscaling/v1',
          kind: 'HorizontalPodAutoscaler',
          metadata: { name: 'scale' },
          spec: {
            maxReplicas: 3,
            minReplicas: 1,
            targetCPUUtilizationPercentage: 50,
            scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' },
          },
        },
      ),
    });
    await keelson.create(applicationOf({ name: 'odd', repoURL: repository.url, namespace: 'odd' }));
    const { phase, steps } = await keelson.sync('odd');
    expect(phase).toBe('Succeeded');
    expect(steps.map(({ key }) => key.name).sort()).toEqual(['odd', 'outside', 'scale', 'twice', 'wave']);
    expect((await live('odd', 'twice'))?.['data']).toEqual({ a: '2' });

    const { sync, resources, conditions } = await compared('odd');
    expect(resources.map(({ name, status }) => [name, status])).toEqual(
      expect.arrayContaining([
        ['outside', 'Synced'],
        ['scale', 'Synced'],
        ['twice', 'Synced'],
      ]),
    );
    expect(sync).toBe('Synced');
    expect(conditions.map(({ type }) => type)).toEqual([
      'ExcludedResourceWarning',
      'HookWarning',
      'RepeatedResourceWarning',
      'SyncWaveWarning',
    ]);
    expect(conditions[0]?.message).toBe(
      'Resource coordination.k8s.io/Lease lease is excluded in the settings',
    );
    expect(conditions[1]?.message).toContain('ConfigMap odd/typo: hook "Presync" is not known');

    await repository.commit({ 'odd.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {\n' });
    await pollUntil('the render error is shown', 30, async () => {
      const broken = await compared('odd');
      const [message = ''] = messages(broken.conditions, 'ComparisonError');
      return broken.sync === 'Unknown' && message.startsWith('Failed to load target state: ');
    });
    const broken = await compared('odd');
    expect(new Set(broken.resources.map(({ status }) => status))).toEqual(new Set(['Unknown']));
    expect(
      broken.conditions.find(({ type }) => type === 'ComparisonError')?.lastTransitionTime,
    ).toBeDefined();
  });

  it('plans a deletion that has to be confirmed, and deletes nothing before', async () => {
    const confirm = { 'argocd.argoproj.io/sync-options': 'Prune=confirm' };
    const repository = await keelson.gitServer.createRepository('confirm', {
      'a.yaml': yamlOf(configMap('a', { a: '1' })),
      'b.yaml': yamlOf(configMap('careful', { b: '1' }, confirm)),
    });
    await keelson.create(applicationOf({ name: 'confirm', repoURL: repository.url, namespace: 'confirm' }));
    await keelson.sync('confirm');
    await repository.commit({ 'b.yaml': null, 'a.yaml': yamlOf(configMap('a', { a: '2' })) });
    const { resources } = await compared('confirm');
    expect(resource(resources, 'careful')).toMatchObject({
      requiresPruning: true,
      requiresDeletionConfirmation: true,
    });
    expect(resource(resources, 'a')).not.toHaveProperty('requiresDeletionConfirmation');

    const id = await keelson.request('confirm', { prune: true });
    await pollUntil('the plan is made', 30, async () => {
      const { groups } = await keelson.client.operations.get('confirm', id);
      return groups.length > 0;
    });
    const { groups, steps } = await keelson.client.operations.get('confirm', id);
    expect(groups).toMatchObject([{ phase: 'Sync', approval: [0] }]);
    expect(steps[0]).toMatchObject({ action: 'prune', key: { name: 'careful' } });
    expect(await live('confirm', 'careful')).toBeDefined();
    expect((await live('confirm', 'a'))?.['data']).toEqual({ a: '1' });

    await keelson.client.applications.confirmDeletion('confirm');
    const { metadata } = await keelson.client.applications.get('confirm');
    const { startedAt } = await keelson.ended('confirm', id);
    const approval = metadata.annotations?.['argocd.argoproj.io/deletion-approved'];
    expect(isApproved(approval, new Date(startedAt ?? Number.NaN))).toBe(true);
  });
});
