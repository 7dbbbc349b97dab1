import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { type CacheChange, type ClusterCache, createClusterCache } from '../../../cluster/cache/cache.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import type { ClusterCredentials } from '../../../cluster/request/credentials.ts';
import { buildTree } from '../../../cluster/tree/tree.ts';
import { trackingIdAnnotation } from '../../../core/object/annotations.ts';
import type { ResourceKey } from '../../../core/object/key.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { ownerOf } from '../../../core/sync/tracking/tracking.ts';
import type { TreeNode } from '../../../core/wire/tree.ts';
import { type LocalCluster, startCluster } from '../../../local/kubernetes/cluster.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

let local: LocalCluster;
let credentials: ClusterCredentials;
let client: ClusterClient;
let cache: ClusterCache;
let changes: CacheChange[];
let running: AbortController;
let namespace: string;
let count = 0;
const prefix = '/registry/cluster-cache';

function startServer(name: string): Promise<LocalCluster> {
  const { stateDir, etcd } = testPlatform();
  const folder = join(stateDir, 'clusters', name);
  return startCluster({
    stateDir: folder,
    name,
    etcd,
    etcdPrefix: prefix,
    controllers: false,
  });
}

beforeAll(async () => {
  local = await startServer('cache-first');
  credentials = credentialsFromKubeconfig(readFileSync(local.kubeconfigPath, 'utf8'));
  client = createClusterClient(credentials);
});

afterAll(async () => {
  await client?.close();
  await local?.stop();
});

beforeEach(async () => {
  namespace = `cache-${++count}`;
  await client.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  running = new AbortController();
  changes = [];
  cache = openCache(client);
  cache.onChange((change) => changes.push(change));
  await cache.start(running.signal);
});

afterEach(() => running.abort());

function openCache(over: ClusterClient): ClusterCache {
  return createClusterCache(over, {
    instanceOf: (object) =>
      ownerOf({ key: keyOf(object), metadata: object.metadata }, { method: 'annotation' }),
  });
}

function configMap(name: string, values: Record<string, string> = {}, metadata: object = {}): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, ...metadata }, data: values };
}

function configMapKey(name: string): ResourceKey {
  return { group: '', kind: 'ConfigMap', namespace, name };
}

function until(what: string, check: () => boolean, seconds = 20): Promise<unknown> {
  return pollUntil(what, seconds, () => Promise.resolve(check()));
}

function typesOf(name: string): string[] {
  return changes.filter(({ object }) => object.metadata.name === name).map(({ type }) => type);
}

