import type { Database } from '../../db/client.ts';
import { readSetting } from '../../db/queries/setting.ts';
import type { Keyring } from '../../platform/encryption.ts';

/** Keys under which the settings of local login are stored. */
export const settingKeys = {
  serverSecret: 'server.secretkey',
  adminPassword: 'admin.password',
  adminPasswordTime: 'admin.passwordMtime',
  knownHosts: 'sources.knownHosts',
} as const;

/** What login and token checks need of the settings. */
export type AccountSettings = {
  readonly secret: Uint8Array;
  readonly passwordHash: string | undefined;
  readonly passwordChangedAt: Date | undefined;
};

/** How old settings may be: a password changed on one server counts on the others after this time. */
const maxAgeMilliseconds = 5_000;

/** Reads the account settings, at most once in a few seconds however many requests come. */
export function createAccountSettings(
  db: Database,
  keyring: Keyring,
  now: () => Date,
): () => Promise<AccountSettings | undefined> {
  let cached: { at: number; settings: Promise<AccountSettings | undefined> } | undefined;
  return () => {
    const at = now().getTime();
    // A clock that was set back must not keep the settings for as long.
    if (cached !== undefined && Math.abs(at - cached.at) < maxAgeMilliseconds) return cached.settings;
    const settings = load(db, keyring);
    const entry = { at, settings };
    cached = entry;
    const forget = (): void => {
      if (cached === entry) cached = undefined;
    };
    // What is missing or failed is read again by the next request; the caller sees the failure itself.
    settings.then((found) => (found === undefined ? forget() : undefined), forget);
    return settings;
  };
}

async function load(db: Database, keyring: Keyring): Promise<AccountSettings | undefined> {
  const [secret, passwordHash, changedAt] = await Promise.all([
    readSetting(db, keyring, settingKeys.serverSecret),
    readSetting(db, keyring, settingKeys.adminPassword),
    readSetting(db, keyring, settingKeys.adminPasswordTime),
  ]);
  if (secret === undefined) return undefined;
  return {
    secret: new TextEncoder().encode(secret),
    passwordHash,
    passwordChangedAt: changedAt === undefined ? undefined : new Date(changedAt),
  };
}
