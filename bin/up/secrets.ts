import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateKey } from '../../platform/encryption.ts';

/** Secrets of a local installation, made at its first start and kept in the state directory for its user alone. */
export type LocalSecrets = { readonly encryptionKey: string; readonly adminPassword: string };

export function localSecrets(stateDir: string): LocalSecrets {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  return {
    encryptionKey:
      process.env['KEELSON_ENCRYPTION_KEY'] ?? kept(join(stateDir, 'encryption-key'), generateKey),
    adminPassword:
      process.env['KEELSON_ADMIN_PASSWORD'] ??
      kept(join(stateDir, 'admin-password'), () => randomBytes(12).toString('base64url')),
  };
}

function kept(path: string, make: () => string): string {
  if (!existsSync(path)) writeFileSync(path, `${make()}\n`, { mode: 0o600 });
  return readFileSync(path, 'utf8').trim();
}
