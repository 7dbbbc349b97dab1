import { Client, Connection } from '@temporalio/client';
import { type ClusterClients, openClusterClients } from '../../activities/cluster-clients.ts';
import { connectDatabase, type DatabaseConnection } from '../../db/client.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { openSettingsSource, type SettingsSource } from '../../db/settings-source.ts';
import type { Engine } from '../../engine/engine.ts';
import { createEngine } from '../../engine/temporal.ts';
import type { Config } from '../../platform/config.ts';
import { createKeyring, type Keyring } from '../../platform/encryption.ts';
import { createLogger, type Logger } from '../../platform/logger.ts';
import { temporalConnection } from '../../platform/temporal/connection.ts';
import { createDataConverter } from '../../platform/temporal/data-converter.ts';
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
  readonly clusters: ClusterClients;
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
  const stored = { db: database.db, changes: database.changes, keyring, log };
  const settings = await openSettingsSource(stored);
  const clusters = openClusterClients(stored);
  return {
    config,
    log,
    keyring,
    database,
    temporal,
    engine: createEngine(temporal),
    settings,
    clusters,
    async close() {
      await clusters.close();
      await settings.close();
      await connection.close();
      await database.close();
    },
  };
}

/** Resolves at the first signal that asks the process to end. */
export function untilTerminated(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}
