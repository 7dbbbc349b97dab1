import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorOfBackups } from '../../../bin/operator/operate-backups.ts';
import type { ClusterClient } from '../../../cluster/request/client.ts';
import { listSettingsObjects } from '../../../db/queries/home/settings-object.ts';
import { pollUntil } from '../../../local/poll.ts';
import { startHome, type TestHome } from '../../support/home/start-home.ts';
import { applicationOf, configMap, deployment, yamlOf } from '../../support/keelson/applications.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { keelson as runKeelson } from '../../support/keelson/run-cli.ts';
import { type GitServer, startGitServer } from '../../support/servers/git-server.ts';

const namespace = 'drill-home';
const applications = ['drill-by-itself', 'drill-by-hand'] as const;
let git: GitServer;
let home: TestHome;

beforeAll(async () => {
  git = await startGitServer();
  home = await startHome(namespace);
});

afterAll(async () => {
  await home?.stop();
  await git?.stop();
});

const run = (words: readonly string[], input = '') =>
  runKeelson(['admin', ...words, '-n', namespace, '--kubeconfig', testPlatform().kubeconfigPath], {
    input,
    backups: operatorOfBackups({}, new AbortController().signal),
  });

/** What an application deployed, by name and incarnation. */
async function deployed(name: string): Promise<Record<string, string>> {
  const kinds = [
    ['apps/v1', 'Deployment'],
    ['v1', 'ConfigMap'],
    ['v1', 'Namespace'],
  ] as const;
  const found: Record<string, string> = {};
  for (const [apiVersion, kind] of kinds) {
    const resource = await home.cluster.resourceFor(apiVersion, kind);
    const { items } = await home.cluster.list(resource, kind === 'Namespace' ? {} : { namespace: name });
    for (const { metadata } of items.filter((one) => kind !== 'Namespace' || one.metadata.name === name)) {
      found[`${kind}/${metadata.name}`] = metadata.uid ?? '';
    }
  }
  return found;
}

async function allDeployed() {
  return Object.fromEntries(
    await Promise.all(applications.map(async (name) => [name, await deployed(name)])),
  );
}

/** Deletes the objects of the control plane, as a lost cluster would have none; what they deployed stays. */
async function lose(cluster: ClusterClient): Promise<void> {
  for (const kind of ['Application', 'AppProject'] as const) {
    const resource = await cluster.resourceFor('argoproj.io/v1alpha1', kind);
    const { items } = await cluster.list(resource, { namespace });
    for (const { metadata } of items) {
      const key = { group: 'argoproj.io', kind, namespace, name: metadata.name ?? '' };
      const none = { metadata: { finalizers: null } };
      await cluster.patch('argoproj.io/v1alpha1', key, none, 'merge');
      await cluster.delete('argoproj.io/v1alpha1', key);
    }
  }
  await cluster.delete('v1', { group: '', kind: 'Secret', namespace, name: 'argocd-secret' });
}

/** Passwords and the key of tokens are those of the backup from here on, which ends the logins of before. */
async function loginWithRestored(): Promise<void> {
  const live = await home.cluster.get('v1', { group: '', kind: 'Secret', namespace, name: 'argocd-secret' });
  await pollUntil('the Secret of the backup', 30, async () => {
    const rows = await listSettingsObjects(home.database.db);
    return rows.find(({ role }) => role === 'accounts')?.resourceVersion === live?.metadata.resourceVersion;
  });
  home = { ...home, ...(await home.loginAgain()) };
}

/** An object that was applied is an application once the home session has seen it. */
async function untilMirrored(name: string): Promise<void> {
  await pollUntil(`${name} of the cluster`, 30, () =>
    home.client.applications.get(name).then(
      () => true,
      () => false,
    ),
  );
}

function objects(repoURL: string) {
  const project = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'drill' },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ server: '*', namespace: 'drill-*' }],
      clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }],
    },
  };
  const synced = applications.map((name, index) => {
    const syncPolicy = index === 0 ? { automated: { prune: true, selfHeal: true } } : {};
    const shape = { name, repoURL, namespace: name, project: 'drill', path: name, syncPolicy };
    const { metadata, ...rest } = applicationOf(shape);
    return { ...rest, metadata: { ...metadata, finalizers: ['resources-finalizer.argocd.argoproj.io'] } };
  });
  return [project, ...synced];
}

describe('the restore drill', () => {
  it('brings a lost control plane back without recreating or pruning anything', async () => {
    const repository = await git.createRepository('drill', {
      'drill-by-itself/a.yaml': yamlOf(deployment('web'), configMap('settings', { a: '1' })),
      'drill-by-hand/a.yaml': yamlOf(configMap('settings', { a: '1' }), configMap('left', { a: '1' })),
    });
    for (const object of objects(repository.url)) await home.apply(object);
    for (const name of applications) await untilMirrored(name);
    await home.healthy('drill-by-itself', 90);
    expect(await home.sync('drill-by-hand')).toMatchObject({ phase: 'Succeeded' });
    // Out of Git since, and not pruned: nobody has decided to.
    await repository.commit({ 'drill-by-hand/a.yaml': yamlOf(configMap('settings', { a: '1' })) });
    const before = await allDeployed();
    expect(Object.keys(before['drill-by-hand'] ?? {})).toContain('ConfigMap/left');

    const backup = await run(['export']);
    expect(backup.status).toBe(0);
    await home.stop();
    home = await startHome(namespace, { prepare: lose });
    expect(await home.client.applications.list()).toEqual([]);
    const restored = await run(['import', '-'], backup.stdout);
    expect(restored.stderr).toBe('');
    expect(restored.status).toBe(0);
    await loginWithRestored();

    for (const name of applications) await untilMirrored(name);
    await home.healthy('drill-by-itself', 90);
    await pollUntil('drill-by-hand compared', 90, async () => {
      const { status } = await home.client.applications.get('drill-by-hand');
      return status?.sync?.status === 'OutOfSync' && status.health?.status === 'Healthy';
    });
    const [left] = ((await home.client.applications.get('drill-by-hand')).status?.resources ?? []).filter(
      ({ name }) => name === 'left',
    );
    expect(left).toMatchObject({ requiresPruning: true });
    expect(await allDeployed()).toEqual(before);
    // A second sync of everything changes no incarnation either.
    expect(await home.sync('drill-by-itself')).toMatchObject({ phase: 'Succeeded' });
    expect(await allDeployed()).toEqual(before);
  });
});
