import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pollUntil } from '../../../local/poll.ts';
import { finalized, finalizers, lookInto } from '../../support/home/home-objects.ts';
import { startHome, type TestHome } from '../../support/home/start-home.ts';
import { configMap, hookJob, yamlOf } from '../../support/keelson/applications.ts';
import { faultsIn } from '../../support/process/faults.ts';

let home: TestHome;
let look: ReturnType<typeof lookInto>;

beforeAll(async () => {
  // One after the other they are no deletion of many at once.
  const env = { KEELSON_HOME_GATHER_SECONDS: '0.5', KEELSON_HOME_GUARD_SECONDS: '1' };
  home = await startHome('home-deletion', { env });
  look = lookInto(home);
});

afterAll(async () => {
  await home?.stop();
});

const until = (what: string, condition: () => Promise<boolean>) => pollUntil(what, 40, condition);
const mapOf = (namespace: string, name = 'map') =>
  home.cluster.get('v1', { group: '', kind: 'ConfigMap', namespace, name });

/** An application of one ConfigMap in a namespace of its name, synced. */
async function synced(name: string, own: readonly string[], more: readonly object[] = []): Promise<void> {
  const repository = await home.gitServer.createRepository(name, {
    'app.yaml': yamlOf(configMap('map', { v: '1' }), ...more),
  });
  await home.apply(finalized({ name, repoURL: repository.url, namespace: name }, ...own));
  await look.known(name);
  expect(await home.sync(name)).toMatchObject({ phase: 'Succeeded' });
}

