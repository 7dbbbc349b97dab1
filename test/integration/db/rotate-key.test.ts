import { createCipheriv, hkdfSync } from 'node:crypto';
import { getTableName, sql } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/pg-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rotateKey } from '../../../bin/compose/rotate-key.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { migrateDatabase } from '../../../db/migrate.ts';
import { loadManifests, storeManifests } from '../../../db/queries/application/manifest.ts';
import { openUpload, storeUpload } from '../../../db/queries/application/upload.ts';
import { findCluster, openClusterCredentials, saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { readSetting, writeSetting } from '../../../db/queries/installation/setting.ts';
import {
  findRepository,
  openRepositoryCredentials,
  saveRepository,
} from '../../../db/queries/repository/repository.ts';
import {
  findTemplate,
  openTemplate,
  saveTemplate,
} from '../../../db/queries/repository/repository-template.ts';
import { type SealedTable, sealedColumns } from '../../../db/reseal.ts';
import { tables } from '../../../db/schema/tables.ts';
import { createKeyring, type Keyring } from '../../../platform/encryption.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';
import { keelson } from '../../support/keelson/run-cli.ts';

const bytes = (fill: number): Buffer => Buffer.alloc(32, fill);
const [oldKey, newKey] = [`k1:${bytes(1).toString('base64')}`, `k2:${bytes(2).toString('base64')}`];
const both = `${newKey},${oldKey}`;
const server = 'https://north.example.com';
const url = 'https://git.example.com/a.git';
const manifestCount = 450;
const manifests = Array.from({ length: manifestCount }, (_, number) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `c${number}` },
})) satisfies Manifest[];

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let databaseUrl: string;

beforeEach(async () => {
  database = await openTestDatabase();
  databaseUrl = database.pool.options.connectionString ?? '';
  await migrateDatabase(database);
});

afterEach(() => database?.close());

async function fill(keyring: Keyring): Promise<{ uploadId: string; digests: string[] }> {
  const { db } = database;
  await writeSetting(db, keyring, 'a', 'setting');
  await saveCluster(db, keyring, { name: 'north', server, credentials: { token: 'cluster' } });
  await saveRepository(db, keyring, {
    url,
    type: 'git',
    name: '',
    project: '',
    credentials: { password: 'repository' },
  });
  // A public one has nothing sealed.
  await saveRepository(db, keyring, { url: `${url}/public`, type: 'git', name: '', project: '' });
  await saveTemplate(db, keyring, { url, type: 'git', credentials: { password: 'template' } });
  const digests = await storeManifests(db, keyring, manifests);
  return { uploadId: await storeUpload(db, keyring, Buffer.from('upload')), digests };
}

async function readAll(keyring: Keyring, { uploadId, digests }: { uploadId: string; digests: string[] }) {
  const { db } = database;
  const [cluster, repository, template] = [
    await findCluster(db, { server }),
    await findRepository(db, url),
    await findTemplate(db, url),
  ];
  return {
    setting: await readSetting(db, keyring, 'a'),
    cluster: cluster && openClusterCredentials(keyring, cluster),
    repository: repository && openRepositoryCredentials(keyring, repository),
    template: template && openTemplate(keyring, template).credentials,
    upload: (await openUpload(db, keyring, uploadId)).toString(),
    manifests: (await loadManifests(db, keyring, digests)).size,
  };
}

const everything = {
  setting: 'setting',
  cluster: { token: 'cluster' },
  repository: { password: 'repository' },
  template: { password: 'template' },
  upload: 'upload',
  manifests: manifestCount,
};

async function rotate(spec: string, signal?: AbortSignal): Promise<string> {
  const told: string[] = [];
  const env = { KEELSON_DATABASE_URL: databaseUrl, KEELSON_ENCRYPTION_KEY: spec };
  await rotateKey(env, (text) => told.push(text), signal);
  return told.join('');
}

/** As releases sealed it that knew no places. */
function sealedEarlier(purpose: string, plain: string): Buffer {
  const key = hkdfSync('sha256', bytes(1), Buffer.alloc(0), `keelson/${purpose}`, 32);
  const header = Buffer.concat([Buffer.from([1, 2]), Buffer.from('k1')]);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key), bytes(9).subarray(0, 12)).setAAD(header);
  const parts = [header, bytes(9).subarray(0, 12), cipher.update(plain), cipher.final()];
  return Buffer.concat([...parts, cipher.getAuthTag()]);
}

