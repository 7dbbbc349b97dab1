import { bootstrapSettings } from '../../api/bootstrap.ts';
import { turnOff } from '../../db/queries/home/turn.ts';
import type { Foundation } from './compose.ts';
import { registerInCluster } from './in-cluster.ts';
import { applySettingsFile } from './settings-file.ts';

/** Brings what the configuration wants into the database: the first password, the settings file, the home cluster. */
export async function furnish(foundation: Foundation): Promise<void> {
  const { config, database, keyring } = foundation;
  const { adminPassword } = await bootstrapSettings(
    database.db,
    keyring,
    config.KEELSON_ADMIN_PASSWORD === undefined ? {} : { adminPassword: config.KEELSON_ADMIN_PASSWORD },
  );
  if (adminPassword !== undefined) {
    // Said once, to the one who starts the first server: the row holds only its hash.
    process.stdout.write(`Keelson's first start: the password of admin is ${adminPassword}\n`);
  }
  if (!config.KEELSON_HOME_BRIDGE && (await turnOff(database.db))) {
    foundation.log.info({}, 'objects of the home cluster are not followed any more: rows are what holds');
  }
  if (config.KEELSON_SETTINGS_FILE !== undefined) {
    await applySettingsFile(foundation, config.KEELSON_SETTINGS_FILE);
  }
  if (config.KEELSON_IN_CLUSTER_KUBECONFIG !== undefined) {
    await registerInCluster(
      foundation,
      config.KEELSON_IN_CLUSTER_KUBECONFIG,
      config.KEELSON_IN_CLUSTER_CONTEXT,
    );
  }
}
