import { hash } from 'bcryptjs';
import { hashRounds } from '../../api/auth/account.ts';
import { type AccountStore, renewSigningKey, storePassword } from '../../api/auth/account-change.ts';
import type { OperatorOfAccounts } from '../../cli/command.ts';
import { checkNewPassword } from '../../core/account/new-password.ts';
import { connectDatabase } from '../../db/client.ts';
import { databaseConfig } from '../../platform/config.ts';
import { createKeyring } from '../../platform/encryption.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Who did it, in the audit: whoever may read the database and its key is not asked for more. */
const actor = 'operator';

/** Changes accounts in the database of the roles whose environment it is given. */
export function operatorOfAccounts(env: Environment): OperatorOfAccounts {
  return {
    async setPassword(account, password) {
      checkNewPassword(password);
      const passwordHash = await hash(password, hashRounds);
      await onStore(env, (store) => storePassword(store, { account, passwordHash, actor }));
    },
    renewSigningKey: () => onStore(env, (store) => renewSigningKey(store, actor)),
  };
}

async function onStore(env: Environment, run: (store: AccountStore) => Promise<void>): Promise<void> {
  const config = databaseConfig(env);
  const keyring = createKeyring(config.KEELSON_ENCRYPTION_KEY);
  const database = connectDatabase(config.KEELSON_DATABASE_URL, { connections: 1, onError: () => {} });
  try {
    await run({ db: database.db, keyring });
  } finally {
    await database.close();
  }
}
