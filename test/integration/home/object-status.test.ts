import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApplicationStatus } from '../../../core/application/status.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { pollUntil } from '../../../local/poll.ts';
import { lookInto, ownsStatus } from '../../support/home/home-objects.ts';
import { startHome, type TestHome } from '../../support/home/start-home.ts';
import { applicationOf, configMap, hookJob, yamlOf } from '../../support/keelson/applications.ts';

let home: TestHome;
let look: ReturnType<typeof lookInto>;
let repoURL: string;

beforeAll(async () => {
  home = await startHome('home-status');
  look = lookInto(home);
  ({ url: repoURL } = await home.gitServer.createRepository('home-status', {
    'plain/a.yaml': yamlOf(configMap('map', { v: '1' })),
    'hook/a.yaml': yamlOf(configMap('map', { v: '1' }), hookJob('before', 'PreSync')),
  }));
});

afterAll(async () => {
  await home?.stop();
});

const until = (what: string, condition: () => Promise<boolean>) => pollUntil(what, 90, condition);
const statusOf = async (name: string): Promise<ApplicationStatus> => look.status(name);

async function applied(name: string, path = 'plain', more: object = {}): Promise<void> {
  await home.apply(applicationOf({ name, repoURL, path, namespace: `home-status-${name}`, ...more }));
  await look.known(name);
}

async function told(
  name: string,
  condition: (status: ApplicationStatus) => boolean,
): Promise<ApplicationStatus> {
  try {
    await until(`status of ${name} on its object`, async () => condition(await statusOf(name)));
  } catch (cause) {
    const [object, shown] = [await home.object(name), await home.client.applications.get(name)];
    throw new Error(`object ${formatJson(object)} where the API shows ${formatJson(shown)}`, { cause });
  }
  return statusOf(name);
}

/** The versions of objects once none of them changes for a while. */
async function settled(names: readonly string[]) {
  const versions = async () => Promise.all(names.map(look.version));
  let before = await versions();
  await until('quiet', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const now = await versions();
    const isQuiet = formatJson(now) === formatJson(before);
    before = now;
    return isQuiet;
  });
  return before;
}

describe('the status of an object', () => {
  it('is what stock tools read, under a manager of its own', async () => {
    await applied('status-shown', 'hook');
    await home.sync('status-shown');
    const status = await told(
      'status-shown',
      ({ health, sync, operationState }) =>
        health?.status === 'Healthy' && sync?.status === 'Synced' && operationState?.phase === 'Succeeded',
    );
    const shown = await home.client.applications.get('status-shown');
    expect(status).toMatchObject({
      sync: {
        status: 'Synced',
        revision: shown.status?.sync?.revision,
        comparedTo: { source: { path: 'hook' } },
      },
      operationState: { phase: 'Succeeded', syncResult: { resources: expect.any(Array) } },
      history: [{ id: 0 }],
      resources: expect.arrayContaining([
        expect.objectContaining({ kind: 'ConfigMap', name: 'map', status: 'Synced' }),
      ]),
      summary: {},
      sourceType: 'Directory',
      controllerNamespace: home.namespace,
      reconciledAt: expect.any(String),
    });
    expect(status['observedAt']).toBe(status.reconciledAt);
    expect(ownsStatus(await home.object('status-shown'), 'keelson-status')).toBe(true);
  });

  it('overwrites what others write, and is read by nobody', async () => {
    await applied('stale');
    await home.sync('stale');
    await told('stale', ({ operationState }) => operationState?.phase === 'Succeeded');
    await look.patch('stale', {
      status: {
        sync: { status: 'OutOfSync', revision: 'stale' },
        health: { status: 'Degraded', message: 'stale' },
        history: [{ id: 99, deployedAt: '2020-01-01T00:00:00Z' }],
        operationState: { operation: {}, phase: 'Running', startedAt: '2020-01-01T00:00:00Z' },
        sourceHydrator: { currentOperation: { phase: 'Hydrating' } },
        reconciledAt: '2099-01-01T00:00:00Z',
      },
    });
    await home.client.applications.get('stale', { refresh: 'normal' });
    const status = await told('stale', ({ sync }) => sync?.revision !== 'stale');
    expect(status).toMatchObject({
      sync: { status: 'Synced' },
      history: [{ id: 0 }],
      health: { status: 'Healthy' },
    });
    expect(Object.keys(status)).not.toContain('sourceHydrator');
    expect(status.reconciledAt?.startsWith('2099')).toBe(false);
    expect(status.health).not.toHaveProperty('message');
    expect((await home.client.operations.list('stale', 10)).length).toBe(1);
  });

  it('moves its time alone after a refresh only, and is written once a second at most', async () => {
    await applied('paced');
    await home.sync('paced');
    await told(
      'paced',
      ({ operationState, health }) => operationState?.phase === 'Succeeded' && health?.status === 'Healthy',
    );
    const before = (await statusOf('paced')).reconciledAt ?? '';
    const resource = await home.cluster.resourceFor('argoproj.io/v1alpha1', 'Application');
    const { resourceVersion } = await home.cluster.list(resource, { namespace: home.namespace });
    const seen: number[] = [];
    const ending = new AbortController();
    const watching = home.cluster
      .watch(resource, {
        resourceVersion,
        namespace: home.namespace,
        fieldSelector: 'metadata.name=paced',
        signal: ending.signal,
        onEvent: (event) => event.type === 'MODIFIED' && seen.push(performance.now()),
      })
      .catch(() => undefined);
    const end = performance.now() + 4500;
    while (performance.now() < end) await home.client.applications.get('paced', { refresh: 'normal' });
    await told('paced', ({ reconciledAt = '' }) => reconciledAt > before);
    ending.abort();
    await watching;
    const pauses = seen.slice(1).map((at, index) => at - (seen[index] ?? 0));
    expect(seen.length).toBeGreaterThan(1);
    // Events come a little later than writes, now and then one more than another.
    expect(Math.min(...pauses)).toBeGreaterThan(700);
  });

  it('costs no write while nothing happens', async () => {
    const names = Array.from({ length: 12 }, (_, at) => `idle${at}`);
    for (const name of names) await applied(name);
    for (const name of names)
      await told(
        name,
        ({ sync, reconciledAt }) => sync?.status === 'OutOfSync' && reconciledAt !== undefined,
      );
    const before = await settled(names);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect(await Promise.all(names.map(look.version))).toEqual(before);
  });

  it('is written once of values with nulls and of lists that name something twice', async () => {
    const { url } = await home.gitServer.createRepository('home-status-nulls', {
      'Chart.yaml': 'apiVersion: v2\nname: nulls\nversion: 1.0.0\n',
      'values.yaml': 'a: 1\n',
      'templates/map.yaml': yamlOf(configMap('map', { v: '1' })),
    });
    const helm = { valuesObject: { a: null, b: [{ c: null }] }, valueFiles: ['values.yaml', 'values.yaml'] };
    await applied('nulls', '.', { repoURL: url, source: { helm } });
    await home.sync('nulls');
    await told(
      'nulls',
      ({ operationState, sync, health }) =>
        operationState?.phase === 'Succeeded' && sync?.status === 'Synced' && health?.status === 'Healthy',
    );
    const quiet = await settled(['nulls']);
    await home.client.applications.get('nulls');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(await look.version('nulls')).toBe(quiet[0]);
  });

  it('fits into the object however much there is to say', async () => {
    const values = `note: ${'v'.repeat(60_000)}\n`;
    const { url } = await home.gitServer.createRepository('home-status-large', {
      'Chart.yaml': 'apiVersion: v2\nname: large\nversion: 1.0.0\n',
      'templates/map.yaml': yamlOf(configMap('map', { v: '1' })),
    });
    await applied('large', '.', { repoURL: url, source: { helm: { values } } });
    for (let syncs = 0; syncs < 4; syncs++) await home.sync('large');
    const status = await told('large', ({ history }) => (history?.length ?? 0) >= 4);
    expect(Buffer.byteLength(formatJson(status))).toBeLessThan(200_000);
    expect(status.conditions?.map(({ type }) => type)).toContain('StatusShortened');
    const shown = await home.client.applications.get('large');
    expect(shown.status?.history?.[0]?.source?.helm?.values).toBe(values);
    expect(shown.status?.conditions?.map(({ type }) => type) ?? []).not.toContain('StatusShortened');
  });
});

