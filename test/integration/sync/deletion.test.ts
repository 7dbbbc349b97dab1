import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../../../cli/server/client.ts';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { OperationView, StepView } from '../../../core/wire/operation.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import {
  applicationOf,
  configMap,
  deployment,
  hookJob,
  wave,
  yamlOf,
} from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { keelson as runCli } from '../../support/keelson/run-cli.ts';

let keelson: TestKeelson;
let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let database: DatabaseConnection;
let token: string;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  keelson = await startKeelsonOn(facts);
  const client = createApiClient({ server: keelson.url });
  token = await client.account.login('admin', keelson.adminPassword);
  await client.close();
  database = connectDatabase(facts.databaseUrl, { connections: 1, onError: () => {} });
});

afterAll(async () => {
  await database?.close();
  await keelson?.stop();
  await facts?.drop();
});

/** Polls for something; `expect.poll` can't tell tests apart that run side by side. */
const until = (what: string, look: () => Promise<boolean>) => pollUntil(what, 40, look);
const optionsOf = (value: string) => ({ 'argocd.argoproj.io/sync-options': value });
const policyOf = (value: string) => ({ 'argocd.argoproj.io/hook-delete-policy': value });
const mapKey = (namespace: string, name: string) => ({ group: '', kind: 'ConfigMap', namespace, name });
const jobKey = (namespace: string, name: string) => ({ group: 'batch', kind: 'Job', namespace, name });
const isThere = async (namespace: string, name: string) =>
  (await keelson.cluster.get('v1', mapKey(namespace, name))) !== undefined;
const jobOf = (namespace: string, name: string) => keelson.cluster.get('batch/v1', jobKey(namespace, name));
const stepNamed = (view: OperationView, name: string): StepView | undefined =>
  view.steps.find((step) => step.key.name === name);
const held = (name: string): Manifest => {
  const manifest = configMap(name, { a: '1' });
  return { ...manifest, metadata: { ...manifest.metadata, finalizers: ['keelson.test/held'] } };
};

/** An application in a namespace of its own name, synced. */
async function synced(name: string, manifests: readonly object[], annotations = {}): Promise<void> {
  const repository = await keelson.gitServer.createRepository(name, { 'app.yaml': yamlOf(...manifests) });
  await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name, annotations }));
  expect(await keelson.sync(name)).toMatchObject({ phase: 'Succeeded' });
}

async function remove(
  name: string,
  options: Parameters<TestKeelson['client']['applications']['delete']>[1] = {},
) {
  const { operationId } = await keelson.client.applications.delete(name, options);
  return operationId ?? '';
}

async function names(): Promise<string[]> {
  return (await keelson.client.applications.list()).map((one) => one.metadata.name);
}

/** Waits until an operation says why it stands still. */
async function waitOf(name: string, operationId: string, kind: string) {
  await until(`${name} waits`, async () => (await openWait(name, operationId, kind)) !== undefined);
  return openWait(name, operationId, kind);
}

async function openWait(name: string, operationId: string, kind: string) {
  const { waits } = await keelson.client.operations.get(name, operationId);
  return waits.find((wait) => wait.kind === kind && wait.closedAt === undefined);
}

/** Runs the command line against this Keelson. */
async function run(...argv: string[]) {
  return runCli([...argv, '--server', keelson.url, '--auth-token', token]);
}

async function unhold(namespace: string, name: string): Promise<void> {
  await keelson.cluster.patch('v1', mapKey(namespace, name), { metadata: { finalizers: null } }, 'merge');
}

