import { Client, Connection } from '@temporalio/client';
import { type ClusterClient, createClusterClient } from '../cluster/client.ts';
import { ClusterCredentials } from '../cluster/credentials.ts';
import { KeelsonError } from '../core/errors.ts';
import { connectDatabase, type Database, type DatabaseConnection } from '../db/client.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { getCluster, openClusterCredentials } from '../db/queries/cluster.ts';
import { openSettingsSource, type SettingsSource } from '../db/settings-source.ts';
import type { Engine } from '../engine/engine.ts';
import { createEngine } from '../engine/temporal.ts';
import type { Config } from '../platform/config.ts';
import { createKeyring, type Keyring } from '../platform/encryption.ts';
import { createLogger, type Logger } from '../platform/logger.ts';
import { temporalConnection } from '../platform/temporal/connection.ts';
import { createDataConverter } from '../platform/temporal/data-converter.ts';
import { ensureNamespace } from './namespace.ts';

/** What every role stands on. */
export type Foundation = {
  readonly config: Config;
  readonly log: Logger;
  readonly keyring: Keyring;
  readonly database: DatabaseConnection;
  readonly temporal: Client;
  readonly engine: Engine;
  readonly settings: SettingsSource;
  clusterFor(clusterId: string): Promise<ClusterClient>;
  close(): Promise<void>;
};

/** Connects a role to Postgres and Temporal and brings the schema up to date. */
export async function layFoundation(role: string, config: Config): Promise<Foundation> {
  const log = createLogger({ name: role, level: config.KEELSON_LOG_LEVEL });
  const keyring = createKeyring(config.KEELSON_ENCRYPTION_KEY);
  const database = connectDatabase(config.KEELSON_DATABASE_URL, {
    connections: 12,
    onError: (error) => log.warn({ error: error.message }, 'database connection lost'),
  });
  await migrateDatabase(database);
  const connection = await Connection.connect(await temporalConnection(config));
  await ensureNamespace(connection, config.KEELSON_TEMPORAL_NAMESPACE);
  const temporal = new Client({
    connection,
    namespace: config.KEELSON_TEMPORAL_NAMESPACE,
    dataConverter: createDataConverter(keyring),
  });
  const settings = await openSettingsSource({ db: database.db, pool: database.pool, keyring, log });
  return {
    config,
    log,
    keyring,
    database,
    temporal,
    engine: createEngine(temporal),
    settings,
    clusterFor: createClusterClients(database.db, keyring),
    async close() {
      await settings.close();
      await connection.close();
      await database.close();
    },
  };
}

/** Credentials that were changed are in use after this time at the latest. */
const credentialsMilliseconds = 1000;

/** Clients of registered clusters, one per cluster and set of credentials. */
function createClusterClients(db: Database, keyring: Keyring): (clusterId: string) => Promise<ClusterClient> {
  const clients = new Map<string, { sealed: Buffer; client: ClusterClient; until: number }>();
  return async (clusterId) => {
    const fresh = clients.get(clusterId);
    if (fresh !== undefined && performance.now() < fresh.until) return fresh.client;
    const row = await getCluster(db, clusterId);
    if (row === undefined) {
      throw new KeelsonError('not-found', `cluster ${clusterId} is not registered any more; add it again`);
    }
    const known = clients.get(clusterId);
    const until = performance.now() + credentialsMilliseconds;
    if (known?.sealed.equals(row.credentials) === true) {
      known.until = until;
      return known.client;
    }
    const client = createClusterClient(ClusterCredentials.parse(openClusterCredentials(keyring, row)));
    // The client before it may still be in use; its idle connections close by themselves.
    clients.set(clusterId, { sealed: row.credentials, client, until });
    return client;
  };
}

/** Resolves at the first signal that asks the process to end. */
export function untilAskedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}
