import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';
import { applicationOf, configMap, deployment, wave, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';

let keelson: TestKeelson;

beforeAll(async () => {
  keelson = await startKeelson();
});

afterAll(async () => {
  for (const name of [definitionKey.name, 'externalsecrets.external-secrets.io']) {
    await keelson?.cluster.delete('apiextensions.k8s.io/v1', { ...definitionKey, name });
  }
  await keelson?.stop();
});

const group = 'refusals.keelson.test';
const definitionKey = {
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  namespace: '',
  name: `ships.${group}`,
};

/** A kind in two versions; objects stored in the other one than `storage` have to be converted. */
function definition(storage: 'v1' | 'v2', conversion: object): Manifest {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: definitionKey.name },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Ship', plural: 'ships' },
      conversion,
      versions: ['v1', 'v2'].map((name) => ({
        name,
        served: true,
        storage: name === storage,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: open } } },
      })),
    },
  };
}

function webhookAt(port: number) {
  return {
    strategy: 'Webhook',
    webhook: {
      conversionReviewVersions: ['v1'],
      clientConfig: { url: `https://127.0.0.1:${port}/convert` },
    },
  };
}

/** A kind with a rule for its health, and no controller here. */
const externalSecrets: Manifest = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'externalsecrets.external-secrets.io' },
  spec: {
    group: 'external-secrets.io',
    scope: 'Namespaced',
    names: { kind: 'ExternalSecret', plural: 'externalsecrets' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
};

async function secondsOf<T>(run: () => Promise<T>): Promise<[T, number]> {
  const startedAt = performance.now();
  const done = await run();
  return [done, (performance.now() - startedAt) / 1000];
}

async function applicationWith(name: string, ...manifests: object[]) {
  const repository = await keelson.gitServer.createRepository(name, { 'app.yaml': yamlOf(...manifests) });
  await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name }));
  return repository;
}

const messagesOf = async (name: string, type: string): Promise<string[]> =>
  ((await keelson.client.applications.get(name)).status?.conditions ?? []).flatMap((condition) =>
    condition.type === type ? [condition.message] : [],
  );

const statesOf = async (name: string, refresh?: 'normal') =>
  Object.fromEntries(
    ((await keelson.client.applications.get(name, { refresh })).status?.resources ?? []).map((one) => [
      one.kind,
      [one.status, one.health?.status],
    ]),
  );

