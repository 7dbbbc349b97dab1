import { readConfig } from '../platform/config.ts';
import { sessionQueue } from '../workflows/ids.ts';
import { createActivityHost } from './activity-host.ts';
import { layFoundation, tellReady, untilAskedToEnd } from './compose.ts';

/** Clusters that one session host holds at most; another host takes the rest. */
const mostClusters = 200;

const config = readConfig();
const foundation = await layFoundation('session', config);
const host = await createActivityHost(foundation, { renders: false });
const worker = await host.work(sessionQueue, {
  activities: host.activities,
  maxConcurrentActivityTaskExecutions: mostClusters,
  // A lease has nothing to finish: given up at once, the next host has it sooner.
  shutdownGraceTime: '0 seconds',
});
foundation.log.info({ queue: sessionQueue, instance: config.KEELSON_INSTANCE }, 'session host ready');
tellReady(config);

await Promise.race([untilAskedToEnd(), worker.ended]);
await worker.stop();
await foundation.close();
process.exit(0);
