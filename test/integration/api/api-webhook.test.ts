import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  acceptDelivery,
  settleDelivery,
  unsettledDeliveries,
} from '../../../db/queries/repository/webhook.ts';
import { takeAskedChecks } from '../../support/hostile/asked-checks.ts';
import { at, eventually, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';

const secret = 'canary-webhook-secret';
let server: TestApi;
beforeAll(async () => {
  server = await startApi({ config: { webhookSecrets: { github: secret } } });
});
afterAll(() => server.close());

const path = '/api/webhook';

function push(ref: string, repository = 'team/deploy') {
  return JSON.stringify({
    ref,
    after: 'abc',
    repository: {
      html_url: `https://git.example.com/${repository}`,
      clone_url: `https://git.example.com/${repository}.git`,
      ssh_url: `git@git.example.com:${repository}.git`,
      default_branch: 'main',
    },
    commits: [{ added: ['x'], modified: [], removed: [] }],
  });
}

/** Delivers as GitHub does: signed, with its own content type and no login. */
function deliver(body: string, headers: Record<string, string> = {}) {
  return server.api.request(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      ...headers,
    },
    body,
  });
}

async function create(name: string, source: Record<string, unknown>) {
  await server.call('POST', '/api/v1/applications', guestbook(name, { source: { path: '.', ...source } }));
  await takeAskedChecks(server);
}

/** Waits until every stored delivery is looked into: the reply comes before. */
function settled() {
  return eventually('deliveries settled', async () => {
    const open = await server.connection.pool.query('select 1 from webhook_deliveries where done_at is null');
    return open.rowCount === 0 ? true : undefined;
  });
}

describe('api/routes/webhook', () => {
  test('a push makes the repositories due of what follows the branch, however the URL is written', async () => {
    const urls = {
      https: 'https://git.example.com/team/deploy.git',
      scp: 'git@git.example.com:Team/Deploy.git',
      ssh: 'ssh://git@git.example.com:2222/team/deploy',
    };
    for (const [name, repoURL] of Object.entries(urls)) await create(name, { repoURL });
    await create('branch', { repoURL: urls.https, targetRevision: 'release' });
    await create('other-repo', { repoURL: 'https://git.example.com/team/other.git' });
    const asked = async (ref: string) => {
      expect((await deliver(push(ref))).status).toBe(200);
      await settled();
      return takeAskedChecks(server);
    };
    server.hints.length = 0;
    expect(await asked('refs/heads/main')).toEqual({ urls: Object.values(urls).sort(), applications: [3] });
    await eventually('a hint for each', () => (server.hints.length === 3 ? true : undefined));
    expect(new Set(server.hints.map(({ call }) => call))).toEqual(new Set(['refreshRepository']));
    expect(await asked('refs/heads/release')).toEqual({ urls: [urls.https], applications: [1] });
  });

  test('a delivery that was seen before is acknowledged and changes nothing', async () => {
    await create('once', { repoURL: 'https://git.example.com/team/once.git' });
    const id = randomUUID();
    const body = push('refs/heads/main', 'team/once');
    const replies = await Promise.all([1, 2, 3].map(() => deliver(body, { 'x-github-delivery': id })));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    await settled();
    expect(await takeAskedChecks(server)).toMatchObject({ applications: [1] });
    // Who recorded it can't bring it again under another name, which isn't signed.
    expect((await deliver(body)).status).toBe(200);
    await settled();
    expect(await takeAskedChecks(server)).toEqual({ urls: [], applications: [] });
  });

  test('a signature with SHA-1 alone is refused', async () => {
    const body = push('refs/heads/main', 'team/sha1');
    const reply = await server.api.request(path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'push',
        'x-hub-signature': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`,
      },
      body,
    });
    expect(reply.status).toBe(400);
  });

  test('the settings say how long a delivery may be', async () => {
    const maxPayload = { configMaps: { 'argocd-cm': { 'webhook.maxPayloadSizeMB': '2' } } };
    const none = { configMaps: { 'argocd-cm': {} } };
    expect((await server.call('PUT', '/api/v1/keelson/settings', maxPayload)).status).toBe(200);
    const body = push('refs/heads/main', 'team/long');
    expect((await deliver(body.padEnd(2 * 1024 * 1024))).status).toBe(200);
    expect((await deliver(body.padEnd(2 * 1024 * 1024 + 1))).status).toBe(413);
    expect((await server.call('PUT', '/api/v1/keelson/settings', none)).status).toBe(200);
    await settled();
  });

  test('a wrong or missing signature is refused before anything is read', async () => {
    await create('signed', { repoURL: 'https://git.example.com/team/signed.git' });
    const body = push('refs/heads/main', 'team/signed');
    for (const signature of ['', 'sha256=00', `sha256=${'0'.repeat(64)}`]) {
      const reply = await deliver(body, { 'x-hub-signature-256': signature });
      expect(reply.status).toBe(400);
      expect(JSON.stringify(await reply.json())).not.toContain(secret);
    }
    // The signature is of the very bytes: the same JSON written differently doesn't pass.
    const other = await deliver(`${body} `, {
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    });
    expect(other.status).toBe(400);
    await settled();
    expect(await takeAskedChecks(server)).toEqual({ urls: [], applications: [] });
  });

  test('a ping is answered, unknown providers, events and bodies are refused', async () => {
    expect((await deliver('{"zen":"x"}', { 'x-github-event': 'ping' })).status).toBe(200);
    expect((await deliver('{}', { 'x-github-event': 'issues' })).status).toBe(400);
    expect((await deliver('{}')).status).toBe(400);
    expect((await deliver('not json')).status).toBe(400);
    const unknown = await server.api.request(path, { method: 'POST', body: '{}' });
    expect(unknown.status).toBe(400);
    expect(at(await unknown.json(), 'message')).toContain('no known provider');
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const reply = await server.api.request(path, { method, headers: { 'x-github-event': 'push' } });
      expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'POST']);
    }
  });

  test('a delivery that is longer than the limit is refused, whether or not it tells its length', async () => {
    const long = push('refs/heads/main').padEnd(1024 * 1024 + 1);
    expect((await deliver(long)).status).toBe(413);
    expect((await deliver(long, { 'content-length': String(long.length) })).status).toBe(413);
    expect((await deliver(push('refs/heads/main').padEnd(1024 * 1024))).status).toBe(200);
    await settled();
    await takeAskedChecks(server);
  });

  test('a delivery whose server died after the reply is settled later, once', async () => {
    await create('crashed', { repoURL: 'https://git.example.com/team/crashed.git', targetRevision: '1.x' });
    const key = { provider: 'github', deliveryId: randomUUID() };
    const stored = await acceptDelivery(server.db, key, {
      repositoryUrls: ['https://git.example.com/team/crashed'],
      refs: ['refs/heads/other', 'refs/tags/v1.2.3'],
      defaultBranch: 'main',
    });
    expect(stored).toBe(true);
    expect(await unsettledDeliveries(server.db, 60)).toEqual([]);
    expect(await unsettledDeliveries(server.db, 0)).toEqual([key]);
    const found = await Promise.all([1, 2, 3].map(() => settleDelivery(server.db, key)));
    expect(found.flatMap(({ repositoryIds }) => repositoryIds)).toHaveLength(1);
    expect(await takeAskedChecks(server)).toMatchObject({ applications: [1] });
    expect(await unsettledDeliveries(server.db, 0)).toEqual([]);
  });
});
