import { setTimeout as sleep } from 'node:timers/promises';
import { homeCluster } from '../../core/home/home-cluster.ts';
import { connectDatabase } from '../../db/client.ts';
import { findCluster } from '../../db/queries/cluster/cluster.ts';
import { readClusterObservation } from '../../db/queries/installation/installation.ts';
import { createKeyring } from '../../platform/encryption.ts';

/** A session opens within seconds, and within more on a large cluster. */
const patienceMilliseconds = 20_000;
const lookMilliseconds = 200;

/** What the session that has opened since this start says of others on the cluster, a line each. */
export async function othersOn(
  databaseUrl: string,
  encryptionKey: string,
  since: Date,
): Promise<readonly string[]> {
  const database = connectDatabase(databaseUrl, { connections: 1, onError: () => {} });
  const keyring = createKeyring(encryptionKey);
  try {
    for (const until = Date.now() + patienceMilliseconds; Date.now() < until; await sleep(lookMilliseconds)) {
      const cluster = await findCluster(database.db, { server: homeCluster.server });
      const look = cluster && (await readClusterObservation(database.db, keyring, cluster.id));
      if (look !== undefined && look.at >= since) return look.lines;
    }
    const seconds = patienceMilliseconds / 1000;
    return [
      `nobody has looked for other installations on this cluster within ${seconds} s; the session's log says why`,
    ];
  } finally {
    await database.close();
  }
}
