import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renewSigningKey } from '../../../api/auth/account-change.ts';
import { lastingSize } from '../../../api/auth/lasting-replies.ts';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import { findApplication } from '../../../db/queries/application/application.ts';
import { recordChange, recordModified } from '../../../db/queries/application/change.ts';
import { resourceNodes } from '../../../db/schema/application.ts';
import { revokedTokens } from '../../../db/schema/record.ts';
import { sourceFiles } from '../../support/check/source-files.ts';
import { at, eventually, guestbook, login, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { treeNode } from '../../support/keelson/api/tree-node.ts';
import { openStream, type Stream } from '../../support/keelson/open-stream.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

const namespace = `streams-${randomUUID().slice(0, 8)}`;
const json = { 'content-type': 'application/json' };

let cluster: ClusterClient;
let server: TestApi;
/** A second server of the installation, which hears of everything by the database alone. */
let other: TestApi;
let applicationId: string;

beforeAll(async () => {
  const kubeconfig = readFileSync(testPlatform().kubeconfigPath, 'utf8');
  cluster = createClusterClient(credentialsFromKubeconfig(kubeconfig));
  const clusterFor = async (): Promise<ClusterClient> => cluster;
  server = await startApi({ clusterFor });
  other = await startApi({ clusterFor, beside: server });
  await server.call('POST', '/api/v1/applications', guestbook());
  const row = await findApplication(server.db, { namespace: 'argocd', name: 'guestbook' });
  applicationId = row?.id ?? '';
  const node = treeNode({ kind: 'Pod', namespace, name: 'web', uid: 'u1' });
  await server.db.insert(resourceNodes).values({ applicationId, nodeId: 'Pod/web', epoch: 1, node });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace },
    spec: { containers: [{ name: 'web', image: 'registry.example.com/web:1' }] },
  });
  const key = { group: '', kind: 'Pod', namespace, name: 'web' };
  const isRunning = async () =>
    at(await cluster.get('v1', key), 'status.phase') === 'Running' ? true : undefined;
  await eventually('the pod runs', isRunning, 60);
});
afterAll(async () => {
  await other?.close();
  await server?.close();
  await cluster?.delete('v1', { group: '', kind: 'Namespace', namespace: '', name: namespace });
  await cluster?.close();
});

/** A way to each route that answers without an end. */
const cases: Readonly<Record<string, string>> = {
  '/api/v1/applications/{name}/pods/{podName}/logs': `/api/v1/applications/guestbook/pods/web/logs?namespace=${namespace}&follow=true`,
  '/api/v1/stream/applications': '/api/v1/stream/applications',
  '/api/v1/stream/applications/{name}/resource-tree': '/api/v1/stream/applications/guestbook/resource-tree',
};

/** Opens all of them on both servers, and waits until each has said something. */
async function openAll(token: string): Promise<Stream[]> {
  const opened = [server, other].flatMap(({ api }) =>
    Object.values(cases).map((path) => openStream(api, path, token)),
  );
  const streams = await Promise.all(opened);
  for (const stream of streams) await stream.next('something', () => true);
  return streams;
}

async function expectEnded(streams: readonly Stream[], why: string, seconds = 10): Promise<void> {
  const open = (): readonly Stream[] => streams.filter((stream) => !stream.ended());
  await eventually('all streams end', () => (open().length === 0 ? true : undefined), seconds);
  for (const { messages } of streams) {
    expect(messages.at(-1)).toMatchObject({
      error: { grpc_code: 16, http_code: 401, message: expect.stringContaining(why) },
    });
  }
}

const password = (): string => server.adminPassword;
let changedTo = '';
const send = async (method: string, path: string, token: string, body: object = {}): Promise<Response> =>
  server.api.request(path, { method, headers: { token, ...json }, body: JSON.stringify(body) });

/** What ends a login, and what its streams say then. */
const ends: readonly (readonly [what: string, why: string, end: (token: string) => Promise<unknown>])[] = [
  ['a logout', 'it was logged out', (token) => send('DELETE', '/api/v1/session', token)],
  [
    'the end of all logins of the account',
    'all logins of the account were ended',
    (token) => send('DELETE', '/api/v1/account/admin/sessions', token),
  ],
  [
    'a renewed signing key',
    'invalid session',
    () => renewSigningKey({ db: server.db, keyring: server.keyring }, 'operator'),
  ],
  [
    'a new password',
    'invalid session',
    (token) => {
      const [currentPassword, newPassword] = [changedTo || password(), `new-${randomUUID().slice(0, 8)}`];
      changedTo = newPassword;
      return send('PUT', '/api/v1/account/password', token, { currentPassword, newPassword });
    },
  ],
];

