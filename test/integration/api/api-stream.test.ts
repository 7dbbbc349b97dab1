import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findApplication, removeApplication } from '../../../db/queries/application/application.ts';
import { recordChange, recordModified } from '../../../db/queries/application/change.ts';
import { applicationStatus, resourceNodes } from '../../../db/schema/application.ts';
import { changes } from '../../../db/schema/record.ts';
import { at, eventually, guestbook, login, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { treeNode } from '../../support/keelson/api/tree-node.ts';
import { openStream, type Stream } from '../../support/keelson/open-stream.ts';

let server: TestApi;
let token: string;
beforeAll(async () => {
  server = await startApi();
  ({ token } = await login(server.api, server.adminPassword));
});
afterAll(() => server.close());

/** Opens a stream as admin. */
const open = (path: string, accept?: string): Promise<Stream> => openStream(server.api, path, token, accept);

async function create(name: string, labels: Record<string, string> = {}) {
  const application = guestbook(name);
  await server.call('POST', '/api/v1/applications', { ...application, metadata: { name, labels } });
  const row = await findApplication(server.db, { namespace: 'argocd', name });
  if (row === undefined) throw new Error(`${name} is not there`);
  return row;
}

function isEvent(type: string, name: string) {
  return (message: unknown): boolean =>
    at(message, 'result.type') === type && at(message, 'result.application.metadata.name') === name;
}

describe('api/routes/streams', () => {
  test('the stream first replays what is there by name, then tells each change', async () => {
    await create('replay-b', { set: 'replay' });
    await create('replay-a', { set: 'replay' });
    const stream = await open('/api/v1/stream/applications?selector=set%3Dreplay');
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    expect(stream.response.headers.get('x-content-type-options')).toBe('nosniff');
    await stream.next('the replay is complete', isEvent('ADDED', 'replay-b'));
    expect(stream.messages.map((message) => at(message, 'result.application.metadata.name'))).toEqual([
      'replay-a',
      'replay-b',
    ]);

    const created = await create('replay-c', { set: 'replay' });
    await stream.next('the new one is added', isEvent('ADDED', 'replay-c'));
    await server.call('POST', '/api/v1/applications/replay-c/sync', {});
    const synced = await stream.next('the sync is told', isEvent('MODIFIED', 'replay-c'));
    expect(at(synced, 'result.application.status.operationState.phase')).toBe('Running');
    await removeApplication(server.db, created.id);
    const deleted = await stream.next('the deletion is told', isEvent('DELETED', 'replay-c'));
    expect(at(deleted, 'result.application.metadata.uid')).toBe(created.id);

    await create('elsewhere', { set: 'other' });
    await create('replay-d', { set: 'replay' });
    await stream.next('a later one is told', isEvent('ADDED', 'replay-d'));
    expect(stream.messages.some(isEvent('ADDED', 'elsewhere'))).toBe(false);
    await stream.cancel();
  });

  test('with a resourceVersion only what has changed or gone since is told', async () => {
    await create('older');
    const doomed = await create('doomed');
    const { body } = await server.call('GET', '/api/v1/applications');
    const version = String(at(body, 'metadata.resourceVersion'));
    // Between the list and the stream, or while a reader was away.
    await create('meanwhile');
    await removeApplication(server.db, doomed.id);
    const stream = await open(`/api/v1/stream/applications?resourceVersion=${version}`);
    await stream.next('what came meanwhile', isEvent('MODIFIED', 'meanwhile'));
    await stream.next('what went meanwhile', isEvent('DELETED', 'doomed'));
    await create('newer');
    await stream.next('the new one is told', isEvent('ADDED', 'newer'));
    expect(stream.messages.some(isEvent('ADDED', 'older'))).toBe(false);
    await stream.cancel();
    // A name brings the present state first even then; waiting commands rely on it.
    const named = await open(`/api/v1/stream/applications?name=older&resourceVersion=${version}`);
    await named.next('its present state', isEvent('ADDED', 'older'));
    expect(named.messages).toHaveLength(1);
    await named.cancel();
  });

  test.each(['abc', '-1', '1.5', '9'.repeat(30), 'NaN'])(
    'a resourceVersion that is none (%s) is refused by its name',
    async (version) => {
      const { status, body } = await server.call(
        'GET',
        `/api/v1/stream/applications?resourceVersion=${version}`,
      );
      expect(status).toBe(400);
      expect(at(body, 'message')).toContain('resourceVersion');
    },
  );

  test('fields cut the events, and changes that they do not show are not told', async () => {
    const row = await create('fields');
    const stream = await open(
      '/api/v1/stream/applications?name=fields&fields=result.type,result.application.metadata.name,result.application.status.health',
    );
    await stream.next('the replay', isEvent('ADDED', 'fields'));
    await recordModified(server.db, row.id);
    await server.db
      .update(applicationStatus)
      .set({ healthStatus: 'Healthy' })
      .where(eq(applicationStatus.applicationId, row.id));
    await recordModified(server.db, row.id);
    await stream.next(
      'the health',
      (message) => at(message, 'result.application.status.health.status') === 'Healthy',
    );
    expect(stream.messages).toEqual([
      {
        result: {
          type: 'ADDED',
          application: { metadata: { name: 'fields' }, status: { health: { status: 'Unknown' } } },
        },
      },
      {
        result: {
          type: 'MODIFIED',
          application: { metadata: { name: 'fields' }, status: { health: { status: 'Healthy' } } },
        },
      },
    ]);
    await stream.cancel();
  });

  test('without the event-stream type the stream is JSON lines', async () => {
    await create('lines');
    const stream = await open('/api/v1/stream/applications?name=lines', '*/*');
    expect(stream.response.headers.get('content-type')).toBe('application/json');
    await stream.next('the replay', isEvent('ADDED', 'lines'));
    await stream.cancel();
  });

  test('changes arrive although the listening connection was cut', async () => {
    const stream = await open('/api/v1/stream/applications?name=after-cut');
    await server.db.execute(
      sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen%'`,
    );
    await create('after-cut');
    await stream.next('the change', isEvent('ADDED', 'after-cut'));
    await stream.cancel();
  });

  test('a change that commits after a later one is not missed', async () => {
    const row = await create('late');
    const stream = await open('/api/v1/stream/applications?name=late');
    await stream.next('the replay', isEvent('ADDED', 'late'));
    await server.db.transaction(async (tx) => {
      await tx.execute(sql`update applications set labels = '{"late":"yes"}' where id = ${row.id}`);
      await recordModified(tx, row.id);
      // Given out later, committed earlier, and seen by the feed before this transaction ends.
      const later = await create('overtaking');
      const watching = await open('/api/v1/stream/applications?name=overtaking');
      await watching.next('the later change', isEvent('ADDED', 'overtaking'));
      await recordModified(server.db, later.id);
      await watching.next('the later change live', isEvent('MODIFIED', 'overtaking'));
      await watching.cancel();
    });
    const event = await stream.next('the overtaken change', isEvent('MODIFIED', 'late'));
    expect(at(event, 'result.application.metadata.labels')).toEqual({ late: 'yes' });
    await stream.cancel();
  });

  test('the resource tree comes at once and on each change of its own', async () => {
    const row = await create('tree');
    const other = await create('other-tree');
    const node = (name: string) =>
      treeNode({
        group: 'apps',
        version: 'v1',
        kind: 'Deployment',
        namespace: 'demo',
        name,
        uid: name,
      });
    const add = (applicationId: string, name: string) =>
      server.db.insert(resourceNodes).values({ applicationId, nodeId: name, node: node(name), epoch: 1 });
    await add(row.id, 'web');
    const stream = await open('/api/v1/stream/applications/tree/resource-tree');
    await stream.next('the tree', (message) => at(message, 'result.nodes.0.name') === 'web');
    await add(row.id, 'worker');
    await add(other.id, 'foreign');
    await recordChange(server.db, { type: 'MODIFIED', topic: 'tree', applicationId: other.id });
    await recordChange(server.db, { type: 'MODIFIED', topic: 'tree', applicationId: row.id });
    await stream.next('the grown tree', (message) => at(message, 'result.nodes.1.name') === 'worker');
    expect(stream.messages).toHaveLength(2);
    expect(
      (await server.call('GET', '/api/v1/applications/tree/resource-tree?name=worker')).body,
    ).toMatchObject({
      nodes: [{ name: 'worker' }],
    });
    await removeApplication(server.db, row.id);
    await eventually('the stream ends with its application', () => stream.ended() || undefined);
  });

  test('an application that nobody may see has no stream, and a session ends with its streams', async () => {
    const missing = await server.api.request('/api/v1/stream/applications/none/resource-tree', {
      headers: { token },
    });
    expect(missing.status).toBe(403);
    expect((await server.api.request('/api/v1/stream/applications')).status).toBe(401);
    server.clock.now = new Date(Date.now() + 86_399_500);
    const stream = await open('/api/v1/stream/applications?name=none');
    server.clock.now = new Date(Date.now() + 86_401_000);
    await eventually('the stream ends with its session', () => stream.ended() || undefined);
    server.clock.now = undefined;
  });

  test('a slow reader gets the newest state and no backlog', async () => {
    const row = await create('slow');
    const response = await server.api.request('/api/v1/stream/applications?name=slow', {
      headers: { token, accept: 'text/event-stream' },
    });
    const watching = await open('/api/v1/stream/applications?name=slow');
    for (let count = 1; count <= 20; count += 1) {
      await server.db
        .update(applicationStatus)
        .set({ healthMessage: `state ${count}` })
        .where(eq(applicationStatus.applicationId, row.id));
      await recordModified(server.db, row.id);
    }
    await watching.next(
      'the last state',
      (message) => at(message, 'result.application.status.health.message') === 'state 20',
    );
    const reader = response.body?.getReader();
    let text = '';
    while (!text.includes('state 20')) text += new TextDecoder().decode((await reader?.read())?.value);
    expect(text.match(/data: /g)?.length).toBeLessThanOrEqual(3);
    await reader?.cancel();
    await watching.cancel();
  });

  test('closing the feed ends the streams', async () => {
    const own = await startApi();
    const { token: ownToken } = await login(own.api, own.adminPassword);
    const response = await own.api.request('/api/v1/stream/applications', {
      headers: { token: ownToken, accept: 'text/event-stream' },
    });
    const reading = response.text();
    await own.close();
    expect(await reading).toBe('');
    expect(await server.db.select().from(changes).limit(1)).toHaveLength(1);
  });
});
