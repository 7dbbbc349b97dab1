import { compare } from 'bcryptjs';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterClient } from '../../../cluster/request/client.ts';
import type { HomeObjects } from '../../../control/home/context.ts';
import { takeSettingsObject } from '../../../control/settings/home-objects.ts';
import { sourceSecretName } from '../../../core/home/settings/written/secret-name.ts';
import { valuesOfSecret } from '../../../core/home/settings/written/secret-values.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { InstallationSettings } from '../../../core/wire/server.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { findRepository, openRepositoryCredentials } from '../../../db/queries/repository/repository.ts';
import { findTemplate } from '../../../db/queries/repository/repository-template.ts';
import { audit } from '../../../db/schema/record.ts';
import { readPgpKeys } from '../../../platform/keys/pgp-key.ts';
import { openPlatformCluster } from '../../support/home/platform-cluster.ts';
import { at, login, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { armoredKey } from '../../support/render/pgp-key.ts';

const namespace = 'home-written';
let cluster: ClusterClient;
let api: TestApi;

beforeAll(async () => {
  cluster = await openPlatformCluster(testPlatform());
  await cluster.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  api = await startApi({ config: { controlPlaneNamespace: namespace }, home: cluster });
});

afterAll(async () => {
  await api?.close();
  await cluster?.delete('v1', { group: '', kind: 'Namespace', namespace: '', name: namespace });
  await cluster?.close();
});

const keyOf = (kind: 'ConfigMap' | 'Secret', name: string) => ({ group: '', kind, namespace, name });
const objectOf = (kind: 'ConfigMap' | 'Secret', name: string) => cluster.get('v1', keyOf(kind, name));

async function secretOf(name: string): Promise<Record<string, string>> {
  return valuesOfSecret((await objectOf('Secret', name)) ?? fail(name));
}

async function mapOf(name: string): Promise<unknown> {
  return (await objectOf('ConfigMap', name))?.['data'];
}

type AppliedObject = Pick<Manifest, 'kind' | 'metadata'> & { readonly [field: string]: unknown };

/** An object as somebody applies it, taken in as the watch does. */
async function applied({ metadata, ...rest }: AppliedObject): Promise<Manifest> {
  const whole: Manifest = { apiVersion: 'v1', ...rest, metadata: { ...metadata, namespace } };
  const stored = await cluster.applyServerSide(whole, { fieldManager: 'kubectl' });
  await takeSettingsObject(api.deps, stored);
  return stored;
}

async function ok(method: string, path: string, body?: unknown): Promise<unknown> {
  const reply = await api.call(method, path, body);
  expect(reply).toMatchObject({ status: 200 });
  return reply.body;
}

async function refusal(method: string, path: string, body?: unknown): Promise<string> {
  const reply = await api.call(method, path, body);
  expect(reply.status).toBeGreaterThanOrEqual(400);
  return String(at(reply.body, 'message'));
}

async function credentialsAt(url: string, project = '') {
  const row = await findRepository(api.db, url, project);
  return row === undefined ? undefined : openRepositoryCredentials(api.keyring, row);
}

const path = (url: string) => `/api/v1/repositories/${encodeURIComponent(url)}`;

describe('a repository of the API', () => {
  const repo = 'https://git.example.com/written/one.git';
  const name = sourceSecretName('repo', { url: repo });

  it('is a Secret of the home cluster, in the form and under the name of the reference', async () => {
    const body = { repo, username: 'ann', password: 'canary-password', name: 'one' };
    expect(await ok('POST', '/api/v1/repositories', body)).toMatchObject({ repo });
    const secret = await objectOf('Secret', name);
    expect(secret?.metadata).toMatchObject({
      labels: { 'argocd.argoproj.io/secret-type': 'repository' },
      annotations: { 'managed-by': 'argocd.argoproj.io' },
    });
    expect(secret?.metadata.managedFields).toMatchObject([{ manager: 'keelson-api' }]);
    const values = { url: repo, type: 'git', name: 'one', username: 'ann', password: 'canary-password' };
    expect(await secretOf(name)).toEqual(values);
    expect(await credentialsAt(repo)).toEqual({ username: 'ann', password: 'canary-password' });
    expect(await findRepository(api.db, repo, '')).toMatchObject({ connectionStatus: 'Successful' });
    expect(await listAudit(api.db, 1)).toMatchObject([
      { action: 'repository.create', actor: 'admin', object: repo },
    ]);
  });

  it('is changed in its Secret, and keeps what others wrote there', async () => {
    await applied({
      kind: 'Secret',
      metadata: { name, labels: { team: 'a' } },
      stringData: { note: 'ours' },
    });
    await ok('PUT', path(repo), { repo, username: 'bob', password: 'canary-password', name: 'one' });
    expect(await secretOf(name)).toMatchObject({
      username: 'bob',
      password: 'canary-password',
      note: 'ours',
    });
    expect((await objectOf('Secret', name))?.metadata.labels).toMatchObject({ team: 'a' });
    expect(await credentialsAt(repo)).toMatchObject({ username: 'bob' });
  });

  it('is gone with its Secret, which only loses its label where somebody applied it', async () => {
    await ok('DELETE', path(repo));
    expect(await objectOf('Secret', name)).toBeUndefined();
    expect(await findRepository(api.db, repo, '')).toBeUndefined();
    const labels = { 'argocd.argoproj.io/secret-type': 'repository' };
    await applied({ kind: 'Secret', metadata: { name: 'by-hand', labels }, stringData: { url: repo } });
    await ok('PUT', path(repo), { repo, username: 'cy', password: 'p' });
    expect(await secretOf('by-hand')).toMatchObject({ username: 'cy' });
    expect(await objectOf('Secret', name)).toBeUndefined();
    await ok('DELETE', path(repo));
    expect((await objectOf('Secret', 'by-hand'))?.metadata.labels).toBeUndefined();
    expect(await findRepository(api.db, repo, '')).toBeUndefined();
    expect(await refusal('DELETE', path(repo))).toContain('was not found');
  });

  it('is written upon what somebody has changed meanwhile', async () => {
    const url = 'https://git.example.com/written/overtaken.git';
    const body = { repo: url, username: 'ann', password: 'p' };
    await ok('POST', '/api/v1/repositories', body);
    const secret = sourceSecretName('repo', { url });
    // Nobody has told the server of this yet.
    await cluster.applyServerSide(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: secret, namespace },
        stringData: { note: 'late' },
      },
      { fieldManager: 'kubectl' },
    );
    await ok('PUT', path(url), { ...body, password: 'q' });
    expect(await secretOf(secret)).toMatchObject({ password: 'q', note: 'late' });
  });

  it('is on record as its writer, also where the watch was faster', async () => {
    const url = 'https://git.example.com/written/raced.git';
    const racing: HomeObjects = {
      ...{ get: cluster.get, delete: cluster.delete, replace: cluster.replace },
      async create(manifest, options) {
        const stored = await cluster.create(manifest, options);
        await takeSettingsObject(api.deps, stored);
        return stored;
      },
    };
    const other = await startApi({
      ...{ beside: api, home: racing },
      config: { controlPlaneNamespace: namespace },
    });
    expect((await other.call('POST', '/api/v1/repositories', { repo: url })).status).toBe(200);
    await other.close();
    expect((await listAudit(api.db, 2)).map(({ action, actor }) => [action, actor])).toEqual([
      ['repository.create', 'admin'],
      ['repository.create', 'home-cluster'],
    ]);
  });

  it('says whose its name is where another Secret has it', async () => {
    const url = 'https://git.example.com/written/taken.git';
    const taken = sourceSecretName('repo', { url });
    await cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: taken, namespace } });
    expect(await refusal('POST', '/api/v1/repositories', { repo: url })).toContain(
      `Secret ${taken} of the home cluster is about something else`,
    );
    expect((await objectOf('Secret', taken))?.['data']).toBeUndefined();
  });
});

