import { createHmac } from 'node:crypto';
import { hash } from 'bcryptjs';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  settingsObjectGone,
  settingsObjectsListed,
  takeSettingsObject,
} from '../../../control/settings/home-objects.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { encodeBase64 } from '../../../core/object/manifest/secret.ts';
import type { InstallationSettings } from '../../../core/wire/server.ts';
import { findCluster, openClusterCredentials } from '../../../db/queries/cluster/cluster.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { listCertificates } from '../../../db/queries/repository/certificate.ts';
import {
  findRepository,
  listRepositories,
  openRepositoryCredentials,
} from '../../../db/queries/repository/repository.ts';
import { listTemplates } from '../../../db/queries/repository/repository-template.ts';
import { applicationStatus } from '../../../db/schema/application.ts';
import { homeSettings } from '../../../db/schema/home.ts';
import { inClusterServer, startApi, type TestApi } from '../../support/keelson/api/api.ts';

let api: TestApi;
let version = 100;

beforeAll(async () => {
  api = await startApi();
});

afterAll(async () => {
  await api.close();
});

type Fields = { readonly labels?: object; readonly uid?: string; readonly created?: string };

function objectOf(kind: string, name: string, data: Record<string, string>, fields: Fields = {}): Manifest {
  version += 1;
  return {
    apiVersion: 'v1',
    kind,
    metadata: {
      ...{ name, namespace: 'argocd', uid: fields.uid ?? `uid-${name}`, resourceVersion: String(version) },
      creationTimestamp: fields.created ?? '2026-11-30T00:00:00Z',
      labels: { ...fields.labels },
    },
    data,
  };
}

const partOf = { 'app.kubernetes.io/part-of': 'argocd' };
const map = (name: string, data: Record<string, string>, fields: Fields = { labels: partOf }) =>
  objectOf('ConfigMap', name, data, fields);
const encoded = (data: Record<string, string>) =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, encodeBase64(value)]));
const secret = (name: string, type: string, data: Record<string, string>, fields: Fields = {}) =>
  objectOf('Secret', name, encoded(data), {
    ...fields,
    labels: { ...(type === '' ? {} : { 'argocd.argoproj.io/secret-type': type }), ...fields.labels },
  });

const take = async (manifest: Manifest) => (await takeSettingsObject(api.deps, manifest)).news;
const gone = (kind: 'ConfigMap' | 'Secret', name: string) =>
  settingsObjectGone(api.deps, { kind, namespace: 'argocd', name });

async function shown(): Promise<InstallationSettings> {
  const { body } = await api.call('GET', '/api/v1/keelson/settings');
  return body as InstallationSettings;
}

async function conditionsOf(object: string) {
  return ((await shown()).conditions ?? []).filter((one) => one.object === object);
}

async function credentialsAt(url: string, project = '') {
  const row = await findRepository(api.db, url, project);
  return row === undefined ? undefined : openRepositoryCredentials(api.keyring, row);
}

/** Everything that people or other processes are shown. */
async function everythingShown(): Promise<string> {
  const { rows } = await api.db.execute(sql`select notices from ${homeSettings}`);
  return JSON.stringify([await shown(), await listAudit(api.db, 500), rows]);
}