describe('what can never succeed fails at once, in the words of the API server', () => {
  it('a quantity that the kind of a live object can not read', async () => {
    const repository = await applicationWith('lots', deployment('web'), configMap('beside', { a: '1' }));
    expect(await keelson.sync('lots')).toMatchObject({ phase: 'Succeeded' });
    const lots = yamlOf(deployment('web')).replace(
      'name: main',
      'name: main\n          resources: {requests: {cpu: lots}}',
    );
    await repository.commit({ 'app.yaml': `${lots}---\n${yamlOf(configMap('beside', { a: '1' }))}` });

    expect(await statesOf('lots', 'normal')).toMatchObject({
      Deployment: ['OutOfSync', 'Healthy'],
      ConfigMap: ['Synced', undefined],
    });
    const [ended, seconds] = await secondsOf(() => keelson.sync('lots'));
    expect(seconds).toBeLessThan(10);
    expect(ended.phase).toBe('Failed');
    expect(ended.message).toMatch(
      /Deployment lots\/web: the API server .* quantities must match the regular/,
    );
    const [warning = ''] = await messagesOf('lots', 'ComparisonWarning');
    expect(warning).toContain('quantities must match');
    expect(warning.match(/Deployment lots\/web/g)).toHaveLength(1);
  });

  it('bytes of a Secret that are no base64, naming the key and no value', async () => {
    const secret = (data: object) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'login' },
      data,
    });
    const repository = await applicationWith('bytes', secret({ password: 'aHVudGVyMg==' }));
    expect(await keelson.sync('bytes')).toMatchObject({ phase: 'Succeeded' });
    await repository.commit({ 'app.yaml': yamlOf(secret({ user: 'YQ==', password: 'hunter2!' })) });

    expect(await statesOf('bytes', 'normal')).toMatchObject({ Secret: ['OutOfSync', undefined] });
    const [ended, seconds] = await secondsOf(() => keelson.sync('bytes'));
    expect(seconds).toBeLessThan(10);
    expect(ended).toMatchObject({ phase: 'Failed' });
    expect(ended.message).toContain(
      'Secret bytes/login: data["password"] is no base64; encode it, or put the plain text under stringData',
    );
    const told = JSON.stringify([ended, await keelson.client.applications.get('bytes')]);
    expect(told).not.toContain('hunter2');
  });

  it('an object with the version that it had elsewhere, as exports have it', async () => {
    const exported = configMap('exported', { a: '1' });
    const annotations = { 'argocd.argoproj.io/sync-options': 'ServerSideApply=false' };
    const versioned = {
      ...exported,
      metadata: { ...exported.metadata, annotations, resourceVersion: '123' },
    };
    const repository = await applicationWith('exported', versioned);
    const [{ phase, message }, seconds] = await secondsOf(() => keelson.sync('exported'));
    expect(phase).toBe('Failed');
    expect(message).toContain('remove metadata.resourceVersion from the manifest');
    expect(seconds).toBeLessThan(15);
    await repository.commit({ 'app.yaml': yamlOf(exported) });
    expect(await keelson.sync('exported')).toMatchObject({ phase: 'Succeeded' });
  });

  it('an object without a name, which costs only itself', async () => {
    await applicationWith('named-by-hand', configMap('named', { a: '1' }), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { labels: { a: 'b' } },
    });
    expect(await messagesOf('named-by-hand', 'ComparisonError')).toEqual([]);
    const ended = await keelson.sync('named-by-hand');
    expect(ended.message).toContain('ConfigMap named-by-hand/');
    expect(ended.message).toContain('has no name; give it metadata.name');
  });
});

describe('a source that can not be rendered', () => {
  it('has one reason, that of the newest sync', async () => {
    const name = 'reasons';
    const broken = { 'kustomization.yaml': 'resources: [absent.yaml]\n' };
    const repository = await keelson.gitServer.createRepository(name, broken);
    await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name }));
    await keelson.client.applications.get(name, { refresh: 'normal' });
    expect(await messagesOf(name, 'ComparisonError')).toEqual([expect.stringContaining('absent.yaml')]);
    await repository.branch('other');
    await repository.deleteRef('refs/heads/main');
    const ended = await keelson.sync(name);
    const reason = "unable to resolve 'main' to a commit SHA";
    expect(ended.message).toContain(reason);
    await pollUntil('the condition says it too', 30, async () =>
      (await messagesOf(name, 'ComparisonError')).every((message) => message.includes(reason)),
    );
  });
});

