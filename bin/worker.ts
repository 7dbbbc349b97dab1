import { startSweeper } from '../activities/operation/sweep.ts';
import { readConfig } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { workflowBundle } from '../platform/temporal/bundle.ts';
import { applyQueue, renderQueue, syncQueue, urgentQueue } from '../workflows/ids.ts';
import { createActivityHost } from './compose/activity-host.ts';
import { layFoundation, untilAskedToEnd } from './compose/compose.ts';
import { openReadiness } from './compose/readiness.ts';
import { obtainRenderTools } from './compose/render-tools.ts';
import { ensureRefreshSchedule } from './compose/schedule.ts';

/** Tasks of Git and rendering taken at once; the programs among them have a limit of their own. */
const renderTasks = 20;
const parallelApplies = 50;
/** Workflow tasks held at once, and local activities: those of small syncs wait for their turn and for the cluster. */
const workflowTasks = 500;

const config = readConfig();
const log = createLogger({ name: 'worker', level: config.KEELSON_LOG_LEVEL });
const readiness = openReadiness(config, log);
// First of all, as it may take minutes: whoever is not ready yet needs no connection.
const tools = await obtainRenderTools(log, readiness);
const foundation = await layFoundation('worker', config);
const codePath =
  config.KEELSON_WORKFLOW_BUNDLE ?? (await workflowBundle(config.KEELSON_CACHE_DIR, foundation.log));
const host = await createActivityHost(foundation, tools);
const { activities } = host;
await ensureRefreshSchedule(foundation.temporal);

const workers = await Promise.all([
  // Few cached workflows and polls are enough for thousands of syncs; the local activities run here too.
  host.work(syncQueue, {
    workflowBundle: { codePath },
    activities,
    maxCachedWorkflows: 500,
    maxConcurrentWorkflowTaskExecutions: workflowTasks,
    maxConcurrentLocalActivityExecutions: workflowTasks,
    // A worker that died holds its workflows back for this long; a live one takes a task in milliseconds.
    stickyQueueScheduleToStartTimeout: '2 seconds',
  }),
  host.work(renderQueue, { activities, maxConcurrentActivityTaskExecutions: renderTasks }),
  host.work(urgentQueue, { activities, maxConcurrentActivityTaskExecutions: renderTasks }),
  host.work(applyQueue, { activities, maxConcurrentActivityTaskExecutions: parallelApplies }),
]);
const sweeper = startSweeper({
  db: foundation.database.db,
  engine: foundation.engine,
  log: foundation.log,
  instance: config.KEELSON_INSTANCE,
  retention: () => foundation.settings.current().retention,
});
foundation.log.info({ queues: [syncQueue, renderQueue, urgentQueue, applyQueue] }, 'worker ready');
readiness.ready();

await Promise.race([untilAskedToEnd(), ...workers.map((worker) => worker.ended)]);
await sweeper.stop();
await Promise.all(workers.map((worker) => worker.stop()));
await foundation.close();
process.exit(0);
