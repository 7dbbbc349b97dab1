import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { applyObject } from '../../../cluster/apply/apply-object.ts';
import { compareObject, contextFault, isProvenEqual } from '../../../cluster/compare/compare-object.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import type { IgnoreDifference } from '../../../core/application/spec/sync-policy.ts';
import { type CompareContext, compareContext } from '../../../core/diff/context.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { encodeSecret } from '../../../core/object/manifest/secret.ts';
import { defaultSettings, type Settings } from '../../../core/settings/settings.ts';
import type { LocalCluster } from '../../../local/kubernetes/cluster.ts';
import { pollUntil } from '../../../local/poll.ts';
import { createJq } from '../../../platform/jq/jq.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { type AdmissionWebhook, startAdmissionWebhook } from '../../support/servers/admission-webhook.ts';

const namespace = 'cases';
const hooked = 'hooked';

let local: LocalCluster;
let client: ClusterClient;
let webhook: AdmissionWebhook;
const jq = createJq();

beforeAll(async () => {
  local = await testPlatform().startCluster({ controllers: false });
  client = createClusterClient(credentialsFromKubeconfig(readFileSync(local.kubeconfigPath, 'utf8')));
  for (const name of [namespace, hooked]) {
    await client.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
});

afterAll(async () => {
  await webhook?.close();
  await jq.close();
  await client?.close();
  await local?.stop();
});

type Rules = {
  readonly ignoreDifferences?: IgnoreDifference[];
  readonly annotations?: Record<string, string>;
  readonly settings?: Partial<Settings>;
};

function contextOf({ ignoreDifferences = [], annotations = {}, settings = {} }: Rules = {}): CompareContext {
  const application = { annotations, spec: { ignoreDifferences } };
  return compareContext({ ...defaultSettings, ...settings }, application, 'app');
}

async function liveOf(manifest: Manifest): Promise<Manifest> {
  const live = await client.get(manifest.apiVersion, keyOf(manifest));
  if (live === undefined) throw new Error(`${manifest.kind} ${manifest.metadata.name} is not there`);
  return live;
}

async function compare(desired: Manifest, rules: Rules = {}) {
  return compareObject({ client, jq }, desired, await liveOf(desired), contextOf(rules));
}

const sync = (manifest: Manifest) =>
  applyObject(client, manifest, { strategy: 'server-side', validate: true, force: false });

function objectOf(kind: string, apiVersion: string, name: string, content: object): Manifest {
  return { apiVersion, kind, metadata: { name, namespace }, ...content };
}

function deployment(name: string, spec: object = {}, container: object = {}): Manifest {
  return objectOf('Deployment', 'apps/v1', name, {
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'a:1', ...container }] },
      },
      ...spec,
    },
  });
}

const configMap = (name: string, data: Record<string, string>, more: object = {}): Manifest =>
  objectOf('ConfigMap', 'v1', name, { data, ...more });