describe('an object that can not be read', () => {
  it('is Unknown with the reason within seconds, while the rest is compared and synced', async () => {
    const { cluster } = keelson;
    const key = { group, kind: 'Ship', namespace: 'unread', name: 'one' };
    const ship = (version: string, size: number) => ({
      apiVersion: `${group}/${version}`,
      kind: 'Ship',
      metadata: { name: 'one', namespace: 'unread' },
      spec: { size },
    });
    await cluster.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'unread' } });
    await cluster.applyServerSide(definition('v1', { strategy: 'None' }));
    await pollUntil('the kind is served', 30, () =>
      cluster.create(ship('v1', 1)).then(
        () => true,
        () => false,
      ),
    );
    await cluster.applyServerSide(definition('v2', webhookAt(await freePort())));
    await pollUntil('the object can not be read', 30, () =>
      cluster.get(`${group}/v2`, key).then(
        () => false,
        () => true,
      ),
    );
    const session = keelson.pids().session;
    process.kill(session, 'SIGKILL');
    await pollUntil('another session', 30, () => keelson.pids().session !== session);

    await applicationWith('unread', configMap('beside', { a: '1' }), ship('v2', 2));
    await pollUntil('the first comparison', 60, async () => Object.keys(await statesOf('unread')).length > 0);
    const [states, seconds] = await secondsOf(() => statesOf('unread', 'normal'));
    expect(seconds).toBeLessThan(10);
    expect(states).toEqual({ ConfigMap: ['OutOfSync', 'Missing'], Ship: ['Unknown', 'Unknown'] });
    // What the rest says is what the application says, so an automated sync would bring it.
    expect((await keelson.client.applications.get('unread')).status?.sync?.status).toBe('OutOfSync');
    const [reason = ''] = await messagesOf('unread', 'ComparisonError');
    expect(reason).toMatch(
      /conversion webhook for .* failed: .*refused; see why the webhook does not answer/,
    );
    expect(reason.match(/Ship unread\/one/g)).toHaveLength(1);

    const [ended, syncSeconds] = await secondsOf(() => keelson.sync('unread'));
    expect(syncSeconds).toBeLessThan(40);
    expect(ended.phase).toBe('Failed');
    expect(ended.message).toContain('Ship unread/one');
    expect(ended.message).toContain('conversion webhook');
    expect(ended.steps.map((step) => [step.key.kind, step.status])).toEqual([
      ['ConfigMap', 'Synced'],
      ['Ship', 'SyncFailed'],
    ]);
    await pollUntil(
      'the rest is Synced',
      30,
      async () => (await statesOf('unread'))['ConfigMap']?.[0] === 'Synced',
    );
    expect((await keelson.client.applications.get('unread')).status?.sync?.status).toBe('Unknown');
    const log = readFileSync(join(keelson.stateDir, 'roles', 'session.log'), 'utf8');
    expect(log.split('\n').filter((line) => line.includes('Ship')).length).toBeLessThan(6);

    await cluster.applyServerSide(definition('v2', { strategy: 'None' }));
    expect(await keelson.sync('unread')).toMatchObject({ phase: 'Succeeded' });
    await keelson.healthy('unread');
  });
});

describe('a bad health from before a sync', () => {
  it('does not fail the sync that brings what was missing', async () => {
    const { cluster } = keelson;
    const apiVersion = 'external-secrets.io/v1';
    const key = { group: 'external-secrets.io', kind: 'ExternalSecret', namespace: 'before', name: 'login' };
    const secret = {
      apiVersion,
      kind: 'ExternalSecret',
      metadata: { name: 'login' },
      spec: { store: 'vault' },
    };
    const tell = async (status: 'False' | 'True', message: string) => {
      const lastTransitionTime = new Date().toISOString();
      const condition = { type: 'Ready', status, message, lastTransitionTime };
      const call = { subresource: 'status', fieldManager: 'controller' };
      await cluster.patch(apiVersion, key, { status: { conditions: [condition] } }, 'merge', call);
      return Date.now();
    };
    await cluster.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'before' } });
    await cluster.applyServerSide(externalSecrets);
    await pollUntil('the kind is served', 30, () =>
      cluster.create({ ...secret, metadata: { name: 'login', namespace: 'before' } }).then(
        () => true,
        () => false,
      ),
    );
    const told = await tell('False', 'there is no such store');
    // Kubernetes tells whole seconds: what is older has to be so by one.
    await pollUntil('another second', 5, () => Math.floor(Date.now() / 1000) > Math.floor(told / 1000) + 1);

    await applicationWith('before', secret, configMap('later', { a: '1' }, wave(1)));
    const id = await keelson.request('before');
    await pollUntil('the sync waits', 30, async () => {
      const { phase, waits } = await keelson.client.operations.get('before', id);
      expect(phase).toBe('Running');
      return waits.some(({ kind, closedAt }) => kind === 'settle' && closedAt === undefined);
    });
    await tell('True', 'the store is there');
    expect(await keelson.ended('before', id, 30)).toMatchObject({ phase: 'Succeeded' });
  });
});
