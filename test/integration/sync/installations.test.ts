import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { leaveMarker, readMarkers } from '../../../cluster/installation/marker.ts';
import { createClusterClient } from '../../../cluster/request/client.ts';
import type { Condition } from '../../../core/application/status.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { connectDatabase } from '../../../db/client.ts';
import { listClusters } from '../../../db/queries/cluster/cluster.ts';
import { installationId, readClusterObservation } from '../../../db/queries/installation/installation.ts';
import { changeSettingsWords } from '../../../db/queries/installation/settings-words.ts';
import type { LocalCluster } from '../../../local/kubernetes/cluster.ts';
import { pollUntil } from '../../../local/poll.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import { applicationOf, configMap, deployment, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { type OwnPart, testPlatform } from '../../support/keelson/platform.ts';
import { startUp } from '../../support/keelson/up.ts';

/** One of two installations that don't know of each other. */
type Installation = TestKeelson & { readonly databaseUrl: string; readonly id: string };

let cluster: LocalCluster;
const parts: OwnPart[] = [];
let first: Installation;
let second: Installation;

async function install(): Promise<Installation> {
  const facts = await testPlatform().createFacts();
  parts.push(facts);
  const keelson = await startKeelsonOn({ ...facts, kubeconfigPath: cluster.kubeconfigPath });
  const id = await onDatabase({ ...keelson, databaseUrl: facts.databaseUrl }, installationId);
  return { ...keelson, databaseUrl: facts.databaseUrl, id };
}

async function onDatabase<T>(
  { databaseUrl, encryptionKey }: Pick<Installation, 'databaseUrl' | 'encryptionKey'>,
  run: (db: Parameters<typeof installationId>[0], keyring: ReturnType<typeof createKeyring>) => Promise<T>,
): Promise<T> {
  const database = connectDatabase(databaseUrl, { onError: () => {} });
  try {
    return await run(database.db, createKeyring(encryptionKey));
  } finally {
    await database.close();
  }
}

beforeAll(async () => {
  cluster = await testPlatform().startCluster();
  first = await install();
  second = await install();
});

afterAll(async () => {
  await Promise.all([first?.stop(), second?.stop()]);
  await cluster?.stop();
  await Promise.all(parts.map((part) => part.drop()));
});

const automated = { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] };

async function created(
  keelson: Installation,
  name: string,
  files: Readonly<Record<string, Manifest>>,
  syncPolicy: object = { syncOptions: ['CreateNamespace=true'] },
) {
  const texts = Object.fromEntries(Object.entries(files).map(([file, object]) => [file, yamlOf(object)]));
  const repository = await keelson.gitServer.createRepository(name, texts);
  const repoURL = repository.url;
  await keelson.create(applicationOf({ name, repoURL, namespace: name, syncPolicy: { ...syncPolicy } }));
  return repository;
}

async function warnings(keelson: Installation, name: string): Promise<string[]> {
  const { status } = await keelson.client.applications.get(name, { refresh: 'normal' });
  const conditions: readonly Condition[] = status?.conditions ?? [];
  return conditions.filter(({ type }) => type === 'OtherInstallationWarning').map(({ message }) => message);
}

async function isThere(namespace: string, name: string): Promise<boolean> {
  return (await first.cluster.get('v1', { group: '', kind: 'ConfigMap', namespace, name })) !== undefined;
}

/** The operation of an application that waits for somebody's word, with the reason. */
async function asking(keelson: Installation, name: string): Promise<{ id: string; reason: string }> {
  let found: { id: string; reason: string } | undefined;
  await pollUntil(`${name} asks`, 60, async () => {
    const [newest] = await keelson.client.operations.list(name, 1);
    if (newest === undefined) return false;
    const { id, waits } = await keelson.client.operations.get(name, newest.id);
    const wait = waits.find(({ kind, closedAt }) => kind === 'approval' && closedAt === undefined);
    if (wait === undefined) return false;
    found = { id, reason: wait.reason };
    return true;
  });
  return found as { id: string; reason: string };
}

async function setInstallationId(keelson: Installation, installationID: string): Promise<void> {
  await onDatabase(keelson, (db, keyring) =>
    db.transaction((tx) => changeSettingsWords(tx, keyring, () => ({ 'argocd-cm': { installationID } }))),
  );
}

