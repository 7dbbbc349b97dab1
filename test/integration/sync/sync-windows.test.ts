import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyOf } from '../../../core/object/manifest/manifest.ts';
import type { SyncWindow } from '../../../core/project/project.ts';
import type { OperationView, WaitView } from '../../../core/wire/operation.ts';
import type { SyncBody } from '../../../core/wire/sync.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { applicationOf, configMap, hookJob, wave, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import { setWindows } from '../../support/keelson/sync-windows.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';

let keelson: TestKeelson;
let database: DatabaseConnection;
/** Long enough for everything to be seen waiting until then. */
const openingSeconds = 30;

beforeAll(async () => {
  const started = await startKeelson();
  keelson = started;
  database = connectDatabase(started.databaseUrl, { connections: 2, onError: () => {} });
});

afterAll(async () => {
  await database?.close();
  await keelson?.stop();
});

const patience = { timeout: 60_000, interval: 250 };
const all = { applications: ['*'] };
const closed: SyncWindow = { kind: 'deny', schedule: '* * * * *', duration: '1h', ...all };
const automated = { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] };
const hangs = { annotations: { 'keelson.test/pod': 'hang' } };

/** A window that has begun with the minute of `during` and lasts until `end`. */
function until(kind: 'allow' | 'deny', during: Date, end: Date): SyncWindow {
  const schedule = `${during.getUTCMinutes()} ${during.getUTCHours()} * * *`;
  const begun = Math.floor(during.getTime() / 60_000) * 60;
  return { kind, schedule, duration: `${Math.ceil(end.getTime() / 1000 - begun)}s`, ...all };
}

/** An application in a project of its name, with these windows. */
async function applicationIn(
  name: string,
  windows: readonly SyncWindow[],
  files: Record<string, string>,
  syncPolicy = {},
): Promise<TestRepository> {
  await setWindows(database.db, name, windows);
  const repository = await keelson.gitServer.createRepository(name, files);
  const application = applicationOf({ name, repoURL: repository.url, namespace: name, syncPolicy });
  await keelson.create({ ...application, spec: { ...application.spec, project: name } });
  return repository;
}

const hooked = {
  'hook.yaml': yamlOf(hookJob('migrate', 'PreSync', {}, hangs)),
  'app.yaml': yamlOf(configMap('app', { v: '1' }), configMap('last', { v: '1' }, wave(1))),
};

/** A sync by a person whose hook runs, and to which a window is closed meanwhile. */
async function closedInHook(name: string, then: SyncWindow, body: SyncBody = {}): Promise<string> {
  await applicationIn(name, body.breakGlassReason == null ? [] : [closed], hooked);
  const id = await keelson.request(name, body);
  await waiting(name, id, 'hook');
  await setWindows(database.db, name, [then]);
  return id;
}

/** Lets the pods of hooks that hang end well. */
async function release(namespace: string): Promise<void> {
  const resource = await keelson.cluster.resourceFor('v1', 'Pod');
  const { items } = await keelson.cluster.list(resource, { namespace });
  expect(items.length).toBeGreaterThan(0);
  const patch = { metadata: { annotations: { 'keelson.test/pod': null } } };
  for (const pod of items) await keelson.cluster.patch('v1', keyOf(pod), patch, 'merge');
}

/** The open wait of a kind, once an operation has one. */
async function waiting(name: string, id: string, kind: WaitView['kind']): Promise<WaitView> {
  let wait: WaitView | undefined;
  await expect
    .poll(async () => {
      const { waits } = await keelson.client.operations.get(name, id);
      wait = waits.find((one) => one.kind === kind && one.closedAt === undefined);
      return wait;
    }, patience)
    .toBeDefined();
  return wait as WaitView;
}

async function newest(name: string): Promise<OperationView | undefined> {
  return (await keelson.client.operations.list(name, 5))[0];
}

const conditionOf = async (name: string): Promise<string | undefined> => {
  const { status } = await keelson.client.applications.get(name);
  return status?.conditions?.find(({ type }) => type === 'SyncWindowWait')?.message;
};

const liveData = async (namespace: string, name: string) =>
  (await keelson.cluster.get('v1', { group: '', kind: 'ConfigMap', namespace, name }))?.['data'];

const rfc3339 = (time: Date): string => time.toISOString().replace('.000Z', 'Z');

