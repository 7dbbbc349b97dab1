import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { findRepository, openRepositoryCredentials } from '../../../db/queries/repository/repository.ts';
import { repositories } from '../../../db/schema/repository.ts';
import { at, guestbook, inClusterServer, startApi, type TestApi } from '../../support/keelson/api/api.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

const encoded = encodeURIComponent;

describe('api/routes/projects', () => {
  test('the default project is there and allows everything', async () => {
    const { body } = await server.call('GET', '/api/v1/projects');
    expect(at(body, 'items')).toHaveLength(1);
    const { body: project } = await server.call('GET', '/api/v1/projects/default');
    expect(project).toMatchObject({
      kind: 'AppProject',
      metadata: { name: 'default', namespace: 'argocd' },
      spec: { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] },
    });
    expect((await server.call('GET', '/api/v1/projects/ghost')).status).toBe(404);
    const { body: names } = await server.call('GET', '/api/v1/projects?fields=items.metadata.name');
    expect(at(names, 'items')).toEqual([{ metadata: { name: 'default' } }]);
  });
});

describe('api/routes/clusters', () => {
  test('a cluster is found by server, however often encoded, and by name, without its credentials', async () => {
    await server.call('POST', '/api/v1/applications', guestbook());
    const once = encoded(inClusterServer);
    for (const id of [once, encoded(once), 'in-cluster?id.type=name']) {
      const { status, body } = await server.call('GET', `/api/v1/clusters/${id}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        server: inClusterServer,
        name: 'in-cluster',
        config: { tlsClientConfig: { insecure: false } },
        connectionState: { status: 'Unknown' },
        info: { applicationsCount: 1 },
      });
    }
    const { body } = await server.call('GET', '/api/v1/clusters');
    expect(at(body, 'items')).toHaveLength(1);
    expect(JSON.stringify(body)).not.toContain('canary-cluster-token');
    const missing = await server.call('GET', `/api/v1/clusters/${encoded('https://nowhere.example.com')}`);
    expect(missing.status).toBe(403);
  });

  test('a cluster whose certificate nobody checks says so', async () => {
    const [name, address] = ['careless', 'https://careless.example.com'];
    const tls = { insecure: true, keyData: 'canary-cluster-key' };
    await saveCluster(server.db, server.keyring, { name, server: address, credentials: { tls } });
    const { body } = await server.call('GET', `/api/v1/clusters/${encoded(address)}`);
    expect(at(body, 'config')).toEqual({ tlsClientConfig: { insecure: true } });
    const list = await server.call('GET', '/api/v1/clusters?name=careless');
    expect(at(list.body, 'items.0.config.tlsClientConfig.insecure')).toBe(true);
    expect(JSON.stringify([body, list.body])).not.toContain('canary');
  });
});

describe('api/routes/repositories', () => {
  const url = 'https://git.example.com/private/deploy.git';

  test('credentials go in sealed and never come out', async () => {
    const created = await server.call('POST', '/api/v1/repositories', {
      repo: url,
      username: 'robot',
      password: 'canary-repository-password',
      sshPrivateKey: '',
      insecure: true,
    });
    expect(created.status).toBe(200);
    expect(created.body).toMatchObject({
      repo: url,
      type: 'git',
      username: 'robot',
      insecure: true,
      connectionState: { status: 'Successful' },
    });
    const replies = [
      created,
      await server.call('GET', '/api/v1/repositories'),
      await server.call('GET', `/api/v1/repositories/${encoded(url)}`),
    ];
    for (const { body } of replies) expect(JSON.stringify(body)).not.toContain('canary');
    const row = await findRepository(server.db, url);
    expect(row?.credentials?.toString('latin1')).not.toContain('canary');
    expect(row && openRepositoryCredentials(server.keyring, row)).toEqual({
      username: 'robot',
      password: 'canary-repository-password',
      insecure: true,
    });
    expect(JSON.stringify(await listAudit(server.db, 10))).not.toContain('canary');
    expect(server.hints).toContainEqual({ call: 'refreshRepositories' });
  });

  test('known credentials are replaced only with upsert; a repository without any takes them', async () => {
    const again = { repo: url, username: 'other', password: 'x' };
    expect(await server.call('POST', '/api/v1/repositories', again)).toMatchObject({
      status: 400,
      body: { code: 3 },
    });
    expect((await server.call('POST', '/api/v1/repositories?upsert=true', again)).body).toMatchObject({
      username: 'other',
    });
    await server.call('POST', '/api/v1/applications', guestbook('named'));
    const named = { repo: 'https://git.example.com/team/deploy.git', username: 'robot', password: 'x' };
    expect((await server.call('POST', '/api/v1/repositories', named)).status).toBe(200);
  });

  test('a URL that can not be read is refused', async () => {
    for (const repo of [
      'nonsense',
      'ftp://git.example.com/x',
      'https://a:canary-url-password@git.example.com/x',
    ]) {
      const { status, body } = await server.call('POST', '/api/v1/repositories', { repo });
      expect(status).toBe(400);
      expect(JSON.stringify(body)).not.toContain('canary');
    }
  });

  test('a forgotten repository is gone', async () => {
    const path = `/api/v1/repositories/${encoded(encoded(url))}`;
    expect((await server.call('DELETE', path)).status).toBe(200);
    expect((await server.call('DELETE', path)).status).toBe(404);
    const rows = await server.db.select().from(repositories);
    expect(rows.map((row) => row.url)).not.toContain(url);
  });
});

describe('api/routes/account', () => {
  test('the admin may do everything, also to objects whose names have slashes', async () => {
    for (const object of [
      'applications/sync/default/guestbook',
      'repositories/get/https%3A%2F%2Fx.example.com%2Fy',
    ]) {
      expect((await server.call('GET', `/api/v1/account/can-i/${object}`)).body).toEqual({ value: 'yes' });
    }
    expect((await server.api.request('/api/v1/account/can-i/applications/sync/x/y')).status).toBe(401);
  });
});
