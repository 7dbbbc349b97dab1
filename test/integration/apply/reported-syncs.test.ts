import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueAt } from '../../../core/object/json/field.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { removeKind, serveKind } from '../../support/keelson/custom-kind.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

const group = 'reported.example.com';
const apiVersion = `${group}/v1`;
const definitionName = `rollouts.${group}`;
const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: definitionName },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind: 'Rollout', plural: 'rollouts' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: open } } },
      },
    ],
  },
};

let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let keelson: TestKeelson;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  keelson = await startKeelsonOn(facts);
  await serveKind(keelson.cluster, definition);
});

afterAll(async () => {
  if (keelson !== undefined) await removeKind(keelson.cluster, definition);
  await keelson?.stop();
  await facts?.drop();
});

type Deployed = {
  readonly commit: (...manifests: readonly Manifest[]) => Promise<unknown>;
  readonly synced: () => Promise<void>;
  readonly live: (kind: string, name: string, version?: string) => Promise<Manifest | undefined>;
  readonly edit: (manifest: Manifest, body: object, type?: 'merge' | 'json') => Promise<unknown>;
};

/** An application of these manifests in a namespace of its name, synced once. */
async function deploy(
  name: string,
  manifests: readonly Manifest[],
  {
    options = [],
    rules = [],
  }: { readonly options?: readonly string[]; readonly rules?: readonly Record<string, unknown>[] } = {},
): Promise<Deployed> {
  const namespace = name;
  const files = (list: readonly Manifest[]) => ({ 'a.yaml': yamlOf(...list) });
  const repository = await keelson.gitServer.createRepository(name, files(manifests));
  const syncPolicy = { syncOptions: ['CreateNamespace=true', ...options] };
  const plain = applicationOf({ name, repoURL: repository.url, namespace, syncPolicy });
  await keelson.create({
    ...plain,
    spec: { ...plain.spec, ignoreDifferences: rules.map((rule) => ({ kind: '', ...rule })) },
  });
  const synced = async (): Promise<void> => {
    expect(await keelson.sync(name)).toMatchObject({ phase: 'Succeeded' });
    await keelson.healthy(name);
  };
  const keyOf = (version: string, kind: string, object: string) => ({
    ...{ group: version.includes('/') ? (version.split('/')[0] ?? '') : '', kind, namespace, name: object },
  });
  await synced();
  return {
    commit: (...list) => repository.commit(files(list)),
    synced,
    live: (kind, object, version = 'v1') => keelson.cluster.get(version, keyOf(version, kind, object)),
    edit: (manifest, body, type = 'merge') =>
      keelson.cluster.patch(
        manifest.apiVersion,
        keyOf(manifest.apiVersion, manifest.kind, manifest.metadata.name ?? ''),
        body,
        type,
        { fieldManager: 'somebody' },
      ),
  };
}

const strategies = [
  ['server', []],
  ['client', ['ServerSideApply=false']],
] as const;