describe('ConfigMaps of the home cluster', () => {
  it('come into force as they are taken, an unlabelled one with a notice', async () => {
    await take(map('argocd-cm', { 'helm.enable': 'false' }, {}));
    await api.settings.reload();
    expect(api.settings.current().tools.enabled.helm).toBe(false);
    expect(await conditionsOf('ConfigMap argocd-cm')).toMatchObject([{ type: 'Unlabelled', waits: false }]);
    await take(map('argocd-cm', { 'helm.enable': 'false' }));
    expect(await conditionsOf('ConfigMap argocd-cm')).toEqual([]);
  });

  it('change nothing when they are older than what is known', async () => {
    const old = map('argocd-cm', { 'helm.enable': 'true' });
    await take(map('argocd-cm', { 'helm.enable': 'false', 'jsonnet.enable': 'false' }));
    expect(await take(old)).toEqual([]);
    expect((await shown()).configMaps['argocd-cm']).toEqual({
      'helm.enable': 'false',
      'jsonnet.enable': 'false',
    });
  });

  it('take nothing down when a key is broken, until somebody accepts what they say', async () => {
    await take(map('argocd-cm', { 'helm.enable': 'false', 'kustomize.enable': 'false' }));
    const news = await take(
      map('argocd-cm', { 'helm.enable': 'perhaps', 'kustomize.enable': 'false', 'jsonnet.enable': 'false' }),
    );
    expect(news).toMatchObject([{ ref: { name: 'argocd-cm' }, notice: { type: 'Unreadable' } }]);
    await api.settings.reload();
    expect(api.settings.current().tools.enabled).toEqual({ helm: false, kustomize: false, jsonnet: false });
    const [condition] = await conditionsOf('ConfigMap argocd-cm');
    expect(condition).toMatchObject({ type: 'Unreadable', waits: true });

    const { status, body } = await api.call('POST', '/api/v1/keelson/settings/accept', {
      seen: { 'ConfigMap argocd-cm': '1' },
    });
    expect([status, (body as { message: string }).message]).toEqual([
      409,
      'ConfigMap argocd-cm was changed meanwhile, and nothing of it was accepted',
    ]);
    const accepted = await api.call('POST', '/api/v1/keelson/settings/accept', {
      seen: { 'ConfigMap argocd-cm': condition?.resourceVersion ?? '' },
    });
    expect(accepted.body).toMatchObject({ changed: true });
    expect(api.settings.current().tools.enabled).toEqual({ helm: true, kustomize: false, jsonnet: false });
    expect(await conditionsOf('ConfigMap argocd-cm')).toEqual([]);
    expect(await listAudit(api.db, 1)).toMatchObject([
      { action: 'settings.accept', actor: 'admin', details: { keys: ['helm.enable'] } },
    ]);
  });

  it('stay in force when they are deleted, until that is accepted', async () => {
    await take(map('argocd-cmd-params-cm', { 'reposerver.enable.git.submodule': 'false' }));
    await gone('ConfigMap', 'argocd-cmd-params-cm');
    await api.settings.reload();
    expect(api.settings.current().gitSubmodules).toBe(false);
    expect(await conditionsOf('ConfigMap argocd-cmd-params-cm')).toMatchObject([{ type: 'Deleted' }]);
    await api.call('POST', '/api/v1/keelson/settings/accept', {});
    expect(api.settings.current().gitSubmodules).toBe(true);
  });

  it('are taken again when they are made anew after that', async () => {
    await take(map('argocd-cmd-params-cm', { 'reposerver.enable.git.submodule': 'false' }));
    await gone('ConfigMap', 'argocd-cmd-params-cm');
    const again = map('argocd-cmd-params-cm', {}, { labels: partOf, uid: 'another' });
    await take(again);
    await api.settings.reload();
    expect(api.settings.current().gitSubmodules).toBe(true);
    expect(await conditionsOf('ConfigMap argocd-cmd-params-cm')).toEqual([]);
  });

  it('tell only those parts of a change that read it', async () => {
    const parts: (readonly string[])[] = [];
    const stop = api.settings.onChange((changed) => parts.push(changed));
    await take(map('argocd-cm', { 'users.session.duration': '1h' }));
    await api.settings.reload();
    stop();
    expect(parts.flat()).not.toContain('sessions');
    expect(parts.flat()).toContain('api');
  });

  it('are held with the count of objects that would be left out', async () => {
    await api.call('POST', '/api/v1/applications', {
      metadata: { name: 'home-settings-held' },
      spec: {
        project: 'default',
        source: { repoURL: 'https://git.example.com/held.git', path: '.' },
        destination: { server: inClusterServer, namespace: 'held' },
      },
    });
    await api.db.update(applicationStatus).set({
      resources: [
        { group: 'apps', kind: 'Deployment', name: 'a', namespace: 'held', status: 'Synced' },
        { group: 'apps', kind: 'Deployment', name: 'b', status: 'OutOfSync', health: { status: 'Missing' } },
        { group: '', kind: 'Service', name: 'c', namespace: 'held', status: 'Synced' },
      ],
    });
    await take(
      map('argocd-cm', {
        'resource.exclusions': '- {apiGroups: [apps], kinds: [Deployment], clusters: ["*"]}',
        installationID: 'b',
      }),
    );
    await api.settings.reload();
    expect(api.settings.current()).toMatchObject({ exclusions: [], tracking: { method: 'annotation' } });
    expect(api.settings.current().tracking.installationId).toBeUndefined();
    expect((await conditionsOf('ConfigMap argocd-cm')).map(({ message }) => message)).toEqual([
      'installationID: 2 managed objects carry the installation id "" and would become unknown, as "b" would be asked for',
      'resource.exclusions: 1 managed object would be left out and neither compared nor pruned: apps/Deployment',
    ]);
    await api.call('POST', '/api/v1/keelson/settings/accept', {});
    expect(api.settings.current()).toMatchObject({
      exclusions: [{ kinds: ['Deployment'] }],
      tracking: { installationId: 'b' },
    });
  });

  it('replace host keys and bundles, and keep them where they can not be read', async () => {
    const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
    await take(
      map('argocd-ssh-known-hosts-cm', { ssh_known_hosts: `a.example.com ssh-ed25519 ${key}\n` }, {}),
    );
    const hosts = async () =>
      (await listCertificates(api.db)).filter(({ type }) => type === 'ssh').map((row) => row.serverName);
    expect(await hosts()).toEqual(['a.example.com']);
    await take(map('argocd-ssh-known-hosts-cm', { ssh_known_hosts: 'b.example.com ssh-ed25519 AAAA\n' }));
    expect(await hosts()).toEqual(['a.example.com']);
    expect(await conditionsOf('ConfigMap argocd-ssh-known-hosts-cm')).toMatchObject([{ type: 'Unreadable' }]);
    await take(map('argocd-tls-certs-cm', { 'git.example.com': 'no certificate' }));
    expect(await conditionsOf('ConfigMap argocd-tls-certs-cm')).toMatchObject([{ type: 'Unreadable' }]);
  });
});