/** What the newest look of an installation's session has said, once it holds what is waited for. */
async function told(keelson: Installation, what: string, holds: (lines: string) => boolean): Promise<string> {
  let lines = '';
  await pollUntil(what, 60, async () => {
    lines = await onDatabase(keelson, async (db, keyring) => {
      const [home] = await listClusters(db);
      const look = home === undefined ? undefined : await readClusterObservation(db, keyring, home.id);
      return look === undefined ? '' : ['looked', ...look.lines].join('\n');
    });
    return lines !== '' && holds(lines);
  });
  return lines;
}

/** Makes a session look again, as a host that takes the cluster over does. */
async function reopen(keelson: Installation): Promise<void> {
  const { session } = keelson.pids();
  process.kill(session, 'SIGKILL');
}

describe('two installations on one cluster', () => {
  it('leaves its marker where it may, and tells why where it may not', async () => {
    const credentials = credentialsFromKubeconfig(readFileSync(cluster.kubeconfigPath, 'utf8'));
    const nobody = createClusterClient({ ...credentials, impersonate: { user: 'nobody' } });
    const signal = AbortSignal.timeout(30_000);
    const renewedAt = new Date();
    const marker = { id: randomUUID(), instance: 'host/1', installationId: 'north', renewedAt };
    const lease = (namespace: string) =>
      first.cluster.get('coordination.k8s.io/v1', {
        group: 'coordination.k8s.io',
        kind: 'Lease',
        namespace,
        name: `keelson-${marker.id}`,
      });
    try {
      expect(await leaveMarker(nobody, marker, 'default', signal)).toMatch(/forbidden|may not/);
      expect([await lease('default'), await lease('kube-system')]).toEqual([undefined, undefined]);
      expect(await leaveMarker(first.cluster, marker, 'not-there', signal)).toBeUndefined();
      expect(await lease('kube-system')).toBeDefined();
      const later = { ...marker, renewedAt: new Date(renewedAt.getTime() + 1000) };
      expect(await leaveMarker(first.cluster, later, 'not-there', signal)).toBeUndefined();
      expect(await readMarkers(first.cluster, signal)).toContainEqual(later);
      // Theirs are left by their sessions, whose opening may take longer than this.
      await expect
        .poll(async () => (await readMarkers(first.cluster, signal)).map(({ id }) => id), { timeout: 30_000 })
        .toEqual(expect.arrayContaining([first.id, second.id]));
    } finally {
      await nobody.close();
    }
  });

  it('leaves what the other applied under the same name until somebody confirms, and asks once', async () => {
    await created(first, 'twin', { 'a.yaml': configMap('of-first', { a: '1' }) });
    expect(await first.sync('twin')).toMatchObject({ phase: 'Succeeded' });

    const own = { 'b.yaml': configMap('of-second', { b: '1' }), 'c.yaml': configMap('leaves', { c: '1' }) };
    const repository = await created(second, 'twin', own, automated);
    const { id, reason } = await asking(second, 'twin');
    expect(reason).toBe(
      'waiting for pruning confirmation of /ConfigMap/of-first; this installation has never applied ' +
        'ConfigMap twin/of-first, so another one may own it: confirm with keelson app confirm-deletion twin, ' +
        'or terminate the operation',
    );
    const [warning] = await warnings(second, 'twin');
    expect(warning).toContain("ConfigMap twin/of-first carries this application's name");
    expect(warning).toContain(`Keelson ${first.id.slice(0, 8)} (`);
    const { status } = await second.client.applications.get('twin');
    expect(status?.resources?.find(({ name }) => name === 'of-first')).toMatchObject({
      requiresPruning: true,
      requiresDeletionConfirmation: true,
    });
    // The group waits as a whole: nothing of it was written either.
    expect([await isThere('twin', 'of-first'), await isThere('twin', 'of-second')]).toEqual([true, false]);

    await second.client.applications.confirmDeletion('twin');
    expect(await second.ended('twin', id)).toMatchObject({ phase: 'Succeeded' });
    expect([await isThere('twin', 'of-first'), await isThere('twin', 'of-second')]).toEqual([false, true]);

    await repository.commit({ 'c.yaml': null });
    await second.client.applications.get('twin', { refresh: 'normal' });
    await pollUntil(
      'what it has applied itself is pruned unasked',
      60,
      async () => !(await isThere('twin', 'leaves')),
    );
    expect(await warnings(second, 'twin')).toEqual([]);
  });

  it('takes over what it desires without a question, says so before, and may prune it afterwards', async () => {
    const both = { 'a.yaml': configMap('shared', { a: '1' }), 'b.yaml': configMap('also', { b: '1' }) };
    await created(first, 'moved', both);
    await first.sync('moved');
    const repository = await created(second, 'moved', both);
    await pollUntil('the second tells that it takes over', 60, async () => {
      const [warning = ''] = await warnings(second, 'moved');
      return warning.includes('The first sync takes them over');
    });
    expect(await second.sync('moved', { prune: true })).toMatchObject({ phase: 'Succeeded' });
    expect(await warnings(second, 'moved')).toEqual([]);
    await repository.commit({ 'b.yaml': null });
    expect(await second.sync('moved', { prune: true })).toMatchObject({ phase: 'Succeeded' });
    expect([await isThere('moved', 'shared'), await isThere('moved', 'also')]).toEqual([true, false]);
  });

  it('asks before a cascade deletes what only the other has applied', async () => {
    await created(first, 'gone', { 'a.yaml': configMap('kept', { a: '1' }) });
    await first.sync('gone');
    await created(second, 'gone', { 'b.yaml': configMap('other', { b: '1' }) });
    await second.sync('gone');
    await second.client.applications.delete('gone', { cascade: true, propagationPolicy: 'foreground' });
    const { id, reason } = await asking(second, 'gone');
    expect(reason).toContain('this installation has never applied ConfigMap gone/kept');
    expect(reason).toContain('keelson app confirm-deletion gone');
    expect([await isThere('gone', 'kept'), await isThere('gone', 'other')]).toEqual([true, true]);
    await second.client.applications.confirmDeletion('gone');
    expect(await second.ended('gone', id)).toMatchObject({ phase: 'Succeeded' });
    expect(await isThere('gone', 'kept')).toBe(false);
  });

  it('tells of the other, of controllers of the reference, and of applications that it does not have', async () => {
    const running = deployment('argocd-application-controller');
    await first.cluster.create({
      ...running,
      metadata: {
        ...running.metadata,
        namespace: 'kube-system',
        labels: { 'app.kubernetes.io/name': 'argocd-application-controller' },
      },
    });
    await created(first, 'only-first', { 'a.yaml': configMap('alone', { a: '1' }) });
    await first.sync('only-first');
    await reopen(second);
    const lines = await told(second, 'the reference is told of', (text) => text.includes('kube-system'));
    expect(lines).toMatch(/Argo CD in namespace kube-system writes the same marks/);
    // The next test follows it.
    expect(lines).toContain(
      'set installationID in argocd-cm before the first sync, unless you are moving applications over (docs/operate/tracking.md)',
    );
    expect(lines).toContain(`Keelson ${first.id.slice(0, 8)} (`);
    expect(lines).not.toContain(second.id.slice(0, 8));
    expect(lines).toMatch(/applications that this installation doesn't have \(only-first\)/);

    // A third one that is started here says all of it, for it has no application yet.
    const facts = await testPlatform().createFacts();
    parts.push(facts);
    const stateDir = mkdtempSync(join(testPlatform().stateDir, 'third-'));
    const external = ['--database-url', facts.databaseUrl, '--temporal-address', facts.temporalAddress];
    const flags = ['--kubeconfig', cluster.kubeconfigPath, ...external, '--no-demo'];
    const up = await startUp(stateDir, flags, { until: "applications that this installation doesn't have" });
    expect(up.output()).toMatch(/^ {2}warning: Argo CD in namespace kube-system writes/m);
    for (const { id } of [first, second]) {
      expect(up.output()).toContain(`warning: Keelson ${id.slice(0, 8)} (`);
    }
    expect(await up.interrupt()).toBe('exited with 0');
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('sees nothing of the other once its installationID tells them apart', async () => {
    await created(first, 'apart', { 'a.yaml': configMap('of-first', { a: '1' }) });
    await first.sync('apart');
    await setInstallationId(second, 'second');
    const lines = await told(
      second,
      'the look under the new id',
      (text) => !text.includes(first.id.slice(0, 8)),
    );
    expect(lines).not.toContain('only-first');
    await created(second, 'apart', { 'b.yaml': configMap('of-second', { b: '1' }) }, automated);
    await second.healthy('apart');
    expect(await warnings(second, 'apart')).toEqual([]);
    expect([await isThere('apart', 'of-first'), await isThere('apart', 'of-second')]).toEqual([true, true]);
    expect(await first.sync('apart', { prune: true })).toMatchObject({ phase: 'Succeeded' });
    expect(await warnings(first, 'apart')).toEqual([]);
    expect(await isThere('apart', 'of-second')).toBe(true);
  });
});