describe('streams and the life of a login', () => {
  it.each(ends)('end with %s, on every server, and another login keeps its own', async (what, why, end) => {
    const { token } = await login(server.api, changedTo || password());
    const streams = await openAll(token);
    const isOfOneLogin = what === 'a logout';
    const { token: another } = await login(other.api, changedTo || password());
    const bystander = await openStream(other.api, '/api/v1/stream/applications?name=guestbook', another);
    await end(token);
    await expectEnded(streams, why);
    const counts = streams.map(({ messages }) => messages.length);
    await recordModified(server.db, applicationId);
    await recordChange(server.db, { type: 'MODIFIED', topic: 'tree', applicationId });
    if (isOfOneLogin) {
      await bystander.next('the change', (message) => at(message, 'result.type') === 'MODIFIED');
      await bystander.cancel();
    } else {
      await eventually('the other login ends too', () => bystander.ended() || undefined);
    }
    expect(streams.map(({ messages }) => messages.length)).toEqual(counts);
  });

  it('end with a revocation that nobody was told of, and with their token', async () => {
    const { token } = await login(server.api, changedTo);
    const { token: expiring } = await login(server.api, changedTo);
    const streams = await openAll(token);
    const late = await openStream(server.api, '/api/v1/stream/applications', expiring);
    const { jti: id } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    await server.db.insert(revokedTokens).values({ id, expiresAt: new Date(Date.now() + 60_000) });
    await expectEnded(streams, 'it was logged out');
    expect(late.ended()).toBe(false);
    server.clock.now = new Date(Date.now() + 86_401_000);
    await expectEnded([late], 'has expired');
    server.clock.now = undefined;
  });

  it('are as many as a login may have, and another one has its own', async () => {
    const { token } = await login(server.api, changedTo);
    const { token: another } = await login(server.api, changedTo);
    const path = '/api/v1/stream/applications?name=guestbook';
    const open = (by: string) => server.api.request(path, { headers: { token: by } });
    const streams = await Promise.all(Array.from({ length: lastingSize.ofLogin }, () => open(token)));
    const refused = await open(token);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await refused.json()).toMatchObject({ code: 8, message: expect.stringContaining('64') });
    const elsewhere = await open(another);
    expect(elsewhere.status).toBe(200);
    await streams[0]?.body?.cancel();
    const next = await open(token);
    expect(next.status).toBe(200);
    // What can't be begun takes no place.
    const missing = '/api/v1/stream/applications/none/resource-tree';
    for (const _ of [1, 2])
      expect((await server.api.request(missing, { headers: { token } })).status).toBe(403);
    for (const { body } of [...streams.slice(1), elsewhere, next]) await body?.cancel();
  });

  it('are all that answers without an end, by the document of the routes and by the sources', () => {
    const { paths } = JSON.parse(readFileSync('docs/api/openapi.json', 'utf8'));
    const streaming = Object.entries(paths)
      .filter(([, methods]) =>
        Object.values(methods as object).some(
          (operation) =>
            at(operation, 'responses.200.content') && 'text/event-stream' in operation.responses[200].content,
        ),
      )
      .map(([path]) => path);
    expect(streaming.sort()).toEqual(Object.keys(cases));
    const makers =
      /new ReadableStream|new TransformStream|new PassThrough|new Response\(|hono\/streaming|upgradeWebSocket|createNodeWebSocket|\.outgoing\b|\.pipe(To|Through)?\(/;
    const sources = sourceFiles(['api']);
    expect(sources.length).toBeGreaterThan(50);
    // A list ends with what was there when it began.
    expect(sources.filter((file) => makers.test(readFileSync(file, 'utf8')))).toEqual([
      'api/application/application-list.ts',
      'api/stream/event-stream.ts',
    ]);
  });
});

describe('a reply that is begun long after it was asked for', () => {
  it('is not given to a login that has ended meanwhile', async () => {
    const begun = Promise.withResolvers<void>();
    let seconds = 0;
    const slow = await startApi({
      beside: server,
      inspect: async () => {
        if (seconds > 0) begun.resolve();
        await sleep(seconds * 1000);
        return { failure: { code: 'not-found', message: 'what the source holds', retryable: false } };
      },
    });
    try {
      const { token } = await login(slow.api, changedTo);
      const ask = () => slow.api.request('/api/v1/settings/plugins', { headers: { token } });
      expect(await (await ask()).json()).toMatchObject({ message: 'what the source holds' });
      seconds = 1.2;
      const late = ask();
      await begun.promise;
      await send('DELETE', '/api/v1/session', token);
      const reply = await late;
      expect(reply.status).toBe(401);
      expect(await reply.text()).not.toContain('what the source holds');
    } finally {
      await slow.close();
    }
  });
});