describe('sync windows', () => {
  it('hold an automated sync until somebody changes them, and a person with the words of the door', async () => {
    const repository = await applicationIn(
      'held',
      [closed],
      { 'app.yaml': yamlOf(configMap('app', { v: '1' })) },
      automated,
    );
    await expect.poll(() => conditionOf('held'), patience).toContain('no time is in sight');
    await expect(keelson.request('held')).rejects.toThrow('cannot sync: blocked by sync window');
    expect(await newest('held')).toBeUndefined();
    // What is newer by then is what is brought.
    const sha = await repository.commit({ 'app.yaml': yamlOf(configMap('app', { v: '2' })) });
    await keelson.client.applications.get('held', { refresh: 'normal' });
    await expect.poll(() => conditionOf('held'), patience).toContain(sha.slice(0, 7));

    await setWindows(database.db, 'held', []);
    await expect.poll(() => liveData('held', 'app'), patience).toEqual({ v: '2' });
    expect(await keelson.client.operations.list('held', 5)).toHaveLength(1);
    await expect.poll(() => conditionOf('held'), patience).toBeUndefined();
  });

  it('stop a sync at the next group once they close, never its hook, until they are changed or it is terminated', async () => {
    const [id, ended] = await Promise.all([
      closedInHook('closing', closed),
      closedInHook('terminated', closed),
    ]);
    // The hook is not touched, and nothing else is written.
    expect((await keelson.client.operations.get('closing', id)).waits).toHaveLength(1);
    await Promise.all([release('closing'), release('terminated')]);
    const wait = await waiting('closing', id, 'window');
    expect(wait).toMatchObject({ phase: 'Sync', wave: 0 });
    expect(wait.reason).toMatch(/^cannot sync: blocked by sync window: /);
    expect(await liveData('closing', 'app')).toBeUndefined();
    const hook = (await keelson.client.operations.get('closing', id)).steps.find(({ hook }) => hook);
    expect(hook?.hookPhase).toBe('Succeeded');

    await setWindows(database.db, 'closing', []);
    expect(await keelson.ended('closing', id)).toMatchObject({ phase: 'Succeeded', attempt: 1 });
    expect(await liveData('closing', 'last')).toEqual({ v: '1' });

    await waiting('terminated', ended, 'window');
    await keelson.client.operations.terminate('terminated');
    expect((await keelson.ended('terminated', ended)).phase).toBe('Failed');
    expect(await liveData('terminated', 'app')).toBeUndefined();
  });

  it('have an automated sync that they stop give way at once to what is newer, which waits', async () => {
    const repository = await applicationIn('older', [], hooked, automated);
    await expect.poll(() => newest('older'), patience).toMatchObject({ phase: 'Running' });
    const { id = '' } = (await newest('older')) ?? {};
    await waiting('older', id, 'hook');
    await setWindows(database.db, 'older', [closed]);
    await release('older');
    await waiting('older', id, 'window');

    const sha = await repository.commit({
      'hook.yaml': null,
      'app.yaml': yamlOf(configMap('app', { v: '2' })),
    });
    await keelson.client.applications.get('older', { refresh: 'normal' });
    expect((await keelson.ended('older', id)).phase).toBe('Superseded');
    await expect.poll(() => conditionOf('older'), patience).toContain(sha.slice(0, 7));
    expect(await liveData('older', 'app')).toBeUndefined();
    await setWindows(database.db, 'older', []);
    await expect.poll(() => liveData('older', 'app'), patience).toEqual({ v: '2' });
  });

  it('let run on what breaks the glass', async () => {
    const body = { breakGlassReason: 'the shop is down' };
    const id = await closedInHook('broken-glass', closed, body);
    await release('broken-glass');
    const ended = await keelson.ended('broken-glass', id);
    expect(ended).toMatchObject({
      phase: 'Succeeded',
      request: { breakGlass: { reason: body.breakGlassReason } },
    });
    expect(ended.waits.filter(({ kind }) => kind === 'window')).toEqual([]);
  });

  it('let run on what began within them, where they say so, and nothing else', async () => {
    const names = ['overruns', 'stops'];
    await Promise.all(
      names.map(async (name) => {
        const id = await closedInHook(name, closed);
        const { startedAt = '' } = await keelson.client.operations.get(name, id);
        const end = new Date(Date.now() + 2000);
        const window = until('allow', new Date(startedAt), end);
        await setWindows(database.db, name, [{ ...window, syncOverrun: name === 'overruns' }]);
        await expect.poll(() => Date.now() > end.getTime() + 1000, patience).toBe(true);
        await release(name);
        if (name === 'stops') await waiting(name, id, 'window');
        else expect(await keelson.ended(name, id)).toMatchObject({ phase: 'Succeeded' });
      }),
    );
  });

  it('start by the clock what waits for them, whatever was killed meanwhile', {
    timeout: 360_000,
  }, async () => {
    const files = { 'app.yaml': yamlOf(configMap('app', { v: '1' })) };
    const [id] = await Promise.all([
      closedInHook('clock-run', closed),
      applicationIn('clock', [closed], files, automated),
    ]);
    await release('clock-run');
    await waiting('clock-run', id, 'window');
    await expect.poll(() => conditionOf('clock'), patience).toContain('no time is in sight');

    const opening = new Date(Math.floor(Date.now() / 1000 + openingSeconds) * 1000);
    const window = until('deny', new Date(), opening);
    await Promise.all(['clock', 'clock-run'].map((name) => setWindows(database.db, name, [window])));
    const words = `syncs are allowed from ${rfc3339(opening)} on`;
    await expect.poll(() => conditionOf('clock'), patience).toContain(words);
    const reasonOf = async () => (await waiting('clock-run', id, 'window')).reason;
    await expect.poll(reasonOf, patience).toContain(words);
    const { deadline = '' } = await waiting('clock-run', id, 'window');
    expect(Math.abs(Date.parse(deadline) - opening.getTime())).toBeLessThan(1000);
    expect(await keelson.client.operations.list('clock', 5)).toEqual([]);

    for (const pid of Object.values(keelson.pids())) process.kill(pid, 'SIGKILL');
    const ofClock = () => newest('clock').catch(() => undefined);
    await expect
      .poll(ofClock, { timeout: 300_000, interval: 500 })
      .toMatchObject({ phase: 'Succeeded', initiatedBy: { automated: true } });
    expect(Date.parse((await newest('clock'))?.requestedAt ?? '')).toBeGreaterThan(opening.getTime());
    expect(await liveData('clock', 'app')).toEqual({ v: '1' });
    await expect.poll(() => conditionOf('clock'), patience).toBeUndefined();

    const ended = await keelson.ended('clock-run', id);
    expect(ended.phase).toBe('Succeeded');
    const written = ended.steps.filter(({ key }) => key.kind === 'ConfigMap');
    expect(written).toHaveLength(2);
    for (const { startedAt = '' } of written) {
      expect(Date.parse(startedAt)).toBeGreaterThan(opening.getTime());
    }
  });
});
