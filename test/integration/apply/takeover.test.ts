import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { type ApplyObjectOptions, applyObject } from '../../../cluster/apply/apply-object.ts';
import { compareObject } from '../../../cluster/compare/compare-object.ts';
import { waitUntilEstablished } from '../../../cluster/discovery/established.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import { compareContext } from '../../../core/diff/context.ts';
import { ownersOf } from '../../../core/diff/fields/field-set.ts';
import { hasFormerManagers } from '../../../core/diff/fields/former-fields.ts';
import { formerManagers } from '../../../core/object/managers.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { defaultSettings } from '../../../core/settings/settings.ts';
import type { LocalCluster } from '../../../local/kubernetes/cluster.ts';
import { createJq } from '../../../platform/jq/jq.ts';
import { configMap } from '../../support/keelson/applications.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { failureOf } from '../../support/process/failure.ts';
import { web } from '../../support/random/strategy-objects.ts';

let local: LocalCluster;
let client: ClusterClient;
let namespace: string;
let count = 0;
const jq = createJq();

beforeAll(async () => {
  local = await testPlatform().startCluster({ controllers: false });
  client = createClusterClient(credentialsFromKubeconfig(readFileSync(local.kubeconfigPath, 'utf8')));
});

afterAll(async () => {
  await jq.close();
  await client?.close();
  await local?.stop();
});

/** An object in a namespace of the case's own. */
async function placed(manifest: Manifest): Promise<Manifest> {
  namespace = `takeover-${++count}`;
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  return here(manifest);
}

function here(manifest: Manifest): Manifest {
  return { ...manifest, metadata: { ...manifest.metadata, namespace } };
}

async function liveOf(manifest: Manifest): Promise<Manifest> {
  const live = await client.get(manifest.apiVersion, keyOf(manifest));
  if (live === undefined) throw new Error(`${manifest.kind} is not there`);
  return live;
}

/** Applies as a step of a plan does that has seen the live object. */
async function sync(manifest: Manifest, options: Partial<ApplyObjectOptions> = {}) {
  const takeOverFirst = hasFormerManagers(await liveOf(manifest), formerManagers);
  const plain = { strategy: 'server-side', validate: true, force: false } as const;
  return await applyObject(client, manifest, { ...plain, takeOverFirst, ...options });
}

async function compare(desired: Manifest) {
  const context = compareContext(defaultSettings, { annotations: {}, spec: {} }, 'app');
  const { changed, reason } = await compareObject({ client, jq }, desired, await liveOf(desired), context);
  return { changed, reason };
}

/** Who owns what, whatever the times say. */
async function ownership(manifest: Manifest) {
  return ownersOf(await liveOf(manifest));
}

const claim = (spec: object, labels: Record<string, string> = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', ...(Object.keys(labels).length === 0 ? {} : { labels }) },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});
const set = (spec: object, image = 'a:1'): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'main', image }] } },
    ...spec,
  },
});

