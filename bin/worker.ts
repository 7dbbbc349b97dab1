import type { ShortApplyDeps } from '../activities/deps.ts';
import {
  applyActivities,
  type QueueActivities,
  recordActivities,
  renderActivities,
  shortApplyActivities,
  urgentActivities,
} from '../activities/index.ts';
import { startSweeper } from '../activities/operation/sweep.ts';
import { readConfig } from '../platform/config.ts';
import { createJq } from '../platform/jq/jq.ts';
import { createLimiter } from '../platform/limiter.ts';
import { createLogger } from '../platform/logger.ts';
import { workflowBundle } from '../platform/temporal/bundle.ts';
import { connectWorkers } from '../platform/temporal/workers.ts';
import { applyQueue, renderQueue, syncQueue, urgentQueue } from '../workflows/ids.ts';
import { layFoundation, untilTerminated } from './compose/compose.ts';
import { openReadiness } from './compose/readiness.ts';
import { recordDepsOf } from './compose/record-deps.ts';
import { renderDepsOf } from './compose/render-deps.ts';
import { findRenderTools } from './compose/render-tools.ts';
import { ensureRefreshSchedule } from './compose/schedule.ts';

/** Tasks of Git and rendering taken at once; the programs among them have a limit of their own. */
const renderTasks = { maxConcurrentActivityTaskExecutions: 20 };
const applyTasks = { maxConcurrentActivityTaskExecutions: 50 };
/** Workflow tasks held at once, and local activities: those of small syncs wait for their turn and for the cluster. */
const workflowTasks = 500;
/**
 * Applications that are written beside their workflows at once; each writes up to 20 objects side by side. With six the
 * API server spent a sixth more on the same writes, as it tells its watchers of fewer at a time.
 */
const shortAppliesAtOnce = 16;

const config = readConfig(process.env, process.argv.slice(2));
const log = createLogger({
  name: 'worker',
  level: config.KEELSON_LOG_LEVEL,
  format: config.KEELSON_LOG_FORMAT,
});
const readiness = openReadiness(config, log);
// First of all, as it may take minutes: whoever is not ready yet needs no connection.
const tools = await findRenderTools(log, readiness);
const foundation = await layFoundation('worker', config);
const codePath = config.KEELSON_WORKFLOW_BUNDLE ?? (await workflowBundle(config.KEELSON_CACHE_DIR, log));
const host = await connectWorkers<QueueActivities>(foundation);
await ensureRefreshSchedule(foundation.temporal);
const record = recordDepsOf(foundation);
const render = renderDepsOf(record, config, tools);
const apply: ShortApplyDeps = {
  ...record,
  ...{ jq: createJq(), clusterFor: foundation.clusters.clientFor },
  shortApplies: createLimiter(shortAppliesAtOnce),
};
const beside = { ...recordActivities(record), ...shortApplyActivities(apply) };
const workers = await Promise.all([
  // Few cached workflows and polls are enough for thousands of syncs; the local activities run here too.
  host.work(syncQueue, beside, {
    workflowBundle: { codePath },
    maxCachedWorkflows: 500,
    maxConcurrentWorkflowTaskExecutions: workflowTasks,
    maxConcurrentLocalActivityExecutions: workflowTasks,
    // A worker that died holds its workflows back for this long; a live one takes a task in milliseconds.
    stickyQueueScheduleToStartTimeout: '2 seconds',
  }),
  host.work(renderQueue, renderActivities(render), renderTasks),
  host.work(urgentQueue, urgentActivities(render), renderTasks),
  host.work(applyQueue, applyActivities(apply), applyTasks),
]);
const sweeper = startSweeper({
  ...record,
  instance: config.KEELSON_INSTANCE,
  bridged: config.KEELSON_HOME_BRIDGE,
  retention: () => foundation.settings.current().retention,
});
foundation.log.info({ queues: [syncQueue, renderQueue, urgentQueue, applyQueue] }, 'worker ready');
readiness.ready();

await Promise.race([untilTerminated(), ...workers.map((worker) => worker.ended)]);
await sweeper.stop();
await Promise.all(workers.map((worker) => worker.stop()));
await foundation.close();
process.exit(0);
