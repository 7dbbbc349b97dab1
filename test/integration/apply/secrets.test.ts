import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicationOf, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

/** A value that occurs nowhere by chance, in the forms in which it could be stored. */
function canary(name: string): { name: string; value: string; forms: string[] } {
  const value = `canary${name}${randomBytes(9).toString('hex')}`;
  // Any offset inside a larger base64 text: the middle of each of its three alignments.
  const aligned = [0, 1, 2].map((shift) =>
    Buffer.from(`${'x'.repeat(shift)}${value}`)
      .toString('base64')
      .slice(4, -4),
  );
  return { name, value, forms: [value, ...aligned] };
}

const planted = {
  manifest: canary('manifest'),
  refused: canary('refused'),
  repository: canary('repository'),
  url: canary('url'),
  helm: canary('helm'),
};

let keelson: TestKeelson;
let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let replies = '';

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  keelson = await startKeelsonOn(facts, { env: { KEELSON_LOG_LEVEL: 'debug' } });
});

afterAll(async () => {
  await keelson?.stop();
  await facts?.drop();
});

function secret(name: string, data: Record<string, string>) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'Opaque', stringData: data };
}

async function reply(path: string, init: RequestInit = {}): Promise<void> {
  const token = await keelson.client.account.login('admin', keelson.adminPassword);
  const answer = await fetch(`${keelson.url}${path}`, {
    ...init,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
  });
  replies += await answer.text();
}

/** Everything a Keelson has written, by place. */
async function dump(): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  const client = new pg.Client(facts.databaseUrl);
  await client.connect();
  const { rows: tables } = await client.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  for (const { name } of tables) {
    const { rows } = await client.query<{ text: string }>(`select t::text as text from ${name} t`);
    // bytea columns print as hex; a value that was stored there in the clear is found in that form.
    const text = rows.map((row) => row.text).join('\n');
    places.set(`table ${name}`, text + Buffer.from(text.replace(/[^0-9a-f]/g, ''), 'hex').toString('latin1'));
  }
  await client.end();
  const { stateDir } = testPlatform();
  for (const folder of [join(stateDir, 'temporal'), join(stateDir, 'postgres'), keelson.stateDir]) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      places.set(path, readFileSync(path, 'latin1'));
    }
  }
  places.set('replies', replies);
  return places;
}

describe('secret values', () => {
  it('are found nowhere in Postgres, in the files of Temporal, in logs or in replies', async () => {
    const good = await keelson.gitServer.createRepository('secrets', {
      'a.yaml': yamlOf(secret('good', { password: planted.manifest.value })),
    });
    const bad = await keelson.gitServer.createRepository('secrets-bad', {
      'a.yaml': yamlOf(
        secret('bad', { [`bad key ${planted.refused.value.slice(0, 4)}`]: planted.refused.value }),
      ),
    });
    const chart = await keelson.gitServer.createRepository('secrets-chart', {
      'Chart.yaml': 'apiVersion: v2\nname: broken\nversion: 1.0.0\n',
      'templates/a.yaml':
        'apiVersion: v1\nkind: Secret\nmetadata: { name: a }\ndata: {{ .Values.nothing.here }}\n',
    });
    keelson.gitServer.requireAuth('reader', planted.repository.value);
    for (const { url } of [good, bad, chart]) {
      await reply('/api/v1/repositories?upsert=true', {
        method: 'POST',
        body: JSON.stringify({ repo: url, username: 'reader', password: planted.repository.value }),
      });
    }
    const withPassword = good.url.replace('http://', `http://reader:${planted.url.value}@`);
    await keelson.create(applicationOf({ name: 'secret-good', repoURL: good.url, namespace: 'secrets' }));
    await keelson.create(applicationOf({ name: 'secret-bad', repoURL: bad.url, namespace: 'secrets' }));
    await keelson.create(
      applicationOf({
        name: 'secret-chart',
        repoURL: chart.url,
        namespace: 'secrets',
        source: { helm: { valuesObject: { password: 'x' }, parameters: [{ name: 'token', value: 'y' }] } },
      }),
    );
    expect(await keelson.sync('secret-good')).toMatchObject({ phase: 'Succeeded' });
    expect(await keelson.sync('secret-bad')).toMatchObject({ phase: 'Failed' });
    expect(await keelson.sync('secret-chart')).toMatchObject({ phase: 'Error' });
    // An address with a password in it is refused or kept without it; either way it isn't kept.
    await reply('/api/v1/applications', {
      method: 'POST',
      body: JSON.stringify(
        applicationOf({ name: 'secret-url', repoURL: withPassword, namespace: 'secrets' }),
      ),
    });
    for (const name of ['secret-good', 'secret-bad', 'secret-chart']) {
      await reply(`/api/v1/applications/${name}`);
      await reply(`/api/v1/applications/${name}/managed-resources`);
      await reply(`/api/v1/applications/${name}/resource-tree`);
      const [last] = await keelson.client.operations.list(name, 1);
      await reply(`/api/v1/applications/${name}/operations/${last?.id}`);
    }
    await reply('/api/v1/repositories');
    await reply('/api/v1/clusters');

    const live = await keelson.cluster.get('v1', {
      group: '',
      kind: 'Secret',
      namespace: 'secrets',
      name: 'good',
    });
    expect(live?.['data']).toEqual({ password: Buffer.from(planted.manifest.value).toString('base64') });
    const places = await dump();
    expect(places.size).toBeGreaterThan(20);
    const found: string[] = [];
    for (const [place, content] of places) {
      for (const { name, forms } of Object.values(planted)) {
        if (forms.some((form) => content.includes(form))) found.push(`${name} in ${place}`);
      }
    }
    expect(found).toEqual([]);
    // The search itself works: what is not secret is found.
    expect([...places.values()].some((content) => content.includes('secret-good'))).toBe(true);
  });
});