describe('ownership of fields that may not go', () => {
  it.each<[string, Manifest, Manifest, string]>([
    [
      'a claim',
      claim({ volumeName: 'pv-1' }, { tier: 'a', team: 'b' }),
      claim({}, { tier: 'a' }),
      'volumeName',
    ],
    ['a stateful set', set({ podManagementPolicy: 'Parallel' }), set({}, 'a:2'), 'podManagementPolicy'],
  ])('stays where %s was created by hand, and the rest is synced', async (_, made, wanted, field) => {
    const desired = await placed(wanted);
    await client.create(here(made), { fieldManager: 'kubectl-create' });
    const tried = await sync(desired, { dryRun: true });
    expect(tried.notes.join()).toContain("can't be removed");
    const applied = await sync(desired);
    expect(applied.notes.join()).toContain("can't be removed");
    expect(applied).toMatchObject({ strategy: 'server-side', tookOver: ['kubectl-create'] });
    expect(applied.object['spec']).toHaveProperty(field);
    expect(applied.object['spec']).toMatchObject(wanted['spec'] as object);
    expect(await compare(desired)).toEqual({ changed: false, reason: undefined });
    const creator = (await ownership(desired)).find(({ manager }) => manager === 'kubectl-create');
    expect(creator?.fields['f:spec']).toHaveProperty([`f:${field}`]);
    for (const name of Object.keys(wanted['spec'] as object).filter(
      (one) => !['resources', 'template'].includes(one),
    )) {
      expect(creator?.fields['f:spec']).not.toHaveProperty([`f:${name}`]);
    }
  });

  it('still lets go later what Git had and gives up', async () => {
    const desired = await placed(claim({}, { tier: 'a' }));
    await client.create(here(claim({ volumeName: 'pv-1' }, { tier: 'a' })), {
      fieldManager: 'kubectl-create',
    });
    await sync(desired);
    await sync(here(claim({})));
    const { metadata, spec } = await liveOf(desired);
    expect(metadata.labels ?? {}).not.toHaveProperty('tier');
    expect(spec).toMatchObject({ volumeName: 'pv-1' });
  });

  it('refuses what a manifest had, and leaves the owners as they were', async () => {
    const desired = await placed(claim({}));
    await client.applyServerSide(here(claim({ volumeName: 'pv-1' })), { fieldManager: 'argocd-controller' });
    const before = await ownership(desired);
    expect(await compare(desired)).toMatchObject({
      changed: true,
      reason: expect.stringContaining('immutable'),
    });
    expect(await failureOf(sync(desired))).toMatchObject({ code: 'immutable-field' });
    expect(await ownership(desired)).toEqual(before);
    const again = await sync(here(claim({ volumeName: 'pv-1' })));
    expect(again).toMatchObject({ strategy: 'server-side', notes: [] });
    expect(await compare(here(claim({ volumeName: 'pv-1' })))).toEqual({ changed: false, reason: undefined });
  });

  it('leaves the owners as they were when the manifest itself is refused', async () => {
    const desired = await placed(set({ replicas: -1 }));
    await client.create(here(set({ replicas: 1, minReadySeconds: 3 })), { fieldManager: 'kubectl-create' });
    const before = await liveOf(desired);
    expect(await failureOf(sync(desired))).toMatchObject({ code: 'object-invalid' });
    expect((await liveOf(desired)).metadata).toEqual(before.metadata);
  });

  it('goes back to the former owners where only a merge is accepted after all', async () => {
    const twice = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ];
    const desired = await placed(web(1, { env: twice }));
    const { spec } = web(1, {});
    await client.create(here({ ...desired, spec: { ...(spec as object), minReadySeconds: 3 } }), {
      fieldManager: 'kubectl-create',
    });
    expect(await sync(desired)).toMatchObject({ strategy: 'client-side', tookOver: [] });
    const managers = (await ownership(desired)).map(({ manager }) => manager);
    expect(managers.toSorted()).toEqual(['keelson-update', 'kubectl-create']);
    expect((await liveOf(desired))['spec']).not.toHaveProperty('minReadySeconds');
  });

  it('is not touched by a dry run', async () => {
    const desired = await placed(configMap('c', { keep: '1' }));
    await client.create(here(configMap('c', { keep: '1', drop: '1' })), { fieldManager: 'kubectl-create' });
    const before = await liveOf(desired);
    for (const takeOverFirst of [true, false]) {
      const tried = await sync(desired, { dryRun: true, takeOverFirst });
      expect(tried.tookOver).toEqual([]);
    }
    expect((await liveOf(desired)).metadata).toEqual(before.metadata);
  });
});

describe('requests of a sync', () => {
  it('are one for a new object and for one of ours', async () => {
    const desired = await placed(web(1, {}));
    const sent: string[] = [];
    const counting = new Proxy(client, {
      get: (target, name: keyof ClusterClient) => {
        const call = target[name];
        if (typeof call !== 'function') return call;
        return (...values: never[]) => {
          sent.push(name);
          return (call as (...all: never[]) => unknown)(...values);
        };
      },
    });
    const plain = { strategy: 'server-side', validate: true, force: false } as const;
    await applyObject(counting, desired, plain);
    await applyObject(counting, here(web(2, {})), plain);
    expect(sent).toEqual(['applyServerSide', 'applyServerSide']);
  });
});