describe('syncs that others are reported to get wrong', () => {
  it.each(strategies)(
    'take a manifest that was exported with its managers: %s',
    async (strategy, options) => {
      const exported = (text: string): Manifest => ({
        ...configMap('exported', { key: text }),
        metadata: {
          name: 'exported',
          labels: { of: 'git' },
          managedFields: [
            {
              ...{ manager: 'kubectl', operation: 'Apply', apiVersion: 'v1', time: '2010-10-10T00:00:00Z' },
              fieldsType: 'FieldsV1',
              fieldsV1: { 'f:data': { 'f:key': {} } },
            },
          ],
          creationTimestamp: '2010-10-10T00:00:00Z',
          generation: 7,
        },
      });
      const application = await deploy(`reported-exported-${strategy}`, [exported('a')], { options });
      await application.commit(exported('b'));
      await application.synced();
      const live = await application.live('ConfigMap', 'exported');
      expect(live).toMatchObject({ data: { key: 'b' }, metadata: { labels: { of: 'git' } } });
    },
  );

  it.each(strategies)('turn a Service into a name of elsewhere, and back: %s', async (strategy, options) => {
    const service = (spec: object): Manifest => ({
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'one' }, spec },
    });
    const inside = service({ type: 'ClusterIP', internalTrafficPolicy: 'Cluster', ports: [{ port: 80 }] });
    const elsewhere = service({ type: 'ExternalName', externalName: 'db.example.com' });
    const application = await deploy(`reported-external-${strategy}`, [inside], { options });
    await application.commit(elsewhere);
    await application.synced();
    const live = await application.live('Service', 'one');
    expect(live?.['spec']).toMatchObject({ type: 'ExternalName', externalName: 'db.example.com' });
    expect(valueAt(live, 'spec', 'clusterIP')).toBeUndefined();
    expect(valueAt(live, 'spec', 'internalTrafficPolicy')).toBeUndefined();
    await application.commit(inside);
    await application.synced();
    expect((await application.live('Service', 'one'))?.['spec']).toMatchObject({ type: 'ClusterIP' });
  });

  it.each(strategies)(
    'leave data that is ignored whole to whoever fills it, where Git has none: %s',
    async (strategy, options) => {
      const secret = (labels: Record<string, string>): Manifest => ({
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'filled', labels }, type: 'Opaque' },
      });
      const application = await deploy(`reported-filled-${strategy}`, [secret({ round: 'a' })], {
        options: ['RespectIgnoreDifferences=true', ...options],
        rules: [{ kind: 'Secret', jsonPointers: ['/data'] }],
      });
      await application.edit(secret({}), { data: { token: 'c2VjcmV0' } });
      await application.commit(secret({ round: 'b' }));
      await application.synced();
      const live = await application.live('Secret', 'filled');
      expect(live?.['data']).toEqual({ token: 'c2VjcmV0' });
      expect(live?.metadata.labels).toMatchObject({ round: 'b' });
    },
  );

  it.each(strategies)(
    'write a field of an element of which another field is ignored, in a list without keys: %s',
    async (strategy, options) => {
      const rollout = (text: string, image: string): Manifest => {
        const env = [{ name: 'TEXT', value: text }];
        return {
          ...{ apiVersion, kind: 'Rollout', metadata: { name: 'one' } },
          spec: {
            template: {
              spec: {
                initContainers: [{ name: 'init', image }],
                containers: [{ name: 'demo', image, env }],
              },
            },
            strategy: { canary: { steps: [{ setWeight: 20 }, { pause: {} }, { setWeight: 100 }] } },
          },
        };
      };
      const application = await deploy(`reported-element-${strategy}`, [rollout('a', 'web:1')], {
        options: ['RespectIgnoreDifferences=true', ...options],
        rules: [
          {
            ...{ group, kind: 'Rollout' },
            jqPathExpressions: [
              '.spec.template.spec.containers[].image',
              '.spec.template.spec.initContainers[].image',
              '.spec.strategy.canary.steps[].setWeight',
            ],
          },
        ],
      });
      const steps = [{ setWeight: 35 }, { pause: {} }, { setWeight: 100 }];
      const template = '/spec/template/spec';
      const byOthers = [
        { op: 'replace', path: `${template}/containers/0/image`, value: 'web:2' },
        { op: 'replace', path: `${template}/initContainers/0/image`, value: 'web:2' },
        { op: 'replace', path: '/spec/strategy/canary/steps', value: steps },
      ];
      await application.edit(rollout('a', 'web:1'), byOthers, 'json');
      await application.commit(rollout('b', 'web:1'));
      await application.synced();
      const live = await application.live('Rollout', 'one', apiVersion);
      expect(valueAt(live, 'spec', 'template', 'spec', 'containers')).toEqual([
        { name: 'demo', image: 'web:2', env: [{ name: 'TEXT', value: 'b' }] },
      ]);
      expect(valueAt(live, 'spec', 'template', 'spec', 'initContainers')).toMatchObject([{ image: 'web:2' }]);
      expect(valueAt(live, 'spec', 'strategy', 'canary', 'steps')).toEqual(steps);
    },
  );
});