describe('cluster/compare-object against an API server', () => {
  it('proves an object with defaulted fields equal without a request', async () => {
    const desired = deployment('defaulted', {}, { ports: [{ containerPort: 80 }] });
    await sync(desired);
    expect(isProvenEqual(desired, await liveOf(desired), contextOf())).toBe(true);
    expect((await compare(desired)).changed).toBe(false);
    expect((await compare(deployment('defaulted', { replicas: 1 }))).changed).toBe(true);
  });

  it('takes quantities that are written in another way for equal', async () => {
    const desired = deployment(
      'quantities',
      {},
      { resources: { limits: { cpu: '1000m', memory: '1024Mi' } } },
    );
    await sync(desired);
    expect(isProvenEqual(desired, await liveOf(desired), contextOf())).toBe(true);
    const other = deployment('quantities', {}, { resources: { limits: { cpu: '1001m', memory: '1024Mi' } } });
    expect((await compare(other)).changed).toBe(true);
  });

  it('finds a field that was removed from the manifest, and one that was changed in the cluster', async () => {
    await sync(configMap('removed', { a: '1', b: '2' }));
    expect((await compare(configMap('removed', { a: '1' }))).changed).toBe(true);
    const desired = configMap('removed', { a: '1', b: '2' });
    await client.patch('v1', keyOf(desired), { data: { b: 'x' } }, 'merge', { fieldManager: 'kubectl-edit' });
    expect((await compare(desired)).changed).toBe(true);
    await client.patch('v1', keyOf(desired), { data: { b: '2', own: 'x' } }, 'merge', {
      fieldManager: 'someone',
    });
    expect((await compare(desired)).changed).toBe(false);
  });

  it('finds what a kubectl-applied object has to lose, and nothing in what defaults fill in', async () => {
    const before = deployment('kubectl', { revisionHistoryLimit: 3 }, { command: ['run'] });
    const copy = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(before) };
    await client.create(
      { ...before, metadata: { ...before.metadata, annotations: copy } },
      { fieldManager: 'kubectl-client-side-apply' },
    );
    expect((await compare(deployment('kubectl', {}, { command: ['run'] }))).changed).toBe(true);
    expect((await compare(deployment('kubectl', { revisionHistoryLimit: 3 }))).changed).toBe(true);
    const same = deployment('kubectl', { revisionHistoryLimit: 3 }, { command: ['run'] });
    expect((await compare(same)).changed).toBe(false);
    const withCopy = { ...same, metadata: { ...same.metadata, annotations: copy } };
    expect((await compare(withCopy)).changed).toBe(false);
  });

  it('finds what an object applied by argocd-controller has to lose', async () => {
    const two = (extra: object[]): Manifest =>
      deployment('argo', {
        template: {
          metadata: { labels: { app: 'argo' } },
          spec: { containers: [{ name: 'main', image: 'a:1' }, ...extra] },
        },
      });
    await client.applyServerSide(two([{ name: 'sidecar', image: 'b:1' }]), {
      fieldManager: 'argocd-controller',
    });
    expect((await compare(two([]))).changed).toBe(true);
    expect((await compare(two([{ name: 'sidecar', image: 'b:1' }]))).changed).toBe(false);
    await sync(two([]));
    expect((await compare(two([]))).changed).toBe(false);
    expect((await liveOf(two([])))['spec']).toMatchObject({
      template: { spec: { containers: [{ name: 'main' }] } },
    });
  });

  it('finds a value that left the stringData of a Secret', async () => {
    const secret = (values: Record<string, string>): Manifest =>
      encodeSecret(objectOf('Secret', 'v1', 'coded', { stringData: values }));
    await sync(secret({ a: '1', b: 'ü' }));
    expect(isProvenEqual(secret({ a: '1', b: 'ü' }), await liveOf(secret({})), contextOf())).toBe(true);
    expect((await compare(secret({ a: '1' }))).changed).toBe(true);
    expect((await compare(secret({ a: '1', b: 'u' }))).changed).toBe(true);
  });

  it('tells lists that are merged by key from lists that are one value', async () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ];
    const desired = (variables: object[], args: string[]): Manifest =>
      deployment('lists', {}, { env: variables, args });
    await sync(desired(env, ['x', 'y']));
    expect(isProvenEqual(desired(env, ['x', 'y']), await liveOf(desired([], [])), contextOf())).toBe(true);
    expect((await compare(desired(env, ['y', 'x']))).changed).toBe(true);
    const reversed = desired(env.toReversed(), ['x', 'y']);
    const predicted = await client.applyServerSide(reversed, { dryRun: true });
    const live = await liveOf(reversed);
    // Whatever the API server makes of another order, the verdict is the same.
    expect((await compare(reversed)).changed).toBe(
      JSON.stringify(predicted['spec']) !== JSON.stringify(live['spec']),
    );
  });

  it('ignores replicas that an autoscaler set, by pointer, by jq and by manager', async () => {
    const desired = deployment('scaled', { replicas: 2 });
    await sync(desired);
    const scale = { spec: { replicas: 5 } };
    await client.patch('apps/v1', keyOf(desired), scale, 'merge', {
      subresource: 'scale',
      fieldManager: 'autoscaler',
    });
    const rule = { group: 'apps', kind: 'Deployment' };
    const pointer = [{ ...rule, jsonPointers: ['/spec/replicas'] }];
    expect((await compare(desired)).changed).toBe(true);
    expect((await compare(desired, { ignoreDifferences: pointer })).changed).toBe(false);
    expect(
      (await compare(desired, { ignoreDifferences: [{ ...rule, jqPathExpressions: ['.spec.replicas'] }] }))
        .changed,
    ).toBe(false);
    const managed = { ...rule, managedFieldsManagers: ['autoscaler'] };
    expect((await compare(desired, { ignoreDifferences: [managed] })).changed).toBe(false);
    expect((await compare(desired, { ignoreDifferences: [{ ...managed, name: 'other' }] })).changed).toBe(
      true,
    );
    const overrides = [
      { group: '*', kind: '*', ignoreDifferences: { managedFieldsManagers: ['autoscaler'] } },
    ];
    expect((await compare(desired, { settings: { overrides } })).changed).toBe(false);
    const shown = await compare(desired, { ignoreDifferences: pointer });
    expect(
      [shown.live, shown.predicted].map(
        (side) => (side['spec'] as object) && 'replicas' in (side['spec'] as object),
      ),
    ).toEqual([false, false]);
  });

  it('names the rule and the expression that jq cannot run', async () => {
    const context = contextOf({ ignoreDifferences: [{ kind: 'X', jqPathExpressions: ['.a', '.b['] }] });
    expect(await contextFault(jq, context)).toMatch(/^spec\.ignoreDifferences\[0\].*"\.b\[".*syntax error/);
    expect(await contextFault(jq, contextOf())).toBeUndefined();
  });

  it('leaves out what a webhook adds unless that is asked for', async () => {
    webhook = await startAdmissionWebhook((object) => [
      {
        op: object.metadata.annotations === undefined ? 'add' : 'replace',
        path: '/metadata/annotations',
        value: { ...object.metadata.annotations, 'webhook.test/seen': 'yes' },
      },
    ]);
    const desired: Manifest = {
      ...configMap('mutated', { a: '1' }),
      metadata: { name: 'mutated', namespace: hooked },
    };
    await sync(desired);
    await client.create(
      webhook.configuration({ name: 'adds', resources: ['configmaps'], namespaceLabel: hooked }),
    );
    const included = { annotations: { 'argocd.argoproj.io/compare-options': 'IncludeMutationWebhook=true' } };
    await pollUntil('webhook', 20, async () => (await compare(desired, included)).changed);
    const changed = { ...desired, data: { a: '2' } };
    const shown = await compare(changed);
    expect(shown.changed).toBe(true);
    expect(shown.predicted.metadata.annotations).toBeUndefined();
    expect((await compare(desired)).changed).toBe(false);
  });

  it('judges by itself, and says why, where the API server refuses the dry run', async () => {
    const desired: Manifest = {
      ...configMap('side', { a: '1' }),
      metadata: { name: 'side', namespace },
    };
    await sync(desired);
    const changed = { ...desired, data: { a: '2' } };
    const refusing = {
      get: client.get,
      patch: client.patch,
      discover: client.discover,
      applyServerSide: () =>
        client.applyServerSide(
          { ...changed, metadata: { ...changed.metadata, namespace: 'nowhere' } },
          { dryRun: true },
        ),
    };
    const live = await liveOf(desired);
    const verdict = await compareObject({ client: refusing, jq }, changed, live, contextOf());
    expect(verdict).toMatchObject({ changed: true, predicted: { data: { a: '2' } } });
    expect(verdict.reason).toContain('namespace');
    // Without our entry nothing is proven, so that the fallback is what judges.
    const other = await liveOf(desired);
    const unowned = { ...other, metadata: { ...other.metadata, managedFields: [] } };
    expect((await compareObject({ client: refusing, jq }, desired, unowned, contextOf())).changed).toBe(
      false,
    );
  });

  it('compares custom resources and a manifest in another version than the live object', async () => {
    await client.applyServerSide({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.keelson.test' },
      spec: {
        group: 'keelson.test',
        scope: 'Namespaced',
        names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: {
                    type: 'object',
                    'x-kubernetes-preserve-unknown-fields': true,
                    properties: { size: { type: 'integer', default: 3 } },
                  },
                },
              },
            },
          },
        ],
      },
    });
    const widget = (spec: object): Manifest => objectOf('Widget', 'keelson.test/v1', 'one', { spec });
    await pollUntil('kind Widget', 20, async () => {
      await client.discover({ refresh: true });
      return await client.applyServerSide(widget({ free: { a: [1, 2] } })).then(
        () => true,
        () => false,
      );
    });
    const desired = widget({ free: { a: [1, 2] } });
    expect(isProvenEqual(desired, await liveOf(desired), contextOf())).toBe(true);
    expect((await compare(widget({ free: { a: [2, 1] } }))).changed).toBe(true);
    expect((await compare(widget({ size: 3 }))).changed).toBe(true);

    const scaler = (apiVersion: string, spec: object): Manifest =>
      objectOf('HorizontalPodAutoscaler', apiVersion, 'old', {
        spec: {
          maxReplicas: 3,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' },
          ...spec,
        },
      });
    const old = scaler('autoscaling/v1', { targetCPUUtilizationPercentage: 80 });
    await sync(old);
    const live = await client.get('autoscaling/v2', keyOf(old));
    if (live === undefined) throw new Error('the autoscaler is not there');
    expect((await compareObject({ client, jq }, old, live, contextOf())).changed).toBe(false);
    const other = scaler('autoscaling/v1', { targetCPUUtilizationPercentage: 70 });
    expect((await compareObject({ client, jq }, other, live, contextOf())).changed).toBe(true);
  });

  it('compares without the API server where the application asks for that', async () => {
    const desired = configMap('local', { a: '1' });
    await sync(desired);
    const annotations = { 'argocd.argoproj.io/compare-options': 'ServerSideDiff=false' };
    const refusing = {
      get: client.get,
      patch: client.patch,
      discover: client.discover,
      applyServerSide: () => Promise.reject(new Error('asked')),
    };
    const live = await liveOf(desired);
    const context = contextOf({ annotations });
    expect(
      (await compareObject({ client: refusing, jq }, configMap('local', {}), live, context)).changed,
    ).toBe(true);
    expect(
      (await compareObject({ client: refusing, jq }, configMap('local', { a: '2' }), live, context)).changed,
    ).toBe(true);
  });
});