describe('keelson admin rotate-key', () => {
  it('knows every sealed column', () => {
    const found = Object.values(tables).flatMap((table) =>
      getTableConfig(table)
        .columns.filter((column) => column.getSQLType() === 'bytea')
        .map((column) => `${getTableName(table)}.${column.name}`),
    );
    const known = Object.entries(sealedColumns).map(([table, { sealed }]) => `${table}.${sealed}`);
    // Packed results of ended operations are compressed and hold nothing secret.
    expect([...known, 'packed_operations.packed'].sort()).toEqual(found.sort());
  });

  it('seals every row anew, so that the old key can be removed', async () => {
    const stored = await fill(createKeyring(oldKey));
    expect(await readAll(createKeyring(both), stored)).toEqual(everything);
    await expect(readAll(createKeyring(newKey), stored)).rejects.toThrow(/key k1 is not in/);
    const told = await rotate(both);
    expect(told).toContain('sealing with key k2\n');
    expect(told).toContain('manifests: 200 of 450\nmanifests: 400 of 450\nmanifests: 450 of 450\n');
    expect(told).toMatch(/Nothing in the database needs the other keys/);
    expect(await readAll(createKeyring(newKey), stored)).toEqual(everything);
    expect(await rotate(both)).not.toMatch(/\d+ of \d+/);
  });

  it('goes on where it was broken off', async () => {
    const stored = await fill(createKeyring(oldKey));
    const stop = new AbortController();
    const told: string[] = [];
    const env = { KEELSON_DATABASE_URL: databaseUrl, KEELSON_ENCRYPTION_KEY: both };
    const tell = (text: string) => {
      told.push(text);
      if (text.startsWith('manifests: 200')) stop.abort();
    };
    await expect(rotateKey(env, tell, stop.signal)).rejects.toThrow(/abort/i);
    const again = await rotate(both);
    expect(again).toContain('settings: nothing to do\n');
    // The batch after the first was sealed before the end was seen.
    expect(again).toContain('manifests: 50 of 50\n');
    expect(await readAll(createKeyring(newKey), stored)).toEqual(everything);
  });

  it('brings values of earlier releases to the form that is bound to its row', async () => {
    const keyring = createKeyring(oldKey);
    await writeSetting(database.db, keyring, 'a', 'x');
    await database.db.execute(sql`update settings set sealed = ${sealedEarlier('setting', 'early')}`);
    expect(await readSetting(database.db, keyring, 'a')).toBe('early');
    expect(await rotate(oldKey)).toContain('settings: 1 sealed anew\n');
    expect(await readSetting(database.db, keyring, 'a')).toBe('early');
    await database.db.execute(sql`update settings set key = 'b'`);
    await expect(readSetting(database.db, keyring, 'b')).rejects.toThrow(/sealed for another place/);
  });

  it('loses nothing that is written while it runs', async () => {
    const [old, next] = [createKeyring(oldKey), createKeyring(both)];
    const stored = await fill(old);
    const keys = Array.from({ length: 300 }, (_, number) => `s${number}`);
    for (const key of keys) await writeSetting(database.db, old, key, 'before');
    const writing = (async () => {
      for (const key of keys.toReversed()) await writeSetting(database.db, next, key, 'after');
    })();
    await Promise.all([rotate(both), writing]);
    for (const key of keys) expect(await readSetting(database.db, next, key)).toBe('after');
    expect(await readAll(createKeyring(newKey), stored)).toEqual(everything);
  });

  const moves: [SealedTable, string][] = [
    ['clusters', "server = 'https://south.example.com'"],
    ['repositories', "url = 'https://evil.example.com/a.git'"],
    ['repositories', "project = 'other'"],
    ['repository_templates', "url = 'https://evil.example.com'"],
    ['settings', "key = 'b'"],
    ['manifests', "digest = digest || 'x'"],
    ['uploads', "id = '00000000-0000-4000-8000-000000000000'"],
  ];
  it.each(moves)('refuses a value of %s in the row where %s', async (table, change) => {
    const keyring = createKeyring(oldKey);
    await fill(keyring);
    // With both, two repositories would have one address.
    await database.db.execute(sql`delete from repositories where credentials is null`);
    await database.db.execute(sql.raw(`update ${table} set ${change}`));
    await expect(rotate(`${newKey},${oldKey}`)).rejects.toThrow(/sealed for another place/);
  });

  it('is a command, which says what it needs', async () => {
    const run = await keelson(['admin', 'rotate-key']);
    expect(run.stderr).toMatch(/keys are rotated where the roles are installed/);
    expect(run.status).not.toBe(0);
    await expect(rotateKey({}, () => {})).rejects.toThrow(/KEELSON_DATABASE_URL: .*KEELSON_ENCRYPTION_KEY: /);
  });
});
