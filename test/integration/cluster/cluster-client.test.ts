import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { applyObject } from '../../../cluster/apply/apply-object.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import type { ClusterCredentials } from '../../../cluster/request/credentials.ts';
import { ObjectError } from '../../../core/errors.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import type { LocalCluster } from '../../../local/kubernetes/cluster.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { failureOf } from '../../support/process/failure.ts';

const canary = 'c4n4ry-7f3e91-never-shown';

let local: LocalCluster;
let credentials: ClusterCredentials;
let client: ClusterClient;
let namespace: string;
let count = 0;

beforeAll(async () => {
  local = await testPlatform().startCluster({ controllers: false });
  credentials = credentialsFromKubeconfig(readFileSync(local.kubeconfigPath, 'utf8'));
  client = createClusterClient(credentials);
});

afterAll(async () => {
  await client?.close();
  await local?.stop();
});

beforeEach(async () => {
  namespace = `client-${++count}`;
  await client.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

function configMap(name: string, values: Record<string, string>, more: object = {}): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: values, ...more };
}

describe('cluster/client', () => {
  it('applies an object, and applies it again without touching it', async () => {
    const first = await client.applyServerSide(configMap('settings', { colour: 'blue' }));
    const second = await client.applyServerSide(configMap('settings', { colour: 'blue' }));
    expect(first.metadata.uid).toBeDefined();
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(await client.get('v1', keyOf(first))).toMatchObject({ data: { colour: 'blue' } });
  });

  it('shows in a dry run what an apply would make, and stores nothing', async () => {
    const predicted = await client.applyServerSide(configMap('predicted', { a: '1' }), { dryRun: true });
    expect(predicted).toMatchObject({ data: { a: '1' } });
    expect(await client.get('v1', keyOf(predicted))).toBeUndefined();
  });

  it('removes a field that is left out of the next apply', async () => {
    await client.applyServerSide(configMap('fields', { keep: '1', drop: '2' }));
    const after = await client.applyServerSide(configMap('fields', { keep: '1' }));
    expect(after['data']).toEqual({ keep: '1' });
  });

  it('refuses unknown fields for good, and drops them in a creation that does not validate', async () => {
    const odd = configMap('odd', { a: '1' }, { dta: { b: '2' } });
    for (const write of [client.applyServerSide, client.create]) {
      const error = await failureOf(write(odd));
      expect(error).toMatchObject({ code: 'object-invalid', retryable: false });
      expect(error.message).toContain(`ConfigMap ${namespace}/odd: `);
      expect(error.message).toContain('dta');
    }
    expect(await client.create(odd, { fieldValidation: 'Ignore' })).not.toHaveProperty('dta');
  });

  it('reports fields of another manager as a conflict unless forced', async () => {
    await client.applyServerSide(configMap('shared', { a: '1' }), { fieldManager: 'somebody' });
    const error = await failureOf(client.applyServerSide(configMap('shared', { a: '2' }), { force: false }));
    expect(error).toMatchObject({ code: 'apply-conflict', retryable: false });
    expect(error.message).toContain('.data.a');
    expect(await client.applyServerSide(configMap('shared', { a: '2' }))).toMatchObject({ data: { a: '2' } });
  });

  it('says which permission to grant to whom when an apply is forbidden', async () => {
    const lowly = createClusterClient({ ...credentials, impersonate: { user: 'lowly' } });
    const error = await failureOf(lowly.applyServerSide(configMap('x', {})));
    await lowly.close();
    expect(error).toBeInstanceOf(ObjectError);
    expect(error).toMatchObject({ code: 'forbidden', retryable: false });
    expect(error.message).toContain(`ConfigMap ${namespace}/x: `);
    expect(error.message).toContain(
      `grant user "lowly" the verb "patch" on "configmaps" of API group "" in namespace "${namespace}"`,
    );
  });

  it('deletes only the object with the given uid', async () => {
    const { metadata } = await client.create(configMap('victim', {}));
    const key = { group: '', kind: 'ConfigMap', namespace, name: 'victim' };
    const wrong = '11111111-2222-3333-4444-555555555555';
    expect(await failureOf(client.delete('v1', key, { uid: wrong }))).toMatchObject({
      code: 'conflict',
      retryable: false,
    });
    expect(await client.delete('v1', key, { uid: metadata.uid ?? '' })).toBe('deleting');
    expect(await client.delete('v1', key)).toBe('gone');
  });

  it('calls a second creation a conflict that already exists', async () => {
    await client.create(configMap('twice', {}));
    expect(await failureOf(client.create(configMap('twice', {})))).toMatchObject({
      code: 'conflict',
      details: { reason: 'AlreadyExists' },
    });
  });

  it('refuses to replace an object that has changed meanwhile', async () => {
    const old = await client.create(configMap('stale', { a: '1' }));
    await client.applyServerSide(configMap('stale', { a: '2' }));
    expect(await failureOf(client.replace(old))).toMatchObject({ code: 'conflict', retryable: true });
  });

  it('tells to create the namespace when it is missing', async () => {
    const lost = { ...configMap('x', {}), metadata: { name: 'x', namespace: 'nowhere' } };
    const error = await failureOf(client.applyServerSide(lost));
    expect(error.code).toBe('not-found');
    expect(error.message).toContain('CreateNamespace=true');
  });

  it.each([
    ['undecodable values', { data: { password: canary } }],
    ['values of a wrong type', { stringData: { password: [canary] } }],
    ['invalid keys beside values', { stringData: { 'not a key!': canary } }],
    ['misplaced values', { passwords: { a: canary } }],
    ['an invalid type', { type: 'kubernetes.io/tls', stringData: { 'tls.crt': canary } }],
    [
      'an invalid docker config',
      { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': canary } },
    ],
  ])('hides the values of a Secret with %s from the error', async (_, body) => {
    const secret: Manifest = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace },
      ...body,
    };
    for (const write of [client.applyServerSide, client.create]) {
      const error = await failureOf(write(secret));
      const shown = JSON.stringify([error.message, error.details, String(error.cause), error.stack]);
      expect(shown).toContain(`Secret ${namespace}/s`);
      expect(shown).not.toContain(canary);
    }
  });

  it('names the immutable field problem and recreates the object when forced', async () => {
    const live = await client.create(configMap('frozen', { a: '1' }, { immutable: true }));
    const changed = configMap('frozen', { a: '2' }, { immutable: true });
    const options = { strategy: 'server-side', validate: true } as const;
    expect(await failureOf(applyObject(client, changed, { ...options, force: false }))).toMatchObject({
      code: 'immutable-field',
    });
    const applied = await applyObject(client, changed, { ...options, force: true });
    expect(applied).toMatchObject({ effect: 'recreated', object: { data: { a: '2' } } });
    expect(applied.object.metadata.uid).not.toBe(live.metadata.uid);
  });

  it.each(['argocd-controller', 'kubectl-client-side-apply', 'kubectl-create'])(
    'takes the fields of %s over, so that one missing in Git leaves the cluster',
    async (fieldManager) => {
      await client.create(configMap('adopted', { keep: '1', drop: '2' }), { fieldManager });
      const key = { group: '', kind: 'ConfigMap', namespace, name: 'adopted' };
      await client.patch('v1', key, { data: { manual: '3' } }, 'merge', { fieldManager: 'kubectl-edit' });
      const options = { strategy: 'server-side', validate: true, force: false } as const;
      const applied = await applyObject(client, configMap('adopted', { keep: '1' }), options);
      expect(applied.tookOver).toEqual([fieldManager]);
      expect(applied.object['data']).toEqual({ keep: '1', manual: '3' });
      const again = await applyObject(client, configMap('adopted', { keep: '1' }), {
        ...options,
        takeOverFirst: true,
      });
      expect(again.tookOver).toEqual([]);
      expect(again.object.metadata.resourceVersion).toBe(applied.object.metadata.resourceVersion);
    },
  );

  it('finds a kind whose definition was created a moment ago, and says what is missing before', async () => {
    const kind = `Widget${count}`;
    const widget = { apiVersion: 'example.test/v1', kind, metadata: { name: 'w', namespace } };
    const error = await failureOf(client.applyServerSide(widget));
    expect(error.code).toBe('kind-unknown');
    expect(error.message).toContain('the server could not find the requested resource');
    await client.applyServerSide(definition(kind));
    await pollUntil('the new kind', 20, () =>
      client.applyServerSide(widget).then(
        () => true,
        () => false,
      ),
    );
    expect(await client.preferredResource('example.test', kind)).toMatchObject({ namespaced: true });
  });

  it('reads all pages of a list', async () => {
    const names = Array.from({ length: 7 }, (_, number) => `page-${number}`);
    await Promise.all(names.map((name) => client.create(configMap(name, {}))));
    const resource = await client.resourceFor('v1', 'ConfigMap');
    const { items } = await client.list(resource, { namespace, pageSize: 2 });
    expect(items.map((object) => object.metadata.name)).toEqual(names);
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  });

  it('reads a list in smaller pages where a page is too large', async () => {
    const names = Array.from({ length: 9 }, (_, number) => `large-${number}`);
    const labels = { size: 'large' };
    const large = (name: string) => {
      const { metadata, ...rest } = configMap(name, { text: name.repeat(1000) });
      return { ...rest, metadata: { ...metadata, labels } };
    };
    await Promise.all(names.map((name) => client.create(large(name))));
    const resource = await client.resourceFor('v1', 'ConfigMap');
    const options = { namespace, labelSelector: 'size=large' };
    const narrow = createClusterClient(credentials, { maxReplyBytes: 20_000 });
    const pages: number[] = [];
    const { items } = await narrow.list(resource, { ...options, onPage: (count) => pages.push(count) });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(names);
    expect(pages).toEqual([2, 4, 6, 8, 9]);
    // What no page can hold is told, not tried for ever.
    const blind = createClusterClient(credentials, { maxReplyBytes: 5_000 });
    const error = await failureOf(blind.list(resource, options));
    expect(error.message).toContain(`/namespaces/${namespace}/configmaps with more than 5000 bytes`);
    await Promise.all([narrow.close(), blind.close()]);
  });

  it('watches changes until its time is up, and aborts with the reason given', async () => {
    const resource = await client.resourceFor('v1', 'ConfigMap');
    const { resourceVersion } = await client.list(resource, { namespace });
    const seen: string[] = [];
    const { signal } = new AbortController();
    const onEvent = (event: { type: string }): void => void seen.push(event.type);
    const options = { resourceVersion, namespace, signal, onEvent, timeoutSeconds: 2 };
    const over = client.watch(resource, options);
    await client.create(configMap('watched', {}));
    await client.applyServerSide(configMap('watched', { a: '1' }));
    await client.delete('v1', { group: '', kind: 'ConfigMap', namespace, name: 'watched' });
    const end = await over;
    expect(end.reason).toBe('ended');
    expect(Number(end.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
    expect(seen.filter((type) => type !== 'BOOKMARK')).toEqual(['ADDED', 'MODIFIED', 'DELETED']);

    const stop = new AbortController();
    const endless = client.watch(resource, { resourceVersion, onEvent, signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(endless).rejects.toThrow('enough');
  });

  it('ends a watch that has gone silent', async () => {
    const resource = await client.resourceFor('v1', 'ConfigMap');
    const { resourceVersion } = await client.list(resource, { namespace });
    const { signal } = new AbortController();
    const options = { resourceVersion, namespace, signal, onEvent: () => {}, silenceMs: 300 };
    expect(await client.watch(resource, options)).toEqual({ reason: 'silent', resourceVersion });
  });

  it('streams the log of a pod and says when the pod is missing', async () => {
    const shared = createClusterClient(
      credentialsFromKubeconfig(readFileSync(testPlatform().kubeconfigPath, 'utf8')),
    );
    const key = { group: '', kind: 'Pod', namespace: 'default', name: 'cluster-client-log' };
    await shared.applyServerSide({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: key.namespace, name: key.name },
      spec: { containers: [{ name: 'main', image: 'example.test/main:1' }] },
    });
    const lines: string[] = [];
    await pollUntil('the log', 30, async () => {
      const log = await shared.podLogs('default', key.name).catch(() => []);
      for await (const line of log) lines.push(line);
      return lines.length > 0;
    });
    expect(lines.join('')).not.toBe('');
    const missing = await failureOf(shared.podLogs('default', 'nobody'));
    expect(missing).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('Pod default/nobody: '),
    });
    await shared.delete('v1', key, { gracePeriodSeconds: 0 });
    await shared.close();
  });

  it.each([
    ['a wrong CA', { tls: { caData: readFileSync(new URL('../../../LICENSE', import.meta.url), 'utf8') } }],
    ['no CA', { tls: {} }],
  ])('refuses a server that %s does not vouch for', async (_, change) => {
    const distrustful = createClusterClient({ ...credentials, ...change });
    const error = await failureOf(distrustful.version());
    await distrustful.close();
    expect(error).toMatchObject({ code: 'cluster-unreachable', retryable: false });
    expect(error.message).toContain('check the CA certificate');
  });

  it('says which cluster can not be reached and that a later try may help', async () => {
    const server = `https://127.0.0.1:${await freePort()}`;
    const nobody = createClusterClient({ ...credentials, name: 'far', server });
    const error = await failureOf(nobody.version());
    await nobody.close();
    expect(error).toMatchObject({ code: 'cluster-unreachable', retryable: true });
    expect(error.message).toContain(`cluster far (${server}): `);
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('calls a token that is not accepted unauthenticated', async () => {
    const { caData } = credentials.tls;
    const stranger = createClusterClient({ ...credentials, tls: { caData }, bearerToken: canary });
    const error = await failureOf(stranger.applyServerSide(configMap('x', {})));
    await stranger.close();
    expect(error.code).toBe('unauthenticated');
    expect(error.message).not.toContain(canary);
  });
});

function definition(kind: string): Manifest {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.test` },
    spec: {
      group: 'example.test',
      names: { kind, plural },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
}
