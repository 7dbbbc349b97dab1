import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../../../cli/server/client.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { pollUntil } from '../../../local/poll.ts';
import { finalized, finalizers, lookInto } from '../../support/home/home-objects.ts';
import { startHome, type TestHome } from '../../support/home/start-home.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { keelson as runCli } from '../../support/keelson/run-cli.ts';

let home: TestHome;
let look: ReturnType<typeof lookInto>;
let repoURL: string;
let token: string;
const target = 'home-guard-target';

beforeAll(async () => {
  home = await startHome('home-guard', {
    env: { KEELSON_HOME_GATHER_SECONDS: '2', KEELSON_HOME_GUARD_SECONDS: '8' },
  });
  look = lookInto(home);
  const login = createApiClient({ server: home.url });
  token = await login.account.login('admin', home.adminPassword);
  await login.close();
  const folders = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6'];
  const files = folders.map((name) => [`${name}/a.yaml`, yamlOf(configMap(name, { v: '1' }))]);
  ({ url: repoURL } = await home.gitServer.createRepository('home-guard', Object.fromEntries(files)));
});

afterAll(async () => {
  await home?.stop();
});

const run = (...argv: string[]) => runCli([...argv, '--server', home.url, '--auth-token', token]);
const until = (what: string, condition: () => Promise<boolean>) => pollUntil(what, 90, condition);
const several = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);
const mapOf = (name: string) =>
  home.cluster.get('v1', { group: '', kind: 'ConfigMap', namespace: target, name });

/** Applications of nothing that has to be rendered, whose objects hold until Keelson lets them go. */
async function applied(names: readonly string[]): Promise<void> {
  for (const name of names) {
    await home.apply(finalized({ name, repoURL, path: name, namespace: target }, finalizers.foreground));
  }
  for (const name of names) await look.known(name);
}

async function heldOf(names: readonly string[]): Promise<string[]> {
  const all = await home.client.applications.list();
  return all
    .filter(({ status }) => status?.conditions?.some(({ type }) => type === 'DeletionHeld'))
    .map(({ metadata }) => metadata.name)
    .filter((name) => names.includes(name));
}

