import { type HomeAccounts, readAccounts } from '../../core/home/settings/accounts.ts';
import { ownField } from '../../core/own-field.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { readSettingsNamed, writeSetting } from '../../db/queries/installation/setting.ts';
import { endLogins } from '../../db/queries/login/token.ts';
import { auditOf } from '../context.ts';
import { noEffects, type SingleRole, type Taking } from './settings-control.ts';

/** The account whose password and tokens the Secret has from the start. */
const account = 'admin';

/** Under which names the installation keeps what `argocd-secret` says: the same as there. */
const kept: Readonly<Record<keyof HomeAccounts, string>> = {
  passwordHash: 'admin.password',
  passwordTime: 'admin.passwordMtime',
  serverSecret: 'server.secretkey',
};

/**
 * `argocd-secret`: whoever changes a password or the key there ends the logins of before. What it doesn't say, or can't be
 * read, stays as it was: an installation without a password or key could not be entered.
 */
export const accountsRole: SingleRole = {
  sort: 'single',
  async apply(taking, { object, accepted }) {
    if (object === undefined) {
      const message = 'is gone; what it held of passwords, keys and secrets stays in force';
      return { notices: accepted ? [] : [{ type: 'Deleted', message }], effects: noEffects };
    }
    const { accounts, faults } = readAccounts(object.values);
    const all = [...faults, ...object.unreadable.map((key) => `${key}: is no text`)];
    if (faults.length === 0) await store(taking, accounts);
    const notices = all.map(
      (fault) => ({ type: 'Unreadable', message: `${fault}; what it said last stays in force` }) as const,
    );
    return { notices: accepted ? [] : notices, effects: noEffects };
  },
};

async function store({ tx, keyring, author }: Taking, accounts: HomeAccounts): Promise<void> {
  const before = await readSettingsNamed(tx, keyring, Object.values(kept));
  const changed = Object.entries(kept).flatMap(([field, key]) => {
    const value = accounts[field as keyof HomeAccounts];
    return value === undefined || value === ownField(before, key) ? [] : [{ key, value }];
  });
  if (changed.length === 0) return;
  // First, since it locks the account's row: changes at once come one after the other.
  await endLogins(tx, account);
  for (const { key, value } of changed) await writeSetting(tx, keyring, key, value);
  const details = { keys: changed.map(({ key }) => key) };
  await recordAudit(tx, auditOf(author, { action: 'account.password', object: account, details }));
}
