import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, startApi, type TestApi } from '../../support/keelson/api/api.ts';

const path = '/api/v1/applications';
const count = 1_100;
let server: TestApi;

beforeAll(async () => {
  server = await startApi();
  await server.db.execute(sql`
    with created as (
      insert into applications (namespace, name, project, spec)
      select 'argocd', 'n-' || lpad(n::text, 4, '0'), 'project-' || n % 4,
        jsonb_build_object('project', 'project-' || n % 4, 'destination', '{}'::jsonb, 'big', 1234567890123456789)
      from generate_series(1, ${count}::int) n returning id
    )
    insert into application_status (application_id, sync_status, health_status)
    select id, 'Synced', 'Healthy' from created`);
});
afterAll(async () => {
  await server?.close();
});

const names = (body: unknown): string[] =>
  (at(body, 'items') as readonly unknown[]).map((item) => String(at(item, 'metadata.name')));
const expected = Array.from({ length: count }, (_, index) => `n-${String(index + 1).padStart(4, '0')}`);

describe('the list of applications', () => {
  it('comes as pages, one resourceVersion for all of them', async () => {
    const found: string[] = [];
    const versions = new Set<unknown>();
    let next: unknown = '';
    do {
      const { status, body } = await server.call(
        'GET',
        `${path}?limit=400&fields=items.metadata.name&continue=${String(next)}`,
      );
      expect(status).toBe(200);
      found.push(...names(body));
      versions.add(at(body, 'metadata.resourceVersion'));
      next = at(body, 'metadata.continue');
    } while (next !== undefined);
    expect(found).toEqual(expected);
    expect(versions.size).toBe(1);
  });

  it('has at most 500 on a page, also on one that follows without a limit', async () => {
    const first = await server.call('GET', `${path}?limit=9999`);
    expect(names(first.body)).toEqual(expected.slice(0, 500));
    const second = await server.call(
      'GET',
      `${path}?continue=${String(at(first.body, 'metadata.continue'))}`,
    );
    expect(names(second.body)).toEqual(expected.slice(500, 1_000));
  });

  it('comes whole without a limit, in pieces that are one JSON and keep every digit', async () => {
    const newest = await server.db.execute(
      sql`select max(resource_version)::text as version from application_status`,
    );
    for (const query of ['', '?limit=0', '?limit=']) {
      const { status, headers, body } = await server.call('GET', `${path}${query}`);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('application/json');
      expect(names(body)).toEqual(expected);
      expect(at(body, 'metadata')).toEqual({ resourceVersion: newest.rows[0]?.['version'] });
    }
    const whole = await server.api.request(path, { headers: { token: await tokenOf() } });
    expect((await whole.text()).split('"big":1234567890123456789')).toHaveLength(count + 1);
    const { body } = await server.call('GET', `${path}?counts=true`);
    expect(names(body)).toHaveLength(count);
    expect(at(body, 'keelson.counts.total')).toBe(count);
  });

  it('that goes out in pieces reads the next one when the one before has gone, and none once nobody reads', async () => {
    const token = await tokenOf();
    const response = await server.api.request(path, { headers: { token } });
    const reader = response.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    expect(first).toMatch(/^\{"metadata":\{"resourceVersion":"\d+"\},"items":\[$/);
    // Changed before it is read, so a piece that was read ahead would not have it.
    await server.db.execute(sql`update applications set labels = '{"late": "yes"}' where name = 'n-1100'`);
    let rest = '';
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
      rest += new TextDecoder().decode(piece.value);
    }
    expect(rest).toContain('"late":"yes"');
    const left = await server.api.request(path, { headers: { token } });
    await left.body?.cancel();
  });

  it('that breaks off is no JSON', async () => {
    const token = await tokenOf();
    const response = await server.api.request(path, { headers: { token } });
    const reader = response.body?.getReader();
    await reader?.read();
    await server.db.execute(sql`alter table operations rename to operations_away`);
    try {
      await expect(
        (async () => {
          for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read());
        })(),
      ).rejects.toThrow();
    } finally {
      await server.db.execute(sql`alter table operations_away rename to operations`);
    }
  });

  it('is counted by what statuses say, with the same choice', async () => {
    const counts = async (query: string) =>
      at((await server.call('GET', `${path}?limit=1&counts=true${query}`)).body, 'keelson.counts');
    expect(await counts('')).toEqual({ total: count, sync: { Synced: count }, health: { Healthy: count } });
    expect(await counts('&projects=project-2')).toMatchObject({ total: count / 4 });
    expect(await counts('&name=n-0001')).toMatchObject({ total: 1 });
    const { body } = await server.call('GET', `${path}?limit=1`);
    expect(at(body, 'keelson')).toBeUndefined();
  });

  it.each([
    ['limit=many', /limit.* is no number of applications; write a whole one, such as 100/],
    ['limit=-1', /limit/],
    ['limit=1.5', /limit/],
    [
      'continue=none',
      /continue is none that a list has answered with; leave it out to begin with the first page/,
    ],
    ['counts=perhaps', /counts/],
  ])('is refused for %s', async (query, words) => {
    const { status, body } = await server.call('GET', `${path}?${query}`);
    expect(status).toBe(400);
    expect(at(body, 'message')).toMatch(words);
  });
});

async function tokenOf(): Promise<string> {
  const { body } = await server.call('POST', '/api/v1/session', {
    username: 'admin',
    password: server.adminPassword,
  });
  return String(at(body, 'token'));
}
