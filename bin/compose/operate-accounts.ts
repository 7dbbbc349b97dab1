import { hash } from 'bcryptjs';
import { hashRounds, secretKeys } from '../../api/auth/account.ts';
import { type AccountStore, renewSigningKey, storePassword } from '../../api/auth/account-change.ts';
import type { OperatorOfAccounts } from '../../cli/command.ts';
import { createClusterClient } from '../../cluster/request/client.ts';
import { ClusterCredentials } from '../../cluster/request/credentials.ts';
import { changeObject } from '../../control/settings/write/change-object.ts';
import { accountsChange } from '../../control/settings/write/write-accounts.ts';
import { checkNewPassword } from '../../core/account/new-password.ts';
import { homeCluster } from '../../core/home/home-cluster.ts';
import { connectDatabase } from '../../db/client.ts';
import { findCluster, openClusterCredentials } from '../../db/queries/cluster/cluster.ts';
import { listSettingsObjects } from '../../db/queries/home/settings-object.ts';
import { isTurnedOn } from '../../db/queries/home/turn.ts';
import { readSettingsNamed } from '../../db/queries/installation/setting.ts';
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
    const store = { db: database.db, keyring };
    await run(store);
    await tellHome(store);
  } finally {
    await database.close();
  }
}

/**
 * Where the home cluster's Secret is what holds, it says what the rows do from now on; else its next change would bring the
 * old password back.
 */
async function tellHome({ db, keyring }: AccountStore): Promise<void> {
  if (!(await isTurnedOn(db))) return;
  const rows = await listSettingsObjects(db);
  const secret = rows.find(({ role, goneAt }) => role === 'accounts' && goneAt === null);
  const cluster = await findCluster(db, { server: homeCluster.server });
  if (secret === undefined || cluster === undefined) return;
  const client = createClusterClient(ClusterCredentials.parse(openClusterCredentials(keyring, cluster)));
  try {
    const { kind, namespace, name } = secret;
    const values = await readSettingsNamed(db, keyring, secretKeys);
    await changeObject(
      client,
      { kind, namespace, name },
      accountsChange({ namespace, inForce: values, values }),
    );
  } finally {
    await client.close();
  }
}