describe('an operation on an object', () => {
  it('starts one sync and is cleared', async () => {
    await applied('asked');
    await look.patch('asked', {
      operation: { sync: { prune: true }, info: [{ name: 'why', value: 'test' }] },
    });
    await until('cleared', async () => (await home.object('asked'))?.['operation'] === undefined);
    await told('asked', ({ operationState }) => operationState?.phase === 'Succeeded');
    const all = await home.client.operations.list('asked', 10);
    expect(
      all.map(({ request, initiatedBy }) => [request.prune, request.info, initiatedBy.username]),
    ).toEqual([[true, [{ name: 'why', value: 'test' }], 'home-cluster']]);
    await look.patch('asked', {
      operation: { sync: { prune: true }, info: [{ name: 'why', value: 'test' }] },
    });
    await until('a second one', async () => (await home.client.operations.list('asked', 10)).length === 2);
  });

  it('is refused where nothing can be started, cleared all the same, and told in the audit', async () => {
    await applied('status-refused');
    await look.patch('status-refused', { operation: { sync: { manifests: ['{}'] } } });
    await until('cleared', async () => (await home.object('status-refused'))?.['operation'] === undefined);
    const audit = await listAudit(home.database.db, 200);
    expect(
      audit.find(({ decision, object }) => decision === 'denied' && object.endsWith('/status-refused')),
    ).toMatchObject({
      action: 'application.sync',
      reason: expect.stringContaining('operation.sync.manifests'),
    });
    expect(await home.client.operations.list('status-refused', 10)).toEqual([]);
  });

  it('is nothing that a parent writes from Git, nor is a status', async () => {
    const child = applicationOf({ name: 'child', repoURL, path: 'plain', namespace: 'home-status-child' });
    const { url } = await home.gitServer.createRepository('home-status-parent', {
      'child.yaml': yamlOf({
        ...child,
        metadata: { ...child.metadata, namespace: home.namespace },
        operation: { sync: {} },
        status: { health: { status: 'Degraded' } },
      }),
    });
    await applied('status-parent', '.', { repoURL: url });
    expect(await home.sync('status-parent')).toMatchObject({ phase: 'Succeeded' });
    await look.known('child');
    await told('child', ({ sync, health }) => sync?.status === 'OutOfSync' && health?.status === 'Missing');
    expect(await home.client.operations.list('child', 10)).toEqual([]);
    await home.sync('status-parent');
    expect(await home.client.operations.list('child', 10)).toEqual([]);
  });
});
