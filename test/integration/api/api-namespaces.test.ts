import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findApplication } from '../../../db/queries/application/application.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { liveOperation } from '../../../db/queries/operation/operation.ts';
import { endOperation } from '../../../db/queries/operation/operation-life.ts';
import { at, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
  await server.db.execute(
    sql`update projects set spec = spec || '{"sourceNamespaces": ["team-*"]}' where name = 'default'`,
  );
});
afterAll(() => server?.close());

const path = '/api/v1/applications';
const settings = '/api/v1/keelson/settings';

function inNamespace(namespace: string | undefined, spec: Record<string, unknown> = {}) {
  return { ...guestbook('web', spec), metadata: { name: 'web', ...(namespace && { namespace }) } };
}

async function allow(patterns: string): Promise<unknown> {
  const words = { 'argocd-cmd-params-cm': { 'application.namespaces': patterns } };
  const reply = await server.call('PUT', settings, { configMaps: words });
  expect(reply.status).toBe(200);
  await server.settings.reload();
  return reply.body;
}

const names = (body: unknown): string[] =>
  ((at(body, 'items') ?? []) as unknown[]).map(
    (one) => `${at(one, 'metadata.namespace')}/${at(one, 'metadata.name')}`,
  );

describe('applications in any namespace', () => {
  test('live in the control-plane namespace until the settings name others', async () => {
    const refused = await server.call('POST', path, inNamespace('team-a'));
    expect([refused.status, at(refused.body, 'message')]).toEqual([
      400,
      'namespace "team-a" is not permitted for applications; leave it out or use "argocd"',
    ]);
    const bad = { 'argocd-cmd-params-cm': { 'application.namespaces': 'team-a, /(/' } };
    const unread = await server.call('PUT', settings, { configMaps: bad });
    expect([unread.status, at(unread.body, 'message')]).toEqual([
      400,
      expect.stringContaining('application.namespaces: /(/ is not a regular expression'),
    ]);
    expect(await allow('team-*, /^ops-[0-9]+$/')).toMatchObject({ problems: [] });
    for (const namespace of [undefined, 'team-a', 'team-b']) {
      expect((await server.call('POST', path, inNamespace(namespace))).status).toBe(200);
    }
    expect((await server.call('POST', path, inNamespace('elsewhere'))).status).toBe(400);
  });

  test('are taken by a project only from the namespaces that it names', async () => {
    const refused = await server.call('POST', path, inNamespace('ops-1'));
    expect([refused.status, at(refused.body, 'message')]).toEqual([
      400,
      expect.stringContaining("application in namespace 'ops-1' is not permitted to use project 'default'"),
    ]);
    expect(await findApplication(server.db, { namespace: 'ops-1', name: 'web' })).toBeUndefined();
  });

  test('of one name are two, in lists and one by one', async () => {
    const all = await server.call('GET', path);
    expect(names(all.body)).toEqual(['argocd/web', 'team-a/web', 'team-b/web']);
    expect(names((await server.call('GET', `${path}?appNamespace=team-a`)).body)).toEqual(['team-a/web']);
    expect(names((await server.call('GET', `${path}?name=web`)).body)).toEqual(['argocd/web']);
    const [home, away] = [
      await server.call('GET', `${path}/web`),
      await server.call('GET', `${path}/web?appNamespace=team-a`),
    ];
    expect(at(home.body, 'metadata.namespace')).toBe('argocd');
    expect(at(away.body, 'metadata.namespace')).toBe('team-a');
    expect(at(away.body, 'status.controllerNamespace')).toBe('argocd');
    expect(at(away.body, 'metadata.uid')).not.toBe(at(home.body, 'metadata.uid'));
    expect((await server.call('GET', `${path}/web?appNamespace=team-c`)).status).toBe(403);
    const missing = await server.call('GET', `${path}/web?appNamespace=team-c&project=default`);
    expect(at(missing.body, 'message')).toContain('application "team-c/web" was not found');
  });

  test('are changed and synced by themselves, under their whole name in the audit', async () => {
    const spec = { ...inNamespace('team-a').spec, revisionHistoryLimit: 3 };
    expect((await server.call('PUT', `${path}/web/spec?appNamespace=team-a`, spec)).status).toBe(200);
    expect((await listAudit(server.db, 1))[0]).toMatchObject({
      action: 'application.update',
      object: 'default/team-a/web',
    });
    const untouched = await findApplication(server.db, { namespace: 'argocd', name: 'web' });
    expect(untouched?.spec.revisionHistoryLimit).toBeUndefined();
    const synced = await server.call('POST', `${path}/web/sync`, { appNamespace: 'team-a' });
    expect(synced.status).toBe(200);
    const rows = await Promise.all(
      ['argocd', 'team-a', 'team-b'].map((namespace) =>
        findApplication(server.db, { namespace, name: 'web' }),
      ),
    );
    const live = await Promise.all(rows.map((row) => liveOperation(server.db, row?.id ?? '')));
    expect(live.map((operation) => operation?.applicationNamespace)).toEqual([
      undefined,
      'team-a',
      undefined,
    ]);
    expect((await server.call('POST', `${path}/web/sync`, {})).status).toBe(200);
    const listed = await server.call('GET', `${path}/web/operations?appNamespace=team-a`);
    expect(listed.body).toMatchObject({
      items: [{ application: 'web', namespace: 'team-a', project: 'default' }],
    });
    for (const operation of live) {
      if (operation === undefined) continue;
      await endOperation(server.db, operation, { phase: 'Succeeded', message: 'done', inHistory: true });
    }
  });

  test('leave operations behind that are read under their name, and no other', async () => {
    const gone = await server.call('DELETE', `${path}/web?appNamespace=team-a&cascade=false`);
    expect(gone.status).toBe(200);
    expect(await findApplication(server.db, { namespace: 'team-a', name: 'web' })).toBeUndefined();
    const left = await server.call('GET', `${path}/web/operations?appNamespace=team-a`);
    expect((at(left.body, 'items') as unknown[]).map((one) => at(one, 'namespace'))).toEqual([
      'team-a',
      'team-a',
    ]);
    const id = String(at(left.body, 'items.0.id'));
    const read = (query: string) => server.call('GET', `${path}/web/operations/${id}${query}`);
    expect((await read('?appNamespace=team-a')).status).toBe(200);
    expect((await read('?appNamespace=team-a&project=default')).status).toBe(200);
    expect((await read('?appNamespace=team-a&project=other')).status).not.toBe(200);
    expect((await read('')).status).toBe(404);
    expect((await read('?appNamespace=team-b')).status).toBe(404);
    expect((await server.call('GET', `${path}/web`)).status).toBe(200);
  });

  test('that their project takes no more are not synced', async () => {
    const take = (namespaces: string) =>
      server.db.execute(
        sql`update projects set spec = spec || jsonb_build_object('sourceNamespaces', ${namespaces}::jsonb)
          where name = 'default'`,
      );
    await take('[]');
    const sync = await server.call('POST', `${path}/web/sync`, { appNamespace: 'team-b' });
    expect([sync.status, at(sync.body, 'message')]).toEqual([
      400,
      `application "team-b/web" can't be synced: application in namespace 'team-b' is not permitted to use project 'default' (spec.sourceNamespaces)`,
    ]);
    await take('["team-*"]');
    expect((await server.call('POST', `${path}/web/sync`, { appNamespace: 'team-b' })).status).toBe(200);
  });

  test('that the settings name no more stay, can be deleted, and are not written any more', async () => {
    await allow('elsewhere');
    expect((await server.call('GET', `${path}/web?appNamespace=team-b`)).status).toBe(200);
    const changed = await server.call('POST', `${path}?upsert=true`, inNamespace('team-b'));
    expect(at(changed.body, 'message')).toContain('namespace "team-b" is not permitted for applications');
    const spec = { ...inNamespace('team-b').spec, revisionHistoryLimit: 3 };
    const put = await server.call('PUT', `${path}/web/spec?appNamespace=team-b`, spec);
    expect(at(put.body, 'message')).toContain('namespace "team-b" is not permitted for applications');
    const sync = await server.call('POST', `${path}/web/sync`, { appNamespace: 'team-b' });
    expect([sync.status, at(sync.body, 'message')]).toEqual([
      400,
      expect.stringContaining('namespace "team-b" is not permitted for applications'),
    ]);
    const removed = await server.call('DELETE', `${path}/web?appNamespace=team-b&cascade=false`);
    expect(removed.status).toBe(200);
  });
});