describe('many deletions at once through objects', () => {
  it('are held, sync nothing, and go on as somebody answers', async () => {
    const names = several('a', 7);
    await applied(names);
    for (const name of names) await home.sync(name);
    for (const name of names) await look.delete(name);
    await until('seven held', async () => (await heldOf(names)).length === 7);
    expect(await mapOf('a0')).toBeDefined();
    await expect(home.request('a0')).rejects.toThrow();
    const object = await home.object('a0');
    expect(object?.metadata.finalizers).toEqual([finalizers.foreground]);
    const conditions = ((object?.['status'] ?? {}) as { conditions?: { type: string }[] }).conditions ?? [];
    await until('the object says so', async () => {
      const status = (await look.status('a0')) as { conditions?: { type: string }[] };
      return (status.conditions ?? conditions).some(({ type }) => type === 'DeletionHeld');
    });

    await home.client.applications.answerHeldDeletion('a0', 'cascade');
    await look.objectGone('a0');
    expect(await mapOf('a0')).toBeUndefined();

    await home.client.applications.answerHeldDeletion('a1', 'orphan');
    await look.objectGone('a1');
    await look.rowGone('a1');
    expect(await mapOf('a1')).toBeDefined();

    const before = (await home.object('a2'))?.metadata.uid;
    const id = (await home.client.applications.get('a2')).metadata.uid;
    await home.client.applications.answerHeldDeletion('a2', 're-create');
    await until('another object', async () => {
      const { uid = before, deletionTimestamp } = (await home.object('a2'))?.metadata ?? {};
      return uid !== before && deletionTimestamp === undefined;
    });
    await until('the application goes on', async () => {
      const { metadata } = await home.client.applications.get('a2');
      return metadata.uid !== id && metadata.deletionTimestamp === undefined;
    });
    expect(await home.sync('a2')).toMatchObject({ phase: 'Succeeded' });
    expect((await home.object('a2'))?.metadata.finalizers).toEqual([finalizers.foreground]);
    expect((await home.client.operations.list('a2', 10)).length).toBeGreaterThan(1);

    await expect(home.client.applications.answerHeldDeletion('a2', 'cascade')).rejects.toThrow(/is held/);
    const cli = await run('app', 'held-deletion', 'a3', 'a4', '--answer', 'orphan');
    expect(cli).toMatchObject({ status: 0, stdout: "application 'a3': orphan\napplication 'a4': orphan\n" });
    for (const name of ['a3', 'a4']) await look.objectGone(name);
    // The API deletes one by one whatever is held.
    for (const name of ['a5', 'a6']) await home.client.applications.delete(name, {});
    for (const name of ['a5', 'a6']) await look.objectGone(name);
    expect([await mapOf('a3'), await mapOf('a5')].map((map) => map?.metadata.name)).toEqual([
      'a3',
      undefined,
    ]);
    const actions = (await listAudit(home.database.db, 500)).map(({ action }) => action);
    expect(actions).toEqual(
      expect.arrayContaining(['application.hold-deletion', 'application.answer-held-deletion']),
    );
    await home.client.applications.delete('a2', {});
    await look.objectGone('a2');
  });

  it('are not held where the API makes them one by one', async () => {
    const names = several('b', 6);
    await applied(names);
    for (const name of names) await home.client.applications.delete(name, {});
    for (const name of names) await look.objectGone(name);
  });

  it('are not held where they are five, or spread over time', async () => {
    const names = several('c', 6);
    await applied(names);
    for (const name of names.slice(0, 5)) await look.delete(name);
    for (const name of names.slice(0, 5)) await look.objectGone(name);
    await new Promise((resolve) => setTimeout(resolve, 9000));
    await look.delete('c5');
    await look.objectGone('c5');
  });

  it('are not held where a parent that was let through takes its children along', async () => {
    const children = several('d', 7);
    const tree = await home.gitServer.createRepository('home-guard-tree', {
      'children.yaml': yamlOf(
        ...children.map((name) => {
          const child = finalized({ name, repoURL, path: 'a0', namespace: target }, finalizers.foreground);
          return { ...child, metadata: { ...child.metadata, namespace: home.namespace } };
        }),
      ),
    });
    await home.apply(
      finalized(
        { name: 'guard-parent', repoURL: tree.url, namespace: home.namespace },
        finalizers.background,
      ),
    );
    await look.known('guard-parent');
    await home.sync('guard-parent');
    for (const name of children) await look.known(name);
    await look.delete('guard-parent');
    for (const name of [...children, 'guard-parent']) await look.objectGone(name);
  });

  it('are held where a parent prunes its children', async () => {
    const children = several('e', 7);
    const manifests = children.map((name) => {
      const child = finalized({ name, repoURL, path: 'a0', namespace: target }, finalizers.foreground);
      return { ...child, metadata: { ...child.metadata, namespace: home.namespace } };
    });
    const tree = await home.gitServer.createRepository('home-guard-pruned', {
      'children.yaml': yamlOf(...manifests),
    });
    await home.apply(applicationOf({ name: 'pruning', repoURL: tree.url, namespace: home.namespace }));
    await look.known('pruning');
    await home.sync('pruning');
    for (const name of children) await look.known(name);
    await tree.commit({ 'children.yaml': yamlOf(configMap('left', { v: '1' })) }, 'without children');
    const pruning = await home.request('pruning', { prune: true });
    await until('seven held', async () => (await heldOf(children)).length === 7);
    for (const name of children) await home.client.applications.answerHeldDeletion(name, 'orphan');
    for (const name of children) await look.objectGone(name);
    expect(await home.ended('pruning', pruning)).toMatchObject({ phase: 'Succeeded' });
  });

  it('are held where their namespace is removed', async () => {
    const names = several('f', 7);
    await applied(names);
    const key = { group: '', kind: 'Namespace', namespace: '', name: home.namespace };
    await home.cluster.delete('v1', key);
    await until('seven held', async () => (await heldOf(names)).length === 7);
    expect((await home.cluster.get('v1', key))?.metadata.deletionTimestamp).toBeDefined();
    for (const name of names) await home.client.applications.answerHeldDeletion(name, 'orphan');
    for (const name of names) await look.rowGone(name);
    await until('the namespace is gone', async () => (await home.cluster.get('v1', key)) === undefined);
  });
});
