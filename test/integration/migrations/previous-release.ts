import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { migrateDatabase } from '../../../db/migrate.ts';

const migrations = fileURLToPath(new URL('../../../db/migrations', import.meta.url));

/** A database as a release left it; `migrate` brings it up to date, as a role does at its start. */
export type ReleasedDatabase = DatabaseConnection & { migrate(): Promise<void> };

/** Makes a database with the tables as they were after the migration of a name, and fills it with what SQL inserts. */
export async function openReleasedDatabase(
  postgresUrl: string,
  { lastMigration, data }: { readonly lastMigration: string; readonly data: string },
): Promise<ReleasedDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(postgresUrl, async (client) => void (await client.query(`create database ${name}`)));
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  await onServer(url.href, async (client) => {
    await migrateUpTo(client, lastMigration);
    await client.query(data);
  });
  const connection = connectDatabase(url.href, { connections: 4, onError: () => {} });
  return {
    ...connection,
    migrate: () => migrateDatabase({ url: url.href }),
    async close() {
      await connection.close();
      await onServer(postgresUrl, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      });
    },
  };
}

type Journal = { readonly entries: readonly { readonly tag: string }[] };

/** The migrations up to one, in a folder of their own: the migrator knows only whole folders. */
async function migrateUpTo(client: pg.Client, tag: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-migrations-'));
  try {
    cpSync(migrations, folder, { recursive: true });
    const path = join(folder, 'meta', '_journal.json');
    const journal: Journal = JSON.parse(readFileSync(path, 'utf8'));
    const last = journal.entries.findIndex((entry) => entry.tag === tag);
    if (last === -1) throw new Error(`there is no migration ${tag}`);
    writeFileSync(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, last + 1) }));
    await migrate(drizzle(client), { migrationsFolder: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function onServer(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