describe('a template of the API', () => {
  const url = 'https://git.example.com/written-team';

  it('is a Secret, changed and deleted as one', async () => {
    await ok('POST', '/api/v1/repocreds', { url, username: 'ann', password: 'p' });
    const name = sourceSecretName('creds', { url });
    expect(await secretOf(name)).toEqual({ url, type: 'git', username: 'ann', password: 'p' });
    await ok('PUT', `/api/v1/repocreds/${encodeURIComponent(url)}`, { url, username: 'bob', password: 'p' });
    expect(await secretOf(name)).toMatchObject({ username: 'bob' });
    expect(await findTemplate(api.db, url)).toBeDefined();
    await ok('DELETE', `/api/v1/repocreds/${encodeURIComponent(url)}`);
    expect(await objectOf('Secret', name)).toBeUndefined();
    expect(await findTemplate(api.db, url)).toBeUndefined();
  });
});

describe('host keys, bundles and GnuPG keys of the API', () => {
  const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
  const hostKey = (serverName: string) => ({
    serverName,
    certType: 'ssh',
    certSubType: 'ssh-ed25519',
    certData: btoa(`${key}`),
  });
  const register = (item: object) => ok('POST', '/api/v1/certificates', { items: [item] });

  it('are lines of the map, which is made of all that count', async () => {
    await register(hostKey('written.example.com'));
    const lines = String(at(await mapOf('argocd-ssh-known-hosts-cm'), 'ssh_known_hosts'));
    expect(lines).toContain(`written.example.com ssh-ed25519 ${key}\n`);
    // Those of a first start, which were rows alone.
    expect(lines).toContain('github.com ssh-ed25519');
    await ok('DELETE', '/api/v1/certificates?hostNamePattern=written.example.com');
    expect(String(at(await mapOf('argocd-ssh-known-hosts-cm'), 'ssh_known_hosts'))).not.toContain('written');
  });

  it('are not written into a map that can not be read, which would keep them out of force', async () => {
    const metadata = { name: 'argocd-ssh-known-hosts-cm' };
    await applied({ kind: 'ConfigMap', metadata, data: { ssh_known_hosts: 'x.example.com no-type AAAA' } });
    const message = await refusal('POST', '/api/v1/certificates', { items: [hostKey('y.example.com')] });
    expect(message).toContain(
      "ConfigMap argocd-ssh-known-hosts-cm of the home cluster can't be read as a whole",
    );
    expect(await mapOf('argocd-ssh-known-hosts-cm')).toEqual({
      ssh_known_hosts: 'x.example.com no-type AAAA',
    });
  });

  it('are entries of a map by the id of the key', async () => {
    const [{ keyId } = fail('the key')] = readPgpKeys(armoredKey);
    await ok('POST', '/api/v1/gpgkeys', { keyData: armoredKey });
    expect(Object.keys((await mapOf('argocd-gpg-keys-cm')) as object)).toEqual([keyId]);
    await ok('DELETE', `/api/v1/gpgkeys?keyID=${keyId}`);
    expect(await mapOf('argocd-gpg-keys-cm')).toBeUndefined();
    expect(await refusal('DELETE', `/api/v1/gpgkeys?keyID=${keyId}`)).toContain('was not found');
  });
});