describe('Secrets of repositories', () => {
  const url = 'https://git.example.com/home/one.git';

  it('register repositories, without the line ends of files', async () => {
    await take(
      secret('repo-one', 'repository', { url: `${url}\n`, username: 'ann\n', password: 's3cr3t-one\n' }),
    );
    expect(await credentialsAt(url)).toEqual({ username: 'ann', password: 's3cr3t-one' });
  });

  it('count for an address by age, and the next one takes over when the first goes', async () => {
    const values = (password: string) => ({
      url: 'https://git.example.com/Home/one',
      username: 'ann',
      password,
    });
    await take(secret('repo-older', 'repository', values('older'), { created: '2026-01-01T00:00:00Z' }));
    expect(await credentialsAt(url)).toEqual({ username: 'ann', password: 'older' });
    expect(await conditionsOf('Secret repo-one')).toMatchObject([{ type: 'Shadowed', waits: false }]);
    const at = (await listRepositories(api.db)).filter((row) => row.urlKey.endsWith('/home/one'));
    expect(at).toHaveLength(1);
    await gone('Secret', 'repo-older');
    expect(await credentialsAt(url)).toEqual({ username: 'ann', password: 's3cr3t-one' });
    expect(await conditionsOf('Secret repo-one')).toEqual([]);
  });

  it('keep what they said while they can not be read, without quoting them', async () => {
    await take(secret('repo-one', 'repository', { url, type: 's3cr3t-type', password: 's3cr3t-two' }));
    expect(await credentialsAt(url)).toEqual({ username: 'ann', password: 's3cr3t-one' });
    expect(await conditionsOf('Secret repo-one')).toMatchObject([{ type: 'Unreadable', waits: true }]);
    await take(secret('repo-one', 'repository', { url, username: 'ann', password: 's3cr3t-three' }));
    expect(await credentialsAt(url)).toEqual({ username: 'ann', password: 's3cr3t-three' });
    expect(await everythingShown()).not.toContain('s3cr3t');
  });

  it('move with their address and project, and go with their label', async () => {
    await take(secret('repo-one', 'repository', { url, project: 'team', username: 'ann', password: 'p' }));
    expect(await credentialsAt(url)).toBeUndefined();
    expect(await credentialsAt(url, 'team')).toEqual({ username: 'ann', password: 'p' });
    await take(secret('repo-one', '', { url, project: 'team' }));
    expect(await findRepository(api.db, url, 'team')).toBeUndefined();
  });

  it('become templates by another label, and go with a list that has them no longer', async () => {
    await take(
      secret('creds', 'repo-creds', { url: 'https://git.example.com/home', username: 'x', password: 'y' }),
    );
    expect((await listTemplates(api.db)).map((row) => row.url)).toEqual(['https://git.example.com/home']);
    await settingsObjectsListed(api.deps, 'Secret', []);
    expect(await listTemplates(api.db)).toEqual([]);
  });
});

