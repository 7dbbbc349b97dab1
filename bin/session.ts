import { readConfig } from '../platform/config.ts';
import { sessionQueue } from '../workflows/ids.ts';
import { createActivityHost } from './compose/activity-host.ts';
import { layFoundation, untilAskedToEnd } from './compose/compose.ts';
import { openReadiness } from './compose/readiness.ts';

/** Clusters that one session host holds at most; another host takes the rest. */
const mostClusters = 200;

const config = readConfig();
const foundation = await layFoundation('session', config);
const readiness = openReadiness(config, foundation.log);
const host = await createActivityHost(foundation);
const worker = await host.work(sessionQueue, {
  activities: host.activities,
  maxConcurrentActivityTaskExecutions: mostClusters,
  // A lease has nothing to finish: given up at once, the next host has it sooner.
  shutdownGraceTime: '0 seconds',
});
foundation.log.info({ queue: sessionQueue, instance: config.KEELSON_INSTANCE }, 'session host ready');
readiness.ready();

await Promise.race([untilAskedToEnd(), worker.ended]);
await worker.stop();
await foundation.close();
process.exit(0);
