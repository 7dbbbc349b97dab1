import { Client, Connection } from '@temporalio/client';
import { type ClusterClients, openClusterClients } from '../../activities/cluster-clients.ts';
import { readStart } from '../../core/settings/keys/read-start.ts';
import type { LoggingRole } from '../../core/settings/words/read-logging.ts';
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
export async function layFoundation(role: LoggingRole, config: Config): Promise<Foundation> {
  const log = createLogger({
    name: role,
    level: config.KEELSON_LOG_LEVEL,
    format: config.KEELSON_LOG_FORMAT,
  });
  const { notes } = readStart(process.env, process.argv.slice(2));
  if (notes.length > 0) log.warn({ notes }, 'what this role was started with has no effect in part');
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
  const adjust = (): void => {
    const { level = config.KEELSON_LOG_LEVEL, format = config.KEELSON_LOG_FORMAT } =
      settings.current().logging[role];
    log.adjust({ level, format });
  };
  adjust();
  settings.onChange(adjust);
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