describe('settings of the API', () => {
  const put = (configMaps: object) => ok('PUT', '/api/v1/keelson/settings', { configMaps });

  it('are data of the ConfigMap, and come back with a rollback', async () => {
    const reply = await put({ 'argocd-cm': { 'helm.enable': 'false', url: 'https://a.example.com' } });
    expect(reply).toMatchObject({ changed: true });
    expect(await mapOf('argocd-cm')).toEqual({ 'helm.enable': 'false', url: 'https://a.example.com' });
    expect(api.settings.current().tools.enabled.helm).toBe(false);
    expect(
      await put({ 'argocd-cm': { 'helm.enable': 'false', url: 'https://a.example.com' } }),
    ).toMatchObject({
      changed: false,
    });
    await put({ 'argocd-cm': { 'helm.enable': 'true' } });
    expect(await ok('POST', '/api/v1/keelson/settings/rollback', {})).toMatchObject({ changed: true });
    expect(await mapOf('argocd-cm')).toEqual({ 'helm.enable': 'false', url: 'https://a.example.com' });
    expect(await listAudit(api.db, 1)).toMatchObject([{ actor: 'admin', object: 'settings' }]);
  });

  it('are refused as a whole before anything is written', async () => {
    const broken = { 'argocd-cm': { 'resource.exclusions': '- {' } };
    expect(await refusal('PUT', '/api/v1/keelson/settings', { configMaps: broken })).toContain(
      'settings were not changed',
    );
    expect(await mapOf('argocd-cm')).toMatchObject({ 'helm.enable': 'false' });
  });

  it('keep the values that are hidden', async () => {
    await put({ 'argocd-cm': { 'oidc.config': 'clientSecret: canary-word' } });
    const { configMaps } = (await ok('GET', '/api/v1/keelson/settings')) as InstallationSettings;
    expect(configMaps['argocd-cm']).toEqual({ 'oidc.config': '(hidden)' });
    await put({ 'argocd-cm': { ...configMaps['argocd-cm'], 'ui.bannercontent': 'a' } });
    expect(await mapOf('argocd-cm')).toEqual({
      'oidc.config': 'clientSecret: canary-word',
      'ui.bannercontent': 'a',
    });
  });
});

