import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatJson } from '../../../core/object/json/json.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { LocalCluster } from '../../../local/kubernetes/cluster.ts';
import { pollUntil } from '../../../local/poll.ts';
import { installHomeKinds } from '../../support/home/home-kinds.ts';
import { finalized, finalizers, lookInto } from '../../support/home/home-objects.ts';
import { startHome, type TestHome } from '../../support/home/start-home.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

const detachedSeconds = 4;
/** An absence is looked at every three seconds. */
const keptMilliseconds = detachedSeconds * 1000 + 3500;
/** Five seconds pass between a change and its healing. */
const healsMilliseconds = 6000;

let own: LocalCluster;
let home: TestHome;
let look: ReturnType<typeof lookInto>;
let repoURL: string;

// The definition goes and comes here, which no other file could bear.
beforeAll(async () => {
  own = await testPlatform().startCluster();
  home = await startHome('home-absence', {
    kubeconfigPath: own.kubeconfigPath,
    env: { KEELSON_HOME_DETACHED_SECONDS: String(detachedSeconds), KEELSON_HOME_GATHER_SECONDS: '0.5' },
  });
  look = lookInto(home);
  ({ url: repoURL } = await home.gitServer.createRepository('home-absence', {
    'a.yaml': yamlOf(configMap('map', { v: '1' })),
  }));
});

afterAll(async () => {
  await home?.stop();
  await own?.stop();
});

const until = (what: string, condition: () => Promise<boolean>, seconds = 40) =>
  pollUntil(what, seconds, condition);
const selfHealing = { automated: { selfHeal: true, prune: true } };
const mapKey = (namespace: string) => ({ group: '', kind: 'ConfigMap', namespace, name: 'map' });
const mapOf = (namespace: string) => home.cluster.get('v1', mapKey(namespace));
const says = (name: string, type: string) => async () => (await look.conditions(name)).includes(type);

/** For how long an application says that its object is gone. */
async function detachedMilliseconds(name: string): Promise<number> {
  const { status } = await home.client.applications.get(name);
  const said = (status?.conditions ?? []).find(({ type }) => type === 'Detached');
  return Date.now() - Date.parse(said?.lastTransitionTime ?? '');
}

/** Takes an object away as nothing of ours does: its finalizers first. */
async function takeAway(name: string): Promise<Manifest> {
  const object = (await home.object(name)) as Manifest;
  await look.patch(name, { metadata: { finalizers: null } });
  await look.delete(name);
  return object;
}

describe('an object that is gone', () => {
  it('leaves its application detached: nothing is healed, and the row closes without its resources', async () => {
    const name = 'lost';
    await home.apply(
      finalized({ name, repoURL, namespace: name, syncPolicy: selfHealing }, finalizers.foreground),
    );
    await look.known(name);
    await home.healthy(name);
    await takeAway(name);
    await until('detached', says(name, 'Detached'));
    await home.cluster.patch('v1', mapKey(name), { data: { v: 'changed' } }, 'merge');
    await expect(home.request(name)).rejects.toThrow(/gone from the home cluster/);
    await look.rowGone(name);
    expect((await mapOf(name))?.['data']).toEqual({ v: 'changed' });
  });

  it('goes on with the same application where it comes back in time', async () => {
    const name = 'back';
    await home.apply(applicationOf({ name, repoURL, namespace: name }));
    await look.known(name);
    await home.sync(name);
    const [first] = await home.client.operations.list(name, 1);
    await takeAway(name);
    await until('detached', says(name, 'Detached'));
    await home.apply(applicationOf({ name, repoURL, namespace: name }));
    await until('attached again', async () => !(await look.conditions(name)).includes('Detached'));
    expect((await home.client.operations.list(name, 1))[0]?.id).toBe(first?.id);
    expect(await home.sync(name)).toMatchObject({ phase: 'Succeeded' });
  });

  it('closes no row where many are gone at once', async () => {
    const names = Array.from({ length: 6 }, (_, at) => `many${at}`);
    for (const name of names) await home.apply(applicationOf({ name, repoURL, namespace: 'many' }));
    for (const name of names) await look.known(name);
    for (const name of names) await takeAway(name);
    for (const name of names) await until('detached', says(name, 'Detached'));
    await until('all of them are gone for longer than one alone is kept', async () => {
      const gone = await Promise.all(names.map(detachedMilliseconds));
      return gone.every((milliseconds) => milliseconds > keptMilliseconds);
    });
    expect(await look.names()).toEqual(expect.arrayContaining(names));
    for (const name of names) await home.client.applications.delete(name, { orphan: true });
    for (const name of names) await look.rowGone(name);
  });
});

describe('a home cluster that can not be read', () => {
  it('starts nothing by itself while the definition is gone, and goes on when it is back', async () => {
    const name = 'kept';
    await home.apply(applicationOf({ name, repoURL, namespace: name, syncPolicy: selfHealing }));
    await look.known(name);
    await home.healthy(name);
    const application = applicationOf({ name, repoURL, namespace: name, syncPolicy: selfHealing });
    const key = {
      group: 'apiextensions.k8s.io',
      kind: 'CustomResourceDefinition',
      namespace: '',
      name: 'applications.argoproj.io',
    };
    await home.cluster.delete('apiextensions.k8s.io/v1', key);
    await until('unavailable', says(name, 'HomeClusterUnavailable'));
    await home.cluster.patch('v1', mapKey(name), { data: { v: 'changed' } }, 'merge');
    await until('the change is seen', async () => {
      const { status } = await home.client.applications.get(name);
      return status?.sync?.status === 'OutOfSync';
    });
    const seen = Date.now();
    await until('it is compared again after healing would have begun', async () => {
      const { status } = await home.client.applications.get(name, { refresh: 'normal' });
      return Date.parse(status?.reconciledAt ?? '') - seen > healsMilliseconds;
    });
    expect((await mapOf(name))?.['data']).toEqual({ v: 'changed' });
    expect(await look.names()).toContain(name);
    expect(await home.sync(name)).toMatchObject({ phase: 'Succeeded' });

    await installHomeKinds(home.cluster);
    await home.apply(application);
    await until(
      'available again',
      async () => !(await look.conditions(name)).includes('HomeClusterUnavailable'),
    );
    await home.cluster.patch('v1', mapKey(name), { data: { v: 'changed' } }, 'merge');
    await until('healed', async () => formatJson((await mapOf(name))?.['data']) === '{"v":"1"}');
  });
});