describe('cluster/cache', () => {
  it('holds every kind that is worth watching when it has started', () => {
    expect(cache.watches('', 'ConfigMap')).toBe(true);
    expect(cache.watches('apps', 'Deployment')).toBe(true);
    for (const [group, kind] of [
      ['', 'Event'],
      ['coordination.k8s.io', 'Lease'],
      ['discovery.k8s.io', 'EndpointSlice'],
    ] as const) {
      expect(cache.watches(group, kind)).toBe(false);
    }
    expect(cache.get({ group: '', kind: 'Namespace', namespace: '', name: namespace })).toBeDefined();
    expect(cache.stats()).toMatchObject({ skipped: 0 });
  });

  it('sees an object created, changed and deleted', async () => {
    const created = await client.applyServerSide(configMap('seen', { a: '1' }));
    const uid = created.metadata.uid ?? '';
    const atCreation = created.metadata.resourceVersion ?? '';
    expect(await cache.observed(uid, atCreation, configMapKey('seen'))).toMatchObject({ data: { a: '1' } });
    const changed = await client.applyServerSide(configMap('seen', { a: '2' }));
    const atChange = changed.metadata.resourceVersion ?? '';
    expect(await cache.observed(uid, atChange, configMapKey('seen'))).toMatchObject({ data: { a: '2' } });
    expect(cache.getByUid(uid)).toBe(cache.get(configMapKey('seen')));
    await client.delete('v1', configMapKey('seen'));
    await until('the deletion', () => cache.get(configMapKey('seen')) === undefined);
    expect(typesOf('seen')).toEqual(['added', 'updated', 'deleted']);
    expect(await cache.observed(uid, atChange, configMapKey('seen'))).toBeUndefined();
  });

  it('asks the API server about objects that no watch shows', async () => {
    const key = { group: 'coordination.k8s.io', kind: 'Lease', namespace, name: 'held' };
    const metadata = { name: key.name, namespace };
    const lease = await client.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata });
    const { uid = '', resourceVersion = '' } = lease.metadata;
    expect(await cache.observed(uid, resourceVersion, key)).toMatchObject({ metadata: { uid } });
  });

  it('knows the objects of an application and what they own', async () => {
    const annotations = { [trackingIdAnnotation]: `shop:/ConfigMap:${namespace}/root` };
    const root = await client.applyServerSide(configMap('root', {}, { annotations }));
    const uid = root.metadata.uid ?? '';
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'root', uid }];
    const child = await client.applyServerSide(configMap('child', {}, { annotations, ownerReferences }));
    await cache.observed(
      child.metadata.uid ?? '',
      child.metadata.resourceVersion ?? '',
      configMapKey('child'),
    );
    expect(cache.tracked('shop').map(nameOf)).toEqual(['root']);
    expect(cache.children(uid).map(nameOf)).toEqual(['child']);
    const tree = buildTree({
      targets: [
        { key: configMapKey('root'), apiVersion: 'v1' },
        { key: configMapKey('absent'), apiVersion: 'v1' },
      ],
      ...cache,
      maskedAnnotations: [],
      assessHealth: () => undefined,
    });
    expect(tree.map((node) => [node.name, node.parentRefs.map(refName), node.health?.status])).toEqual([
      ['root', [], undefined],
      ['absent', [], 'Missing'],
      ['child', ['root'], undefined],
    ]);
  });

  it('follows a new kind and its objects, and forgets both with the definition', async () => {
    // The first one may be found by the look at the end of the start, the second one only by its definition.
    await client.applyServerSide(definition('Gizmo'));
    await until('the first kind', () => cache.watches('cache.test', 'Gizmo'));
    const gadgets = definition('Gadget');
    await client.applyServerSide(gadgets);
    await until('the second kind', () => cache.watches('cache.test', 'Gadget'));
    const key = { group: 'cache.test', kind: 'Gadget', namespace, name: 'first' };
    const gadget = { apiVersion: 'cache.test/v1', kind: 'Gadget', metadata: { name: 'first', namespace } };
    await client.applyServerSide(gadget);
    await until('the first gadget', () => cache.get(key) !== undefined);
    await client.delete(gadgets.apiVersion, keyOf(gadgets));
    await until('the end of the kind', () => !cache.watches('cache.test', 'Gadget'));
    expect(cache.get(key)).toBeUndefined();
    expect(typesOf('first').at(-1)).toBe('deleted');
  });

  it('skips kinds that it may not list and says why', async () => {
    await client.applyServerSide({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'only-config-maps' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }],
    });
    await client.applyServerSide({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'only-config-maps' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'only-config-maps' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'reader' }],
    });
    const reader = createClusterClient({
      ...credentials,
      impersonate: { user: 'reader', groups: ['system:authenticated'] },
    });
    const narrow = openCache(reader);
    await narrow.start(running.signal);
    expect(narrow.watches('', 'ConfigMap')).toBe(true);
    expect(narrow.watches('', 'Secret')).toBe(false);
    const secrets = narrow.kinds().find(({ kind }) => kind === 'Secret');
    expect(secrets).toMatchObject({
      state: 'skipped',
      reason: expect.stringContaining('grant user "reader"'),
    });
    await reader.close();
  });

  it('rejects the start when it may list nothing', async () => {
    const stranger = createClusterClient({
      ...credentials,
      impersonate: { user: 'stranger', groups: ['system:authenticated'] },
    });
    await expect(openCache(stranger).start(running.signal)).rejects.toMatchObject({
      code: 'forbidden',
      retryable: false,
      message: expect.stringContaining('grant user "stranger"'),
    });
    await stranger.close();
  });

  it('rejects the start when the cluster is out of reach', async () => {
    const server = `https://127.0.0.1:${await freePort()}`;
    const nobody = createClusterClient({ ...credentials, server });
    await expect(openCache(nobody).start(running.signal)).rejects.toMatchObject({
      code: 'cluster-unreachable',
    });
    await nobody.close();
  });

  it('catches up after a kill of the API server with what happened meanwhile, expired versions included', async () => {
    for (const name of ['stays', 'goes', 'changes'])
      await client.applyServerSide(configMap(name, { a: '1' }));
    await until('the objects', () =>
      ['stays', 'goes', 'changes'].every((name) => cache.get(configMapKey(name))),
    );
    const other = await startServer('cache-second');
    process.kill(local.pids().apiserver ?? Number.NaN, 'SIGKILL');
    const elsewhere = createClusterClient(
      credentialsFromKubeconfig(readFileSync(other.kubeconfigPath, 'utf8')),
    );
    await elsewhere.delete('v1', configMapKey('goes'));
    await elsewhere.applyServerSide(configMap('changes', { a: '2' }));
    await elsewhere.applyServerSide(configMap('comes', {}));
    await elsewhere.close();
    await other.stop();
    changes.length = 0;
    await local.restart('apiserver');
    await until('all changes', () => cache.get(configMapKey('comes')) !== undefined, 60);
    await until('the deletion', () => cache.get(configMapKey('goes')) === undefined);
    expect(cache.get(configMapKey('changes'))).toMatchObject({ data: { a: '2' } });
    expect(typesOf('stays')).toEqual([]);
    expect(typesOf('goes')).toEqual(['deleted']);
    expect(typesOf('changes')).toEqual(['updated']);
    expect(typesOf('comes')).toEqual(['added']);
    const resource = await client.resourceFor('v1', 'ConfigMap');
    const old = { resourceVersion: '1', signal: running.signal, onEvent: () => {} };
    expect(await client.watch(resource, old)).toEqual({ reason: 'expired', resourceVersion: '1' });
    await until('all kinds', () => cache.stats().watching === cache.stats().kinds, 60);
  });
});

function nameOf(object: Manifest): string | undefined {
  return object.metadata.name;
}

function refName(ref: TreeNode['parentRefs'][number]): string {
  return ref.name;
}

function definition(kind: string): Manifest {
  const plural = `${kind.toLowerCase()}s`;
  const schema = { openAPIV3Schema: { type: 'object' } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.cache.test` },
    spec: {
      group: 'cache.test',
      names: { kind, plural },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}
