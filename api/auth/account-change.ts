import { randomBytes } from 'node:crypto';
import type { HomeChange, HomeSettings } from '../../control/settings/write/settings-port.ts';
import { type AccountsChange, accountsChange } from '../../control/settings/write/write-accounts.ts';
import { KeelsonError } from '../../core/errors.ts';
import { accountsSecret } from '../../core/home/settings/settings-object.ts';
import { userInitiator } from '../../core/sync/operation/initiator.ts';
import type { Database } from '../../db/client.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { readSetting, readSettingsNamed, writeSetting } from '../../db/queries/installation/setting.ts';
import { endLogins } from '../../db/queries/login/token.ts';
import type { Keyring } from '../../platform/encryption.ts';
import { adminAccount, secretKeys, settingKeys } from './account.ts';

export type AccountStore = {
  readonly db: Database;
  readonly keyring: Keyring;
  /** Where passwords and keys are those of a Secret of the home cluster. */
  readonly homeSettings?: HomeSettings | undefined;
};

/** A new password, as its hash. */
export type NewPassword = {
  readonly account: string;
  readonly passwordHash: string;
  /** The hash that the old password was compared with; undefined where nobody had to know it. */
  readonly instead?: string | undefined;
  readonly actor: string;
  /** Address of the request; absent where an operator does it beside the server. */
  readonly address?: string;
};

/** Replaces a password and ends all logins that were given for the one before, in one transaction with its audit row. */
export function storePassword(store: AccountStore, change: NewPassword): Promise<void> {
  const { account, passwordHash, instead, actor, address } = change;
  const { db, homeSettings, keyring } = store;
  refuseUnknown(account);
  const time = new Date().toISOString();
  if (homeSettings !== undefined) {
    return writeAccounts(
      { ...store, homeSettings },
      { [settingKeys.adminPassword]: passwordHash, [settingKeys.adminPasswordTime]: time },
      {
        ...{ actor, address },
        instead:
          instead === undefined ? undefined : { hash: instead, refusal: () => changedMeanwhile(account) },
        audit: { action: 'account.password', object: account },
      },
    );
  }
  return db.transaction(async (tx) => {
    // First, since it locks the account's row: changes at once come one after the other.
    await endLogins(tx, account);
    const present = await readSetting(tx, keyring, settingKeys.adminPassword);
    if (instead !== undefined && instead !== present) throw changedMeanwhile(account);
    await writeSetting(tx, keyring, settingKeys.adminPassword, passwordHash);
    await writeSetting(tx, keyring, settingKeys.adminPasswordTime, time);
    await recordAudit(tx, { actor, address, action: 'account.password', object: account });
  });
}

/** Ends all logins of an account, on all servers. */
export function endAccountLogins(
  { db }: Pick<AccountStore, 'db'>,
  { account, actor, address }: Pick<NewPassword, 'account' | 'actor' | 'address'>,
): Promise<void> {
  refuseUnknown(account);
  return db.transaction(async (tx) => {
    await endLogins(tx, account);
    await recordAudit(tx, { actor, address, action: 'account.logout-all', object: account });
  });
}

/** Makes the secret by which tokens are signed anew: nothing that was signed before counts any more. */
export function renewSigningKey({ db, keyring }: AccountStore, actor: string): Promise<void> {
  return db.transaction(async (tx) => {
    // A server that hasn't heard of the new key refuses the logins of the old one all the same.
    await endLogins(tx, adminAccount);
    await writeSetting(tx, keyring, settingKeys.serverSecret, newSigningKey());
    await recordAudit(tx, { actor, action: 'signing-key.renew', object: 'accounts' });
  });
}

/** Has the Secret of the home cluster say it, and takes it in from there with all that follows. */
async function writeAccounts(
  { db, keyring, homeSettings }: AccountStore & { readonly homeSettings: HomeSettings },
  values: Readonly<Record<string, string>>,
  by: {
    readonly actor: string;
    readonly address: string | undefined;
    readonly instead: AccountsChange['instead'];
    readonly audit: HomeChange['audit'];
  },
): Promise<void> {
  const inForce = await readSettingsNamed(db, keyring, secretKeys);
  const { namespace } = homeSettings;
  await homeSettings.change({
    ref: { kind: 'Secret', name: accountsSecret },
    changeOf: accountsChange({ namespace, inForce, values, instead: by.instead }),
    author: { by: userInitiator(by.actor), address: by.address ?? '' },
    audit: by.audit,
  });
}

/** A secret for signing tokens. */
export function newSigningKey(): string {
  return randomBytes(32).toString('base64');
}

function changedMeanwhile(account: string): KeelsonError {
  return new KeelsonError('conflict', `password of ${account} was changed meanwhile; log in with that one`);
}

function refuseUnknown(account: string): void {
  if (account === adminAccount) return;
  throw new KeelsonError('not-found', `account '${account}' does not exist; there is one, ${adminAccount}`);
}
