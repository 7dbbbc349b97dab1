import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bootstrapSettings } from '../../../api/bootstrap.ts';
import { localSecrets } from '../../../bin/up/secrets.ts';
import { connectDatabase } from '../../../db/client.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

let stateDir: string;
let database: { readonly databaseUrl: string; drop(): Promise<void> };

beforeEach(async () => {
  stateDir = mkdtempSync(join(testPlatform().stateDir, 'secrets-'));
  database = await testPlatform().createDatabase();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await database.drop();
  rmSync(stateDir, { recursive: true, force: true });
});

/** What a start does: reads its secrets, brings the database up to date, and asks which password is true. */
async function start(chosen?: string): Promise<string | undefined> {
  vi.stubEnv('KEELSON_ADMIN_PASSWORD', chosen);
  const secrets = localSecrets(stateDir);
  const connection = connectDatabase(database.databaseUrl, { connections: 1, onError: () => {} });
  const { newAdminPassword: adminPassword, encryptionKey } = secrets;
  await bootstrapSettings(connection.db, createKeyring(encryptionKey), { adminPassword });
  await connection.close();
  return secrets.adminPassword(database.databaseUrl);
}

describe('bin/up/secrets', () => {
  it('finds the password of the first start again, whatever the variable says later', async () => {
    const first = await start();
    expect(first).toMatch(/^[\w-]{16}$/);
    expect(await start()).toBe(first);
    expect(await start('another-one')).toBe(first);
  });

  it('takes a chosen password at the first start alone, and never gives a wrong one for true', async () => {
    expect(await start('chosen-at-first')).toBe('chosen-at-first');
    expect(await start('another-one')).toBeUndefined();
    expect(await start()).toBeUndefined();
    // A password that lets nobody in must not lie about either.
    expect(existsSync(join(stateDir, 'admin-password'))).toBe(false);
    expect(await start('chosen-at-first')).toBe('chosen-at-first');
  });
});
