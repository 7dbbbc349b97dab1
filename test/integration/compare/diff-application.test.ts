import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Application } from '../../../core/application/spec/spec.ts';
import { applicationOf, configMap, deployment, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';

let keelson: TestKeelson;

beforeAll(async () => {
  keelson = await startKeelson();
});

afterAll(async () => {
  await keelson?.stop();
});

function withRules(application: Application, ignoreDifferences: object[]): Application {
  return { ...application, spec: { ...application.spec, ignoreDifferences } } as Application;
}

const replicasKey = (namespace: string) => ({ group: 'apps', kind: 'Deployment', namespace, name: 'web' });
const rule = { group: 'apps', kind: 'Deployment', jqPathExpressions: ['.spec.replicas'] };

async function statusOf(name: string): Promise<{ sync: string | undefined; conditions: string[] }> {
  const { status } = await keelson.client.applications.get(name);
  return {
    sync: status?.sync?.status,
    conditions: (status?.conditions ?? []).map(({ type, message }) => `${type}: ${message}`),
  };
}

describe('comparisons of one application', () => {
  it('ignores a field by rule, shows what was compared, and leaves the field alone in a sync', async () => {
    const repository = await keelson.gitServer.createRepository('ignored', {
      'app.yaml': yamlOf(deployment('web', 1), configMap('settings', { a: '1' })),
    });
    const plain = applicationOf({
      name: 'ignored',
      repoURL: repository.url,
      namespace: 'ignored',
      syncPolicy: { syncOptions: ['CreateNamespace=true', 'RespectIgnoreDifferences=true'] },
    });
    await keelson.create(withRules(plain, [rule]));
    await keelson.sync('ignored');
    await keelson.healthy('ignored');
    const scale = { spec: { replicas: 3 } };
    await keelson.cluster.patch('apps/v1', replicasKey('ignored'), scale, 'merge', {
      subresource: 'scale',
      fieldManager: 'autoscaler',
    });
    await repository.commit({ 'app.yaml': yamlOf(deployment('web', 1), configMap('settings', { a: '2' })) });
    await keelson.sync('ignored');
    const live = await keelson.cluster.get('apps/v1', replicasKey('ignored'));
    expect(live?.['spec']).toMatchObject({ replicas: 3 });
    await expect.poll(async () => (await statusOf('ignored')).sync, { timeout: 20_000 }).toBe('Synced');

    const shown = await keelson.client.applications.managedResources('ignored');
    const web = shown.find((resource) => resource.kind === 'Deployment');
    expect(web?.modified).toBe(false);
    for (const state of [web?.normalizedLiveState, web?.predictedLiveState]) {
      expect(JSON.parse(state ?? '').spec).not.toHaveProperty('replicas');
    }
    expect(JSON.parse(web?.liveState ?? '').spec).toHaveProperty('replicas', 3);
  });

  it('refuses a rule that jq cannot run, naming rule and expression', async () => {
    const repository = await keelson.gitServer.createRepository('broken', {
      'app.yaml': yamlOf(configMap('settings', { a: '1' })),
    });
    const broken = withRules(
      applicationOf({ name: 'broken', repoURL: repository.url, namespace: 'broken' }),
      [{ kind: 'ConfigMap', jqPathExpressions: ['.data['] }],
    );
    const created = keelson.client.applications.create(broken, { upsert: false, validate: true });
    await expect(created).rejects.toThrow(/spec\.ignoreDifferences\[0\].*\.data\[/);
  });

  it('does not count an extraneous object that says so', async () => {
    const extra = configMap(
      'extra',
      { a: '1' },
      { 'argocd.argoproj.io/compare-options': 'IgnoreExtraneous' },
    );
    const repository = await keelson.gitServer.createRepository('extra', {
      'a.yaml': yamlOf(configMap('stays', { a: '1' })),
      'b.yaml': yamlOf(extra),
    });
    await keelson.create(applicationOf({ name: 'extra', repoURL: repository.url, namespace: 'extra' }));
    await keelson.sync('extra');
    await repository.commit({ 'b.yaml': null });
    await keelson.sync('extra');
    await expect
      .poll(
        async () => {
          const { status } = await keelson.client.applications.get('extra');
          const left = status?.resources?.find(({ name }) => name === 'extra');
          return [status?.sync?.status, left?.status, left?.requiresPruning];
        },
        { timeout: 20_000 },
      )
      .toEqual(['Synced', 'OutOfSync', true]);
  });
});