describe('unions with an arm that the API server fills in', () => {
  it.each(['keelson', 'kubectl-create'])('change it on an object of %s', async (manager) => {
    const desired = await placed(web(1, {}));
    const recreate = here({
      ...desired,
      spec: { ...(desired['spec'] as object), strategy: { type: 'Recreate' } },
    });
    if (manager === 'keelson') await client.applyServerSide(desired);
    else await client.create(desired, { fieldManager: manager });
    expect(await compare(recreate)).toEqual({ changed: true, reason: undefined });
    await sync(recreate, { dryRun: true });
    await sync(recreate);
    expect((await liveOf(desired))['spec']).toMatchObject({ strategy: { type: 'Recreate' } });
    expect(await compare(recreate)).toEqual({ changed: false, reason: undefined });
    // The next sync is an ordinary one again.
    expect(await sync(recreate)).toMatchObject({ strategy: 'server-side' });
    expect(await compare(recreate)).toEqual({ changed: false, reason: undefined });
    await sync(desired);
    expect((await liveOf(desired))['spec']).toMatchObject({ strategy: { type: 'RollingUpdate' } });
  });

  it('change the source of a volume with the takeover', async () => {
    const volume = (source: object): Manifest => {
      const whole: Manifest & { spec: { template: { spec: object } } } = JSON.parse(
        JSON.stringify(web(1, {})),
      );
      const { template } = whole.spec;
      const spec = { ...template.spec, volumes: [{ name: 'v', ...source }] };
      return { ...whole, spec: { ...whole.spec, template: { ...template, spec } } };
    };
    const desired = await placed(volume({ configMap: { name: 'c' } }));
    await client.create(here(volume({ emptyDir: {} })), { fieldManager: 'kubectl-create' });
    expect(await compare(desired)).toEqual({ changed: true, reason: undefined });
    await sync(desired, { dryRun: true });
    expect(await sync(desired)).toMatchObject({ strategy: 'server-side', tookOver: ['kubectl-create'] });
    expect(await compare(desired)).toEqual({ changed: false, reason: undefined });
  });
});

describe('hooks that become ordinary resources', () => {
  it('lose what only the hook had', async () => {
    const desired = await placed(configMap('c', { keep: '1' }));
    const hook = configMap('c', { keep: '1', drop: '1' }, { 'argocd.argoproj.io/hook': 'PreSync' });
    await client.create(
      here({ ...hook, metadata: { ...hook.metadata, finalizers: ['keelson.dev/hook-result'] } }),
    );
    expect(await compare(desired)).toEqual({ changed: true, reason: undefined });
    expect(await sync(desired)).toMatchObject({ tookOver: ['keelson'] });
    const { metadata, data } = await liveOf(desired);
    expect(data).toEqual({ keep: '1' });
    expect(metadata).not.toHaveProperty('finalizers');
    expect(metadata.annotations ?? {}).toEqual({});
    expect(await compare(desired)).toEqual({ changed: false, reason: undefined });
  });
});

describe('versions that are not served any more', () => {
  const definition = (served: boolean): Manifest => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'old.takeover.test' },
    spec: {
      group: 'takeover.test',
      scope: 'Namespaced',
      names: { kind: 'Old', plural: 'old', singular: 'old', listKind: 'OldList' },
      versions: (served ? ['v1beta1', 'v1'] : ['v1']).map((name) => ({
        name,
        served: true,
        storage: name === 'v1',
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', additionalProperties: { type: 'string' } } },
          },
        },
      })),
    },
  });
  const old = (version: string, spec: Record<string, string>): Manifest => ({
    apiVersion: `takeover.test/${version}`,
    kind: 'Old',
    metadata: { name: 'one' },
    spec,
  });

  it.each(['keelson', 'argocd-controller'])('hold up no apply of an object of %s', async (manager) => {
    const served = await client.applyServerSide(definition(true));
    expect(await waitUntilEstablished(client, served, new AbortController().signal)).toBe(true);
    const first = await placed(old('v1beta1', { keep: '1', drop: '1' }));
    await expect
      .poll(() => client.applyServerSide(first, { fieldManager: manager }).then(() => 'applied', String), {
        timeout: 10_000,
      })
      .toBe('applied');
    await client.applyServerSide(definition(false));
    await expect
      .poll(
        () =>
          client.get(first.apiVersion, keyOf(first)).then(
            () => 'served',
            () => 'gone',
          ),
        { timeout: 10_000 },
      )
      .toBe('gone');

    const desired = here(old('v1', { keep: '2' }));
    expect(await compare(desired)).toEqual({ changed: true, reason: undefined });
    await sync(desired, { dryRun: true });
    expect(await sync(desired)).toMatchObject({ strategy: 'server-side' });
    expect((await liveOf(desired))['spec']).toEqual({ keep: '2' });
    expect(await compare(desired)).toEqual({ changed: false, reason: undefined });
    const versions = (await ownership(desired)).map(({ apiVersion }) => apiVersion);
    expect(versions).toEqual(['takeover.test/v1']);
  });
});
