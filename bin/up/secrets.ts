import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare } from 'bcryptjs';
import { settingKeys } from '../../api/auth/account.ts';
import { connectDatabase } from '../../db/client.ts';
import { readSetting } from '../../db/queries/installation/setting.ts';
import { createKeyring, generateKey } from '../../platform/encryption.ts';

/** Secrets of a local installation, made at its first start and kept in the state directory for its user alone. */
export type LocalSecrets = {
  readonly encryptionKey: string;
  /** What the account gets if the database has no password for it yet. */
  readonly newAdminPassword: string;
  /**
   * The password that really lets admin in, once a server has brought the database up to date. Undefined when the
   * database has another one than this machine knows.
   */
  adminPassword(databaseUrl: string): Promise<string | undefined>;
};

/** Reads the secrets of a state directory, or makes them. */
export function localSecrets(stateDir: string): LocalSecrets {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const encryptionKey =
    process.env['KEELSON_ENCRYPTION_KEY'] ?? kept(join(stateDir, 'encryption-key'), generateKey);
  const passwordFile = join(stateDir, 'admin-password');
  const wasKept = existsSync(passwordFile);
  const chosen = process.env['KEELSON_ADMIN_PASSWORD'];
  const newAdminPassword = chosen ?? kept(passwordFile, () => randomBytes(12).toString('base64url'));
  return {
    encryptionKey,
    newAdminPassword,
    adminPassword: async (databaseUrl) => {
      const passwordHash = await adminHash(databaseUrl, encryptionKey);
      const known = [newAdminPassword, ...(wasKept ? [readFileSync(passwordFile, 'utf8').trim()] : [])];
      for (const password of known) {
        if (passwordHash !== undefined && (await compare(password, passwordHash))) return password;
      }
      // Made by this start for an installation that has one already: nobody must find it and believe it.
      if (!wasKept && chosen === undefined) rmSync(passwordFile, { force: true });
      return undefined;
    },
  };
}

async function adminHash(databaseUrl: string, encryptionKey: string): Promise<string | undefined> {
  const database = connectDatabase(databaseUrl, { connections: 1, onError: () => {} });
  try {
    return await readSetting(database.db, createKeyring(encryptionKey), settingKeys.adminPassword);
  } finally {
    await database.close();
  }
}

function kept(path: string, make: () => string): string {
  if (!existsSync(path)) writeFileSync(path, `${make()}\n`, { mode: 0o600 });
  return readFileSync(path, 'utf8').trim();
}