describe('Secrets of clusters', () => {
  const server = 'https://east.example.com';
  const config = (token: string) => JSON.stringify({ bearerToken: token });

  it('register clusters, one for each address', async () => {
    const values = { name: 'east', server: `${server}/`, config: config('s3cr3t-east') };
    await take(secret('cluster-east', 'cluster', values, { labels: { environment: 'staging' } }));
    await take(secret('cluster-twin', 'cluster', { ...values, name: 'twin', config: config('s3cr3t-twin') }));
    const row = await findCluster(api.db, { server });
    expect(row).toMatchObject({ name: 'east', labels: { environment: 'staging' }, clusterResources: true });
    expect(openClusterCredentials(api.keyring, row ?? fail())).toMatchObject({ bearerToken: 's3cr3t-east' });
    expect(await conditionsOf('Secret cluster-twin')).toMatchObject([{ type: 'Shadowed' }]);
    expect(api.hints).toContainEqual({ call: 'ensureClusterSession', argument: row?.id });
    await gone('Secret', 'cluster-east');
    expect(await findCluster(api.db, { server })).toMatchObject({ name: 'twin', id: row?.id });
    await gone('Secret', 'cluster-twin');
    expect(await findCluster(api.db, { server })).toBeUndefined();
  });

  it('leave a cluster as it was whose config can not be read', async () => {
    await take(secret('cluster-west', 'cluster', { name: 'west', server, config: config('s3cr3t-west') }));
    await take(secret('cluster-west', 'cluster', { name: 'west', server, config: '{"bearerToken": s3cr3t' }));
    const row = await findCluster(api.db, { server });
    expect(openClusterCredentials(api.keyring, row ?? fail())).toMatchObject({ bearerToken: 's3cr3t-west' });
    expect(await conditionsOf('Secret cluster-west')).toMatchObject([{ type: 'Unreadable' }]);
    await api.call('POST', '/api/v1/keelson/settings/accept', { seen: {} });
    expect(await findCluster(api.db, { server })).toBeDefined();
    await api.call('POST', '/api/v1/keelson/settings/accept', {});
    expect(await findCluster(api.db, { server })).toBeUndefined();
  });

  it('never take the home cluster its credentials', async () => {
    const before = await findCluster(api.db, { server: inClusterServer });
    await take(
      secret(
        'cluster-home',
        'cluster',
        { name: 'in-cluster', server: inClusterServer, config: '{}' },
        { labels: { a: 'b' } },
      ),
    );
    const after = await findCluster(api.db, { server: inClusterServer });
    expect(after).toMatchObject({ id: before?.id, labels: { a: 'b' } });
    expect(openClusterCredentials(api.keyring, after ?? fail())).toEqual(
      openClusterCredentials(api.keyring, before ?? fail()),
    );
    await gone('Secret', 'cluster-home');
    expect(await findCluster(api.db, { server: inClusterServer })).toBeDefined();
  });

  it('refuse a name that another cluster has', async () => {
    await take(
      secret('cluster-a', 'cluster', { name: 'same', server: 'https://a.example.com', config: '{}' }),
    );
    await take(
      secret('cluster-b', 'cluster', { name: 'same', server: 'https://b.example.com', config: '{}' }),
    );
    expect(await conditionsOf('Secret cluster-b')).toMatchObject([
      { message: 'its name same is that of the cluster https://a.example.com' },
    ]);
  });
});

