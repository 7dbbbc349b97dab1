import { createHmac } from 'node:crypto';
import { compare, hash } from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valuesOfSecret } from '../../../core/home/settings/written/secret-values.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { listSettingsObjects } from '../../../db/queries/home/settings-object.ts';
import { pollUntil } from '../../../local/poll.ts';
import { startHome, type TestHome } from '../../support/home/start-home.ts';

let home: TestHome;
const namespace = 'home-settings';

beforeAll(async () => {
  home = await startHome(namespace);
});

afterAll(async () => {
  await home?.stop();
});

function apply(kind: string, name: string, fields: object, labels: object = {}): Promise<Manifest> {
  const manifest = {
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace, labels: { ...labels } },
    ...fields,
  };
  return home.cluster.applyServerSide(manifest, { fieldManager: 'kubectl' });
}

function remove(kind: string, name: string): Promise<unknown> {
  return home.cluster.delete('v1', { group: '', kind, namespace, name });
}

const shown = () => home.client.settings.get();

async function conditionsOf(object: string) {
  return ((await shown()).conditions ?? []).filter((one) => one.object === object);
}

function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  return pollUntil(what, 30, holds);
}

async function eventsOf(name: string): Promise<string[]> {
  const resource = await home.cluster.resourceFor('v1', 'Event');
  const { items } = await home.cluster.list(resource, { namespace });
  return items
    .filter(({ involvedObject }) => (involvedObject as { name: string }).name === name)
    .map(({ type, reason }) => `${type} ${reason}`);
}

describe('what is applied to the home cluster', () => {
  it('sets the installation, also without a label, which the object is told', async () => {
    await apply('ConfigMap', 'argocd-cm', { data: { url: 'https://keelson.example.com' } });
    await until('the address of the object', async () => {
      const reply = await fetch(`${home.url}/api/v1/settings`);
      return ((await reply.json()) as { url: string }).url === 'https://keelson.example.com';
    });
    expect(await conditionsOf('ConfigMap argocd-cm')).toMatchObject([{ type: 'Unlabelled' }]);
    await until('an Event', async () => (await eventsOf('argocd-cm')).includes('Normal Unlabelled'));
  });

  it('leaves the last good words in force where it is broken or deleted, until that is accepted', async () => {
    const exclusions = '- {apiGroups: [velero.io], kinds: [Backup], clusters: ["*"]}';
    await apply('ConfigMap', 'argocd-cm', { data: { 'resource.exclusions': exclusions } });
    await until('exclusions', async () => {
      return (await shown()).configMaps['argocd-cm']?.['resource.exclusions'] === exclusions;
    });
    await apply('ConfigMap', 'argocd-cm', { data: { 'resource.exclusions': '- {', 'helm.enable': 'false' } });
    await until('the other key', async () => {
      return (await shown()).configMaps['argocd-cm']?.['helm.enable'] === 'false';
    });
    expect((await shown()).configMaps['argocd-cm']?.['resource.exclusions']).toBe(exclusions);
    await until('a warning', async () => (await eventsOf('argocd-cm')).includes('Warning Unreadable'));
    await remove('ConfigMap', 'argocd-cm');
    await until('a condition', async () => {
      return (await conditionsOf('ConfigMap argocd-cm')).some(({ type }) => type === 'Deleted');
    });
    expect((await shown()).configMaps['argocd-cm']?.['resource.exclusions']).toBe(exclusions);
    const [{ resourceVersion = '' } = {}] = await conditionsOf('ConfigMap argocd-cm');
    await home.client.settings.accept({ 'ConfigMap argocd-cm': resourceVersion });
    expect((await shown()).configMaps['argocd-cm']).toEqual({});
    expect(await conditionsOf('ConfigMap argocd-cm')).toEqual([]);
  });

  it('registers repositories and forgets them with their Secrets', async () => {
    const url = 'https://git.example.com/home-settings.git';
    const stringData = { url, username: 'ann', password: 'p' };
    await apply('Secret', 'home-repo', { stringData }, { 'argocd.argoproj.io/secret-type': 'repository' });
    const known = async () =>
      (await home.client.sources.listRepositories({ refresh: false })).some(({ repo }) => repo === url);
    await until('the repository', known);
    await remove('Secret', 'home-repo');
    await until('no repository', async () => !(await known()));
  });

  it('sets the secrets of webhooks', async () => {
    await apply('Secret', 'argocd-secret', { stringData: { 'webhook.github.secret': '$hooks:github' } });
    await apply(
      'Secret',
      'hooks',
      { stringData: { github: 'my-secret\n' } },
      {
        'app.kubernetes.io/part-of': 'argocd',
      },
    );
    const body = JSON.stringify({
      ref: 'refs/heads/main',
      repository: { clone_url: 'https://git.example.com/x', default_branch: 'main' },
    });
    await until('a delivery that is believed', async () => {
      const signature = createHmac('sha256', 'my-secret').update(body).digest('hex');
      const reply = await fetch(`${home.url}/api/webhook`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-github-event': 'push',
          'x-hub-signature-256': `sha256=${signature}`,
        },
        body,
      });
      return reply.status === 200;
    });
  });

  it('has the password of admin, whoever changes it, and keeps the last one that can be read', async () => {
    const secret = async () => {
      const live = await home.cluster.get('v1', {
        group: '',
        kind: 'Secret',
        namespace,
        name: 'argocd-secret',
      });
      return live === undefined ? {} : valuesOfSecret(live);
    };
    const logsIn = async (password: string): Promise<boolean> => {
      const body = JSON.stringify({ username: 'admin', password });
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${home.url}/api/v1/session`, { method: 'POST', headers, body })).ok;
    };
    await until('the password of the first start', async () => {
      return await compare(home.adminPassword, (await secret())['admin.password'] ?? '');
    });
    expect(Object.keys(await secret())).toEqual(
      expect.arrayContaining(['admin.passwordMtime', 'server.secretkey']),
    );
    const password = { 'admin.password': await hash('of-the-secret', 4) };
    await apply('Secret', 'argocd-secret', { stringData: password });
    await until('the password of the Secret', () => logsIn('of-the-secret'));
    await apply('Secret', 'argocd-secret', { stringData: { 'admin.password': 'in-the-clear' } });
    // Whoever was logged in isn't any more: the rows say it.
    await until('a condition', async () => {
      const row = (await listSettingsObjects(home.database.db)).find(({ role }) => role === 'accounts');
      return row?.notices.some(({ type }) => type === 'Unreadable') ?? false;
    });
    expect(await logsIn('of-the-secret')).toBe(true);
  });
});
