import type { SessionDeps } from '../activities/deps.ts';
import { leaseActivities, type QueueActivities, sessionActivities } from '../activities/index.ts';
import { createLiveClusters } from '../activities/session/live-clusters.ts';
import { readConfig } from '../platform/config.ts';
import { createJq } from '../platform/jq/jq.ts';
import { createLuaEngine } from '../platform/lua/engine.ts';
import { connectWorkers } from '../platform/temporal/workers.ts';
import { clusterQueue, sessionQueue } from '../workflows/ids.ts';
import { layFoundation, untilTerminated } from './compose/compose.ts';
import { openReadiness } from './compose/readiness.ts';
import { recordDepsOf } from './compose/record-deps.ts';
import { releaseVersion } from './compose/release.ts';

/** Clusters that one session host holds at most; another host takes the rest. */
const mostClusters = 200;
/** Tasks of one cluster that its session takes side by side: compare and settle wait on the network, not on the CPU. */
const clusterTasks = { maxConcurrentActivityTaskExecutions: 40 };

const config = readConfig(process.env, process.argv.slice(2));
const foundation = await layFoundation('session', config);
const readiness = openReadiness(config, foundation.log);
const host = await connectWorkers<QueueActivities>(foundation);
const session: SessionDeps = {
  ...recordDepsOf(foundation),
  selfHealSeconds: config.KEELSON_SELF_HEAL_SECONDS,
  ...{ jq: createJq(), liveClusters: createLiveClusters() },
};
const held = sessionActivities(session);
const lease = leaseActivities({
  ...session,
  changes: foundation.database.changes,
  lua: createLuaEngine(),
  instance: config.KEELSON_INSTANCE,
  release: releaseVersion,
  bridged: config.KEELSON_HOME_BRIDGE,
  homeLimits: {
    withinMilliseconds: config.KEELSON_HOME_GUARD_SECONDS * 1000,
    gatherMilliseconds: config.KEELSON_HOME_GATHER_SECONDS * 1000,
    detachedMilliseconds: config.KEELSON_HOME_DETACHED_SECONDS * 1000,
  },
  registeredCluster: foundation.clusters.registered,
  pollCluster: (clusterId) => host.work(clusterQueue(clusterId), held, clusterTasks),
});
const worker = await host.work(sessionQueue, lease, {
  maxConcurrentActivityTaskExecutions: mostClusters,
  // A lease has nothing to finish: given up at once, the next host has it sooner.
  shutdownGraceTime: '0 seconds',
});
foundation.log.info({ queue: sessionQueue, instance: config.KEELSON_INSTANCE }, 'session host ready');
readiness.ready();

await Promise.race([untilTerminated(), worker.ended]);
await worker.stop();
await foundation.close();
process.exit(0);