describe('a password of the API', () => {
  const change = (currentPassword: string, newPassword: string) => ({ currentPassword, newPassword });
  let token = '';
  const asAdmin = async (body: object) =>
    api.call('PUT', '/api/v1/account/password', body, { authorization: `Bearer ${token}` });

  it('is a hash in argocd-secret, with its time, beside the key of tokens and what is there', async () => {
    await applied({ kind: 'Secret', metadata: { name: 'argocd-secret' }, stringData: { note: 'ours' } });
    ({ token } = await login(api.api, api.adminPassword));
    expect((await asAdmin(change(api.adminPassword, 'canary-first'))).status).toBe(200);
    const values = await secretOf('argocd-secret');
    expect(values['note']).toBe('ours');
    expect(await compare('canary-first', values['admin.password'] ?? '')).toBe(true);
    expect(Date.now() - Date.parse(values['admin.passwordMtime'] ?? '')).toBeLessThan(60_000);
    expect((await login(api.api, 'canary-first')).response.status).toBe(200);
    expect((await asAdmin(change('canary-first', 'canary-second'))).status).toBe(401);
    expect(await listAudit(api.db, 3)).toMatchObject([
      {},
      { action: 'account.password', actor: 'admin' },
      {},
    ]);
  });

  it('is not changed over one that the Secret has got meanwhile', async () => {
    ({ token } = await login(api.api, 'canary-first'));
    const before = await secretOf('argocd-secret');
    const other = before['admin.password']?.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')) ?? '';
    const metadata = { name: 'argocd-secret', namespace };
    const values = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { 'admin.password': other } };
    await cluster.applyServerSide(values, { fieldManager: 'kubectl' });
    const reply = await asAdmin(change('canary-first', 'canary-third'));
    expect([reply.status, at(reply.body, 'message')]).toEqual([
      409,
      'password of admin was changed meanwhile; log in with that one',
    ]);
    expect((await secretOf('argocd-secret'))['admin.password']).toBe(other);
  });

  it('is nowhere in the clear, as all that was written here', async () => {
    const { rows } = await api.db.execute(sql`select * from ${audit}`);
    expect(rows.length).toBeGreaterThan(10);
    expect(JSON.stringify(rows)).not.toContain('canary');
  });
});

function fail(what: string): never {
  throw new Error(`${what} is not there`);
}