describe('what objects of the home cluster set', () => {
  const message = (reply: { readonly body: unknown }) => (reply.body as { message: string }).message;

  it('is not changed beside them', async () => {
    await take(map('argocd-rbac-cm', { 'policy.default': 'role:readonly' }));
    const words = { configMaps: { 'argocd-rbac-cm': {} } };
    expect(message(await api.call('PUT', '/api/v1/keelson/settings', words))).toBe(
      "ConfigMap argocd-rbac-cm of the home cluster says what holds, which can't be changed beside it",
    );
    expect(
      (await api.call('PUT', '/api/v1/keelson/settings', { configMaps: { 'argocd-cmp-cm': {} } })).status,
    ).toBe(200);
    expect(message(await api.call('POST', '/api/v1/keelson/settings/rollback', {}))).toContain(
      'of the home cluster',
    );
    const repo = 'https://git.example.com/home/owned.git';
    await take(secret('repo-owned', 'repository', { url: repo, username: 'ann', password: 'p' }));
    const other = { repo, username: 'bob', password: 'q' };
    expect(message(await api.call('POST', '/api/v1/repositories?upsert=true', other))).toContain(
      'Secret repo-owned of',
    );
    const path = `/api/v1/repositories/${encodeURIComponent(repo)}`;
    expect(message(await api.call('DELETE', path))).toContain('Secret repo-owned of');
    expect(await credentialsAt(repo)).toEqual({ username: 'ann', password: 'p' });
    await gone('Secret', 'repo-owned');
    expect((await api.call('POST', '/api/v1/repositories', other)).status).toBe(200);
  });
});

describe('argocd-secret', () => {
  const push = JSON.stringify({
    ref: 'refs/heads/main',
    repository: { clone_url: 'https://git.example.com/home/one.git', default_branch: 'main' },
  });
  const deliver = (key: string) =>
    api.call('POST', '/api/webhook', push, {
      'x-github-event': 'push',
      'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(push).digest('hex')}`,
    });

  it('holds the secrets of webhooks, in the clear or by reference, without line ends', async () => {
    expect((await deliver('hook-secret')).status).toBe(400);
    await take(secret('argocd-secret', '', { 'webhook.github.secret': 'hook-secret\n' }));
    await api.secrets.reload();
    expect((await deliver('hook-secret')).status).toBe(200);
    expect((await deliver('other')).status).toBe(400);
    await take(secret('hooks', '', { github: 'by-reference\n' }, { labels: partOf }));
    await take(secret('argocd-secret', '', { 'webhook.github.secret': '$hooks:github' }));
    await api.secrets.reload();
    expect((await deliver('by-reference')).status).toBe(200);
    await take(secret('hooks', '', { github: 'by-reference\n' }));
    await api.secrets.reload();
    // A Secret without the label is nothing that may be referred to.
    expect((await deliver('by-reference')).status).toBe(400);
  });

  it('changes the password of admin and ends the logins of before', async () => {
    const old = await api.call('GET', '/api/v1/session/userinfo');
    expect(old.body).toMatchObject({ loggedIn: true });
    const passwordHash = (await hash('home-password', 4)).replace('$2b$', '$2a$');
    await take(
      secret('argocd-secret', '', {
        'admin.password': passwordHash,
        'admin.passwordMtime': '2026-11-30T10:00:00Z',
      }),
    );
    await expect
      .poll(async () => {
        const reply = await api.api.request('/api/v1/session', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ username: 'admin', password: 'home-password' }),
        });
        return reply.status;
      })
      .toBe(200);
    expect((await api.call('GET', '/api/v1/keelson/settings')).status).toBe(401);
  });

  it('keeps the password where what it says is none', async () => {
    const [before] = await api.db.select().from(homeSettings).where(eq(homeSettings.name, 'argocd-secret'));
    await take(secret('argocd-secret', '', { 'admin.password': 'in-the-clear' }));
    const [row] = await api.db.select().from(homeSettings).where(eq(homeSettings.name, 'argocd-secret'));
    expect(row?.resourceVersion).not.toBe(before?.resourceVersion);
    expect(row?.notices).toEqual([
      {
        type: 'Unreadable',
        message: 'admin.password: is no hash of bcrypt; what it said last stays in force',
      },
    ]);
  });
});

function fail(): never {
  throw new Error('there is no row');
}
