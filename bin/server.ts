import { serve } from '@hono/node-server';
import { startEndingAbandoned } from '../activities/operation/abandoned.ts';
import { createApi } from '../api/app.ts';
import { longestBodyMilliseconds } from '../api/bodies/body-gate.ts';
import { openChangeFeed } from '../api/stream/change-feed.ts';
import { credentialsFromClusterSecret } from '../cluster/access/cluster-secret.ts';
import { compareObject, contextFault } from '../cluster/compare/compare-object.ts';
import { openPolicySource } from '../db/policy-source.ts';
import { openSecretSource } from '../db/secret-source.ts';
import { readConfig } from '../platform/config.ts';
import { createJq } from '../platform/jq/jq.ts';
import { createLuaQueue } from '../platform/lua/engine.ts';
import { apiConfigOf } from './compose/api-config.ts';
import { layFoundation, untilTerminated } from './compose/compose.ts';
import { furnish } from './compose/furnish.ts';
import { openReadiness } from './compose/readiness.ts';
import { storesOf } from './compose/stores.ts';

/** Streams end with the process; other requests get this long. */
const drainMilliseconds = 3000;
/** Within this time the headers of a request have to be there. */
const headersMilliseconds = 15_000;

const config = readConfig(process.env, process.argv.slice(2));
const foundation = await layFoundation('server', config);
const { log, keyring } = foundation;
const readiness = openReadiness(config, log);
const { db, changes } = foundation.database;
await furnish(foundation);

const jq = createJq();
const abandoned = startEndingAbandoned({ db, log, homeNamespace: config.KEELSON_NAMESPACE });
const feed = await openChangeFeed({ db, changes, log });
const policy = await openPolicySource({ db, changes, settings: foundation.settings, log });
const secrets = await openSecretSource({ db, changes, keyring, log });
const api = createApi({
  db,
  ...storesOf(foundation),
  keyring,
  engine: foundation.engine,
  clusterCredentials: credentialsFromClusterSecret,
  clusterFor: foundation.clusters.clientFor,
  comparing: {
    compare: (client, desired, live, context) => compareObject({ client, jq }, desired, live, context),
    faultOf: (context) => contextFault(jq, context),
  },
  feed,
  settings: foundation.settings,
  policy,
  secrets,
  lua: createLuaQueue(),
  log,
  now: () => new Date(),
  config: apiConfigOf(config),
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

await untilTerminated();
await abandoned.stop();
await Promise.all([feed.close(), policy.close(), secrets.close(), jq.close()]);
await new Promise((resolve) => {
  server.close(resolve);
  setTimeout(resolve, drainMilliseconds).unref();
});
await foundation.close();
process.exit(0);