describe('an object that is deleted', () => {
  it.each([
    ['foreground', [finalizers.foreground], false],
    ['background', [finalizers.background], false],
    ['none', [], true],
    ['foreign', ['home.test/foreign'], true],
  ] as const)('takes its resources along as its finalizers say: %s', async (word, own, stays) => {
    const name = `home-gone-${word}`;
    await synced(name, own);
    await look.delete(name);
    if (word === 'foreign') {
      await look.rowGone(name);
      expect((await home.object(name))?.metadata.finalizers).toEqual(['home.test/foreign']);
      await look.patch(name, { metadata: { finalizers: null } });
    }
    await look.objectGone(name);
    if (word !== 'none') await look.rowGone(name);
    else
      await until('a detached application', async () => (await look.conditions(name)).includes('Detached'));
    expect((await mapOf(name)) !== undefined).toBe(stays);
  });

  it('runs the hooks alone that its finalizers name alone', async () => {
    const name = 'home-gone-hooks';
    await synced(
      name,
      [finalizers.postDelete, `${finalizers.postDelete}/cleanup`],
      [hookJob('after', 'PostDelete')],
    );
    await look.delete(name);
    await look.objectGone(name);
    await look.rowGone(name);
    const job = await home.cluster.get('batch/v1', {
      group: 'batch',
      kind: 'Job',
      namespace: name,
      name: 'after',
    });
    expect([job?.metadata.name, (await mapOf(name))?.metadata.name]).toEqual(['after', 'map']);
  });

  it('goes after its row, and is not made anew while it is still there', async () => {
    const name = 'home-gone-order';
    await synced(name, [finalizers.foreground]);
    const faults = faultsIn(home);
    faults.arm('object-releasing', 'pause');
    await look.delete(name);
    const release = await faults.reached('object-releasing');
    expect(await look.names()).not.toContain(name);
    expect((await home.object(name))?.metadata.finalizers).toEqual([finalizers.foreground]);
    const touched = await look.patch(name, { metadata: { labels: { touched: 'yes' } } });
    // What comes after the event of that is taken after it.
    await home.apply(
      finalized({ name: `${name}-next`, repoURL: 'https://git.example.com/none.git', namespace: name }),
    );
    await look.known(`${name}-next`);
    expect(touched.metadata.labels).toMatchObject({ touched: 'yes' });
    expect(await look.names()).not.toContain(name);
    release();
    await look.objectGone(name);
    expect(await look.names()).not.toContain(name);
  });

  it('stays deleted where its deletion fails, says why, and goes on when asked', async () => {
    const name = 'home-gone-failed';
    await synced(
      name,
      [finalizers.foreground],
      [hookJob('before', 'PreDelete', {}, { annotations: { 'keelson.test/pod': 'fail' } })],
    );
    await look.delete(name);
    await until('a stopped deletion', async () => (await look.conditions(name)).includes('DeletionError'));
    const shown = await home.client.applications.get(name);
    const object = await home.object(name);
    expect(shown.metadata.deletionTimestamp).toBe(object?.metadata.deletionTimestamp);
    expect(shown.status?.conditions?.find(({ type }) => type === 'DeletionError')?.message).toContain(
      'PreDelete',
    );
    expect(await mapOf(name)).toBeDefined();
    await expect(home.request(name)).rejects.toThrow(/is being deleted/);
    await home.client.applications.delete(name, { orphan: true });
    await look.rowGone(name);
    await look.objectGone(name);
    expect(await mapOf(name)).toBeDefined();
  });

  it('stays deleted where somebody terminates its deletion', async () => {
    const name = 'home-gone-terminated';
    const held = { ...configMap('held', { v: '1' }) };
    await synced(
      name,
      [finalizers.foreground],
      [{ ...held, metadata: { ...held.metadata, finalizers: ['home.test/held'] } }],
    );
    await look.delete(name);
    await until('a running deletion', async () => {
      const [newest] = await home.client.operations.list(name, 1);
      return newest?.kind === 'delete' && newest.phase === 'Running';
    });
    await home.client.operations.terminate(name);
    await until('a stopped deletion', async () => (await look.conditions(name)).includes('DeletionError'));
    const [ended] = await home.client.operations.list(name, 1);
    expect(ended?.phase).toBe('Failed');
    expect((await home.client.applications.get(name)).metadata.deletionTimestamp).toBeDefined();
    await home.cluster.patch(
      'v1',
      { group: '', kind: 'ConfigMap', namespace: name, name: 'held' },
      { metadata: { finalizers: null } },
      'merge',
    );
    await home.client.applications.delete(name, {});
    await look.rowGone(name);
    await look.objectGone(name);
    expect(await mapOf(name)).toBeUndefined();
  });

  it('is deleted by the API with what was asked for', async () => {
    await synced('home-gone-api', []);
    await home.client.applications.delete('home-gone-api', { cascade: true });
    await look.rowGone('home-gone-api');
    await look.objectGone('home-gone-api');
    expect(await mapOf('home-gone-api')).toBeUndefined();
  });

  it('is asked for again with another policy, although finalizers can be added no more', async () => {
    const name = 'home-gone-again';
    const hook = hookJob('before', 'PreDelete', {}, { annotations: { 'keelson.test/pod': 'fail' } });
    await synced(name, [finalizers.foreground], [hook]);
    await look.delete(name);
    await until('a stopped deletion', async () => (await look.conditions(name)).includes('DeletionError'));
    await home.client.applications.delete(name, { cascade: true, propagationPolicy: 'background' });
    await until('a second deletion', async () => (await home.client.operations.list(name, 10)).length === 3);
    expect((await home.object(name))?.metadata.finalizers).toEqual([finalizers.foreground]);
    await until(
      'stopped again',
      async () => (await home.client.operations.list(name, 1))[0]?.phase === 'Failed',
    );
    await home.client.applications.delete(name, { orphan: true });
    await look.objectGone(name);
  });

  it.each([
    ['cluster', { destination: { server: 'https://gone.example.com' } }, /is not a registered cluster/],
    ['project', { project: 'home-gone' }, /home-gone/],
  ])(
    'says what keeps it whose %s is gone, and goes with every finalizer once it is given up',
    async (word, spec, words) => {
      const name = `home-gone-without-${word}`;
      const own = [finalizers.foreground, finalizers.postDelete, `${finalizers.postDelete}/cleanup`];
      await synced(name, own);
      await look.patch(name, { spec });
      await until('the change is known', async () => {
        const { destination, project } = (await home.client.applications.get(name)).spec;
        return destination.server === 'https://gone.example.com' || project === 'home-gone';
      });
      await look.delete(name);
      await until('a stopped deletion', async () => (await look.conditions(name)).includes('DeletionError'));
      const { status } = await home.client.applications.get(name);
      expect(status?.conditions?.find(({ type }) => type === 'DeletionError')?.message).toMatch(words);
      expect((await home.object(name))?.metadata.finalizers).toEqual(own);
      await home.client.applications.delete(name, { orphan: true });
      await look.rowGone(name);
      await look.objectGone(name);
    },
  );

  it('may have been deleted before anybody knew it', async () => {
    const name = 'home-gone-before';
    await home.cluster.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const pids = home.pids();
    process.kill(pids.session, 'SIGSTOP');
    try {
      await home.apply(
        finalized(
          { name, repoURL: 'https://git.example.com/none.git', namespace: name },
          finalizers.foreground,
        ),
      );
      await look.delete(name);
    } finally {
      // The next one knows it from its first list alone.
      process.kill(pids.session, 'SIGKILL');
    }
    await look.objectGone(name);
    await look.rowGone(name);
  });
});