describe.concurrent('deletion', () => {
  it('runs PreDelete hooks, deletes the waves in reverse, runs PostDelete hooks, and stays readable', async () => {
    await synced('whole', [
      hookJob('before', 'PreDelete'),
      configMap('first', { a: '1' }, wave(-1)),
      deployment('second'),
      configMap('third', { a: '1' }, wave(2)),
      configMap('kept', { a: '1' }, optionsOf('Delete=false')),
      hookJob('after', 'PostDelete', policyOf('HookSucceeded')),
    ]);
    expect(await jobOf('whole', 'before')).toBeUndefined();
    const operationId = await remove('whole');
    const ended = await keelson.ended('whole', operationId);

    expect(ended).toMatchObject({ kind: 'delete', phase: 'Succeeded', message: 'application deleted' });
    expect(await names()).not.toContain('whole');
    const order = ['before', 'third', 'second', 'first', 'after'].map((name) => stepNamed(ended, name));
    expect(order.map((step) => step?.phase)).toEqual([
      'PreDelete',
      'Delete',
      'Delete',
      'Delete',
      'PostDelete',
    ]);
    for (const [position, step] of order.entries()) {
      const next = order[position + 1];
      if (next === undefined) continue;
      expect(Date.parse(next.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(step?.finishedAt ?? ''));
    }
    expect(stepNamed(ended, 'kept')).toMatchObject({
      status: 'PruneSkipped',
      message: 'kept (Delete=false)',
    });
    expect([await isThere('whole', 'third'), await isThere('whole', 'kept')]).toEqual([false, true]);
    // By the default policy a hook stays as it is, and nothing of ours holds it; the other one went.
    const before = await jobOf('whole', 'before');
    expect(before?.metadata.finalizers ?? []).not.toContain('keelson.dev/hook-result');
    expect(before?.metadata.annotations?.['keelson.dev/step']).toBe(`${operationId}/1/0`);
    await until('the hook gone', async () => (await jobOf('whole', 'after')) === undefined);
    const listed = await keelson.client.operations.list('whole');
    expect(listed.map(({ kind }) => kind)).toEqual(['delete', 'sync']);
  });

  it('ends with the reason when a PreDelete hook fails, deletes nothing, and can be tried again', async () => {
    const fails = { annotations: { 'keelson.test/pod': 'fail' } };
    const policy = policyOf('HookFailed');
    const repository = await keelson.gitServer.createRepository('refusing', {
      'hook.yaml': yamlOf(hookJob('backup', 'PreDelete', policy, fails)),
      'app.yaml': yamlOf(configMap('app', { a: '1' })),
    });
    await keelson.create(applicationOf({ name: 'refusing', repoURL: repository.url, namespace: 'refusing' }));
    await keelson.sync('refusing');
    const ended = await keelson.ended('refusing', await remove('refusing'));

    expect(ended.phase).toBe('Failed');
    expect(ended.message).toMatch(/^PreDelete hooks failed.*batch\/Job refusing\/backup.*--orphan$/);
    expect(await isThere('refusing', 'app')).toBe(true);
    await until('the hook gone', async () => (await jobOf('refusing', 'backup')) === undefined);
    const { metadata, status } = await keelson.client.applications.get('refusing');
    expect(metadata).not.toHaveProperty('deletionTimestamp');
    expect(metadata).not.toHaveProperty('finalizers');
    expect(status?.conditions).toMatchObject([
      { type: 'DeletionError', message: expect.stringContaining('PreDelete hooks failed') },
    ]);

    await repository.commit({ 'hook.yaml': yamlOf(hookJob('backup', 'PreDelete', policy)) });
    await keelson.client.applications.get('refusing', { refresh: 'normal' });
    expect(await keelson.ended('refusing', await remove('refusing'))).toMatchObject({ phase: 'Succeeded' });
  });

  it('cascades in the background, or leaves the objects and says which', async () => {
    await synced('behind', [deployment('web')]);
    const background = await keelson.ended(
      'behind',
      await remove('behind', { propagationPolicy: 'background' }),
    );
    expect(background.request.deletion).toEqual({ cascade: 'background' });
    const web = { group: 'apps', kind: 'Deployment', namespace: 'behind', name: 'web' };
    expect(await keelson.cluster.get('apps/v1', web)).toBeUndefined();

    await synced('left', [configMap('left', { a: '1' }), hookJob('never', 'PreDelete')]);
    await keelson.healthy('left');
    const left = await keelson.ended('left', await remove('left', { cascade: false }));
    expect(left).toMatchObject({
      phase: 'Succeeded',
      orphans: { source: 'last-known', objects: [{ key: mapKey('left', 'left') }] },
    });
    expect([await isThere('left', 'left'), await jobOf('left', 'never')]).toEqual([true, undefined]);
    expect(await names()).not.toContain('left');
  });

  it('waits before any deletion until objects that ask for it are confirmed', async () => {
    await synced('asking', [
      configMap('sure', { a: '1' }, wave(1)),
      configMap('unsure', { a: '1' }, optionsOf('Delete=confirm')),
    ]);
    const operationId = await remove('asking');
    const wait = await waitOf('asking', operationId, 'approval');
    expect(wait?.reason).toContain(
      'waiting for confirmation that ConfigMap asking/unsure may be deleted; confirm with keelson app confirm-deletion ' +
        'asking, or annotate the application with argocd.argoproj.io/deletion-approved and the time',
    );
    expect(await isThere('asking', 'sure')).toBe(true);

    expect((await run('app', 'confirm-deletion', 'asking')).status).toBe(0);
    expect(await keelson.ended('asking', operationId, 15)).toMatchObject({ phase: 'Succeeded' });
  });

  it('says what holds an object, ends at its deadline with a report, and gives objects up when told to', async () => {
    await synced('stuck', [held('stuck'), configMap('free', { a: '1' }), hookJob('once', 'PreDelete')], {
      'keelson.dev/delete-deadline': '10s',
    });
    const operationId = await remove('stuck');
    await until(
      'the reason told',
      async () =>
        (await openWait('stuck', operationId, 'deletion'))?.reason ===
        'waiting for deletion of /ConfigMap/stuck: held by finalizer keelson.test/held',
    );
    const ended = await keelson.ended('stuck', operationId);

    expect(ended).toMatchObject({
      phase: 'Failed',
      orphans: {
        source: 'cluster',
        objects: [
          { key: mapKey('stuck', 'stuck'), finalizers: expect.arrayContaining(['keelson.test/held']) },
          { key: jobKey('stuck', 'once') },
        ],
      },
    });
    expect(ended.message).toMatch(
      /deadline.*2 objects remain.*held by finalizer keelson\.test\/held.*--orphan/,
    );
    expect((await keelson.client.applications.get('stuck')).status?.conditions).toMatchObject([
      { type: 'DeletionError' },
    ]);

    // The hook has run: the next deletion goes on behind it.
    const again = await remove('stuck', { deadline: '1h' });
    await waitOf('stuck', again, 'deletion');
    await remove('stuck', { orphan: true });
    const gaveUp = await keelson.ended('stuck', again, 20);
    expect(gaveUp).toMatchObject({
      phase: 'Succeeded',
      orphans: { objects: [{ key: mapKey('stuck', 'stuck') }] },
    });
    expect(gaveUp.steps.map(({ phase }) => phase)).not.toContain('PreDelete');
    expect(await names()).not.toContain('stuck');
    const audit = await listAudit(database.db, 100);
    expect(
      audit.find(({ action, object }) => action === 'application.orphan' && object.endsWith('/stuck')),
    ).toMatchObject({
      actor: 'admin',
      details: { objects: ['ConfigMap stuck/stuck'], operation: again },
    });
    const told = await run('app', 'operations', 'stuck', again);
    expect(told.stdout).toMatch(
      /Left in cluster in-cluster .*\n.*\n *ConfigMap stuck\/stuck .*keelson\.test\/held/,
    );
    await unhold('stuck', 'stuck');
  });

  it('waits for a cluster that is gone, says so, and ends without it when told to', async () => {
    const credentials = credentialsFromKubeconfig(readFileSync(facts.kubeconfigPath, 'utf8'));
    const server = 'https://vanished.test';
    await saveCluster(database.db, createKeyring(keelson.encryptionKey), {
      name: 'vanished',
      server,
      credentials: { ...credentials, name: 'vanished', server: `https://127.0.0.1:${await freePort()}` },
    });
    const { url } = await keelson.gitServer.createRepository('vanished', {
      'a.yaml': yamlOf(configMap('a', {})),
    });
    await keelson.create(applicationOf({ name: 'vanished', repoURL: url, namespace: 'vanished', server }));
    const operationId = await remove('vanished');
    await until('the reason told', async () =>
      /cluster vanished does not answer.*keelson app delete vanished --orphan/.test(
        (await openWait('vanished', operationId, 'cluster'))?.reason ?? '',
      ),
    );
    await remove('vanished', { orphan: true });
    expect(await keelson.ended('vanished', operationId, 40)).toMatchObject({
      phase: 'Succeeded',
      message: expect.stringContaining('application removed without its objects'),
    });
    expect(await names()).not.toContain('vanished');
  });

  it('does not pretend to delete from a cluster that nobody registered', async () => {
    const { url } = await keelson.gitServer.createRepository('nowhere', {
      'a.yaml': yamlOf(configMap('a', {})),
    });
    const server = 'https://nowhere.test';
    const application = applicationOf({ name: 'nowhere', repoURL: url, namespace: 'nowhere', server });
    await keelson.client.applications.create(application, { upsert: false, validate: false });
    const words =
      /destination https:\/\/nowhere\.test is not a registered cluster.*keelson app delete nowhere --orphan/;
    await expect(remove('nowhere')).rejects.toThrow(words);
    const [failed] = await keelson.client.operations.list('nowhere');
    expect(failed).toMatchObject({ kind: 'delete', phase: 'Failed', message: expect.stringMatching(words) });
    const { status } = await keelson.client.applications.get('nowhere');
    expect(status?.conditions?.map(({ type }) => type)).toContain('DeletionError');
    await remove('nowhere', { orphan: true });
    expect(await names()).not.toContain('nowhere');
  });

  it('stops a running sync first and deletes what that had made', async () => {
    const hangs = { annotations: { 'keelson.test/pod': 'hang' } };
    const { url } = await keelson.gitServer.createRepository('busy', {
      'app.yaml': yamlOf(configMap('early', { a: '1' }), hookJob('forever', 'Sync', wave(1), hangs)),
    });
    await keelson.create(applicationOf({ name: 'busy', repoURL: url, namespace: 'busy' }));
    const sync = await keelson.request('busy');
    await waitOf('busy', sync, 'hook');
    await remove('busy');
    await until('busy gone', async () => !(await names()).includes('busy'));
    const [deletion, stopped] = await keelson.client.operations.list('busy');
    expect(stopped).toMatchObject({ id: sync, kind: 'sync' });
    expect(deletion).toMatchObject({
      kind: 'delete',
      phase: 'Succeeded',
      initiatedBy: { username: 'admin' },
    });
    expect(Date.parse(deletion?.startedAt ?? '')).toBeGreaterThanOrEqual(
      Date.parse(stopped?.finishedAt ?? ''),
    );
    expect([await isThere('busy', 'early'), await jobOf('busy', 'forever')]).toEqual([false, undefined]);
  });

  it('stops at once when it is terminated, and leaves the application as it was', async () => {
    await synced('spared', [held('spared'), configMap('lower', { a: '1' }, wave(-1))]);
    const operationId = await remove('spared', { propagationPolicy: 'background' });
    await waitOf('spared', operationId, 'deletion');
    await keelson.client.operations.terminate('spared');
    const ended = await keelson.ended('spared', operationId, 20);

    expect(ended).toMatchObject({
      phase: 'Failed',
      message: expect.stringMatching(/^Operation terminated; 2 obj/),
    });
    expect(await isThere('spared', 'lower')).toBe(true);
    const { metadata, status } = await keelson.client.applications.get('spared');
    expect([metadata.finalizers, Object.keys(metadata).includes('deletionTimestamp')]).toEqual([
      undefined,
      false,
    ]);
    expect(status?.conditions ?? []).toEqual([]);
    await unhold('spared', 'spared');
    expect(await keelson.sync('spared')).toMatchObject({ phase: 'Succeeded' });
  });
});
