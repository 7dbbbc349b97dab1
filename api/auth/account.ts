import type { Database } from '../../db/client.ts';
import { readSettingsNamed } from '../../db/queries/installation/setting.ts';
import type { Keyring } from '../../platform/encryption.ts';

/** The one account that there is. */
export const adminAccount = 'admin';

/** How passwords are hashed: each round more takes twice as long, for us as for whoever guesses. */
export const hashRounds = 10;

/** Keys under which the settings of local login are stored. */
export const settingKeys = {
  serverSecret: 'server.secretkey',
  adminPassword: 'admin.password',
  adminPasswordTime: 'admin.passwordMtime',
  knownHosts: 'sources.knownHosts',
} as const;

/** What of them a Secret of the home cluster holds, under the same names. */
export const secretKeys = [
  settingKeys.adminPassword,
  settingKeys.adminPasswordTime,
  settingKeys.serverSecret,
] as const;

/** What login and token checks need of the settings. */
export type AccountSettings = {
  readonly secret: Uint8Array;
  readonly passwordHash: string | undefined;
  readonly passwordChangedAt: Date | undefined;
};

/** The stored settings of accounts; undefined where no server has started yet. */
export type AccountSource = {
  /** As they were a moment ago: for what each request asks. */
  recent(): Promise<AccountSettings | undefined>;
  /** As they are: for whatever a password decides. */
  present(): Promise<AccountSettings | undefined>;
  /** They have changed: the next look is a new one. */
  forget(): void;
};

/** How old settings may be where the word that they have changed was lost. */
const maxAgeMilliseconds = 5_000;

/** Reads the account settings; recent ones at most once in a few seconds however many requests come. */
export function createAccountSource(db: Database, keyring: Keyring, now: () => Date): AccountSource {
  let cached: { at: number; settings: Promise<AccountSettings | undefined> } | undefined;
  const look = (at: number): Promise<AccountSettings | undefined> => {
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
  return {
    recent() {
      const at = now().getTime();
      // A clock that was set back must not keep the settings for as long.
      const isRecent = cached !== undefined && Math.abs(at - cached.at) < maxAgeMilliseconds;
      return isRecent && cached !== undefined ? cached.settings : look(at);
    },
    present: () => look(now().getTime()),
    forget() {
      cached = undefined;
    },
  };
}

async function load(db: Database, keyring: Keyring): Promise<AccountSettings | undefined> {
  const { serverSecret, adminPassword, adminPasswordTime } = settingKeys;
  const stored = await readSettingsNamed(db, keyring, secretKeys);
  const { [serverSecret]: secret, [adminPassword]: passwordHash, [adminPasswordTime]: changedAt } = stored;
  if (secret === undefined) return undefined;
  return {
    secret: new TextEncoder().encode(secret),
    passwordHash,
    passwordChangedAt: changedAt === undefined ? undefined : new Date(changedAt),
  };
}
