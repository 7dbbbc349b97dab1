import { serve } from '@hono/node-server';
import { startEndingAbandoned } from '../activities/operation/abandoned.ts';
import { createApi } from '../api/app.ts';
import { longestBodyMilliseconds } from '../api/bodies/body-gate.ts';
import { bootstrapSettings } from '../api/bootstrap.ts';
import { trustedProxies } from '../api/request/client-address.ts';
import { openChangeFeed } from '../api/stream/change-feed.ts';
import { compareObject, contextFault } from '../cluster/compare/compare-object.ts';
import { readConfig } from '../platform/config.ts';
import { createJq } from '../platform/jq/jq.ts';
import { createLuaQueue } from '../platform/lua/engine.ts';
import { layFoundation, untilAskedToEnd } from './compose/compose.ts';
import { registerInCluster } from './compose/in-cluster.ts';
import { openReadiness } from './compose/readiness.ts';
import { releaseVersion } from './compose/release.ts';
import { applySettingsFile } from './compose/settings-file.ts';

/** Streams end with the process; other requests get this long. */
const drainMilliseconds = 3000;
/** Within this time the headers of a request have to be there. */
const headersMilliseconds = 15_000;

const config = readConfig();
const foundation = await layFoundation('server', config);
const { log, keyring } = foundation;
const readiness = openReadiness(config, log);
const { db, pool } = foundation.database;
const { adminPassword } = await bootstrapSettings(
  db,
  keyring,
  config.KEELSON_ADMIN_PASSWORD === undefined ? {} : { adminPassword: config.KEELSON_ADMIN_PASSWORD },
);
if (adminPassword !== undefined) {
  // Said once, to the one who starts the first server: the row holds only its hash.
  process.stdout.write(`Keelson's first start: the password of admin is ${adminPassword}\n`);
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

const jq = createJq();
const abandoned = startEndingAbandoned({ db, log });
const feed = await openChangeFeed({ db, pool, log });
const url = config.KEELSON_URL === '' ? `http://127.0.0.1:${config.KEELSON_PORT}` : config.KEELSON_URL;
const api = createApi({
  db,
  keyring,
  engine: foundation.engine,
  clusterFor: foundation.clusters.clientFor,
  comparing: {
    compare: (client, desired, live, context) => compareObject({ client, jq }, desired, live, context),
    faultOf: (context) => contextFault(jq, context),
  },
  feed,
  settings: foundation.settings,
  lua: createLuaQueue(),
  log,
  now: () => new Date(),
  config: {
    controlPlaneNamespace: config.KEELSON_NAMESPACE,
    url,
    version: `v${releaseVersion}`,
    cookieSecure: url.startsWith('https:'),
    webhookSecrets: {
      github: config.KEELSON_WEBHOOK_GITHUB_SECRET,
      gitlab: config.KEELSON_WEBHOOK_GITLAB_SECRET,
      gogs: config.KEELSON_WEBHOOK_GOGS_SECRET,
      bitbucketUuid: config.KEELSON_WEBHOOK_BITBUCKET_UUID,
      bitbucketServer: config.KEELSON_WEBHOOK_BITBUCKETSERVER_SECRET,
      azureDevopsUsername: config.KEELSON_WEBHOOK_AZUREDEVOPS_USERNAME,
      azureDevopsPassword: config.KEELSON_WEBHOOK_AZUREDEVOPS_PASSWORD,
    },
    webhookOpen: config.KEELSON_WEBHOOK_OPEN,
    trustedProxies: trustedProxies(config.KEELSON_TRUSTED_PROXIES),
    webhookMaxBytes: config.KEELSON_WEBHOOK_MAX_BYTES,
    ...(config.KEELSON_UI_DIR === undefined ? {} : { uiDir: config.KEELSON_UI_DIR }),
  },
});
const server = serve(
  {
    fetch: api.fetch,
    hostname: config.KEELSON_HOST,
    port: config.KEELSON_PORT,
    serverOptions: {
      headersTimeout: headersMilliseconds,
      requestTimeout: headersMilliseconds + longestBodyMilliseconds,
    },
  },
  (address) => {
    log.info({ port: address.port }, 'server ready');
    readiness.ready();
  },
);

await untilAskedToEnd();
await abandoned.stop();
await Promise.all([feed.close(), jq.close()]);
await new Promise((resolve) => {
  server.close(resolve);
  setTimeout(resolve, drainMilliseconds).unref();
});
await foundation.close();
process.exit(0);
