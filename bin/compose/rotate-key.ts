import { connectDatabase, type Database } from '../../db/client.ts';
import { countStale, reseal, type SealedTable, sealedColumns } from '../../db/reseal.ts';
import { databaseConfig } from '../../platform/config.ts';
import { createKeyring, type Keyring } from '../../platform/encryption.ts';

const tables = Object.keys(sealedColumns) as SealedTable[];

/** Words of the end, for whoever is about to remove the old keys. */
const afterwards = `Nothing in the database needs the other keys any more. Before you remove them:
- every role has to run with this key ring, or it seals with an old key again: restart those that don't, and run this
  command once more; it does nothing where nothing is left
- Temporal still holds payloads of workflows under way, and of those that ended within its retention (7 days by default),
  sealed with the old keys: remove them after that time, or workflows that began before can't go on
- digests are made with the last key: once it is another one, each application is rendered once more
`;

/**
 * Seals every stored value with the first key of the ring, and tells how far it is. It may run beside all roles, be
 * broken off and be started again.
 */
export async function rotateKey(
  env: Readonly<Record<string, string | undefined>>,
  tell: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const config = databaseConfig(env);
  const keyring = createKeyring(config.KEELSON_ENCRYPTION_KEY);
  const database = connectDatabase(config.KEELSON_DATABASE_URL, { connections: 2, onError: () => {} });
  try {
    tell(`sealing with key ${keyring.activeKeyId}\n`);
    for (const table of tables) await resealAll(database.db, keyring, table, { tell, signal });
    tell(afterwards);
  } finally {
    await database.close();
  }
}

/** Until none is left: a role that still has the old ring may write while this goes on. */
async function resealAll(
  db: Database,
  keyring: Keyring,
  table: SealedTable,
  { tell, signal }: { tell: (text: string) => void; signal: AbortSignal | undefined },
): Promise<void> {
  let [done, left] = [0, await countStale(db, keyring, table)];
  while (left > 0) {
    const all = done + left;
    for await (const rows of reseal(db, keyring, table)) {
      signal?.throwIfAborted();
      done += rows;
      tell(`${table}: ${done} of ${all}\n`);
    }
    left = await countStale(db, keyring, table);
  }
  tell(`${table}: ${done === 0 ? 'nothing to do' : `${done} sealed anew`}\n`);
}
