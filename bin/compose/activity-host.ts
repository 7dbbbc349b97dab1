import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Deps } from '../../activities/deps.ts';
import { createGit } from '../../activities/git/git.ts';
import { gitHandler } from '../../activities/git/run/program.ts';
import { createCharts } from '../../activities/helm/charts.ts';
import { type Activities, createActivities } from '../../activities/index.ts';
import { createOciArtifacts } from '../../activities/oci/artifacts.ts';
import { createPlugins } from '../../activities/plugin/plugins.ts';
import { createHttp } from '../../activities/remote/http.ts';
import type { RenderTools } from '../../activities/render/render.ts';
import { createLiveClusters } from '../../activities/session/live-clusters.ts';
import { createLimiter } from '../../cluster/limiter.ts';
import { createContentStore } from '../../db/content-store.ts';
import { offeredVariables } from '../../platform/config.ts';
import { armFaults } from '../../platform/fault.ts';
import { createJq } from '../../platform/jq/jq.ts';
import { createLauncher } from '../../platform/launcher/launcher.ts';
import { createLuaEngine } from '../../platform/lua/engine.ts';
import { createSandbox } from '../../platform/sandbox/sandbox.ts';
import { temporalConnection } from '../../platform/temporal/connection.ts';
import { createDataConverter } from '../../platform/temporal/data-converter.ts';
import { clusterQueue } from '../../workflows/ids.ts';
import type { Foundation } from './compose.ts';
import { releaseVersion } from './release.ts';

/** Starts workers that serve Keelson's activities and workflows in this process. */
export type ActivityHost = {
  readonly activities: Activities;
  work(taskQueue: string, options: Partial<WorkerOptions>): Promise<Working>;
};

export type Working = { readonly ended: Promise<void>; stop(): Promise<void> };

/** The process that starts programs. */
const launchedUrl = new URL('../../activities/launched.ts', import.meta.url);

/** Programs that render at once: they compute, and wait on the disk now and then. */
const rendersAtOnce = 2 * cpus().length;

/**
 * Applications that are written beside their workflows at once; each writes up to 20 objects side by side. With six the
 * API server spent a sixth more on the same writes, as it tells its watchers of fewer at a time.
 */
const shortAppliesAtOnce = 16;

/** Tasks of one cluster that its session takes side by side: compare and settle wait on the network, not on the CPU. */
const clusterTasks = 40;

/** For a process that takes no tasks of the queues on which renders come. */
const noTools: RenderTools = { helm: '', kustomize: '', jsonnet: '' };

/** Builds the activities on a foundation; a process that renders brings its tools. */
export async function createActivityHost(
  foundation: Foundation,
  tools: RenderTools = noTools,
): Promise<ActivityHost> {
  const { config, log, keyring } = foundation;
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      log[level === 'ERROR' ? 'error' : 'warn']({ source: 'temporal', ...describe(meta) }, message);
    }),
    shutdownSignals: [],
  });
  const connection = await NativeConnection.connect(await temporalConnection(config));
  const work = async (taskQueue: string, extra: Partial<WorkerOptions>): Promise<Working> => {
    const worker = await Worker.create({
      connection,
      namespace: config.KEELSON_TEMPORAL_NAMESPACE,
      taskQueue,
      dataConverter: createDataConverter(keyring),
      shutdownGraceTime: '5 seconds',
      shutdownForceTime: '10 seconds',
      ...extra,
    });
    const ended = worker.run();
    return {
      ended,
      async stop() {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await ended;
      },
    };
  };
  const http = createHttp(config.KEELSON_RENDER_PRIVATE_HOSTS);
  const cacheDir = config.KEELSON_CACHE_DIR;
  const launcher = createLauncher(launchedUrl);
  const sandbox = createSandbox({
    isolation: config.KEELSON_RENDER_ISOLATION,
    egress: config.KEELSON_RENDER_EGRESS,
    privateHosts: config.KEELSON_RENDER_PRIVATE_HOSTS,
    onUnavailable: (reason) => log.warn({ reason }, 'renders run without a sandbox'),
    run: launcher.run,
  });
  const deps: Deps = {
    db: foundation.database.db,
    changes: foundation.database.changes,
    keyring,
    content: createContentStore(
      foundation.database.db,
      keyring,
      () => foundation.settings.current().retention.content,
    ),
    engine: foundation.engine,
    log,
    settings: foundation.settings,
    faults: armFaults(config.KEELSON_FAULT_DIR),
    git: createGit({
      cacheDir,
      protocols: config.KEELSON_GIT_PROTOCOLS,
      listingSeconds: config.KEELSON_LISTING_SECONDS,
      privateHosts: config.KEELSON_RENDER_PRIVATE_HOSTS,
      cacheLimitBytes: config.KEELSON_GIT_CACHE_GIB * 1024 ** 3,
      start: (program, signal) => launcher.call(gitHandler, program, signal),
    }),
    http,
    charts: createCharts({ http, cacheDir, indexSeconds: config.KEELSON_RECONCILE_SECONDS }),
    artifacts: createOciArtifacts({ http, cacheDir }),
    jq: createJq(),
    tools,
    sandbox,
    plugins: createPlugins({
      sandbox,
      socketDir: config.KEELSON_PLUGIN_SOCKETS,
      cacheDir: join(resolve(cacheDir), 'plugins'),
      offered: offeredVariables(),
      onSilence: (plugin, reason) => log.warn({ plugin, reason }, 'plugin passed over'),
    }),
    renderSlots: createLimiter(rendersAtOnce),
    shortApplies: createLimiter(shortAppliesAtOnce),
    lua: createLuaEngine(),
    homeNamespace: config.KEELSON_NAMESPACE,
    instance: config.KEELSON_INSTANCE,
    release: releaseVersion,
    reconcileSeconds: config.KEELSON_RECONCILE_SECONDS,
    listingSeconds: config.KEELSON_LISTING_SECONDS,
    clusterFor: foundation.clusters.clientFor,
    registeredCluster: foundation.clusters.registered,
    liveClusters: createLiveClusters(),
    pollCluster: (clusterId) =>
      work(clusterQueue(clusterId), { activities, maxConcurrentActivityTaskExecutions: clusterTasks }),
  };
  const activities = createActivities(deps);
  return { activities, work };
}

/** The fields of a log line from Temporal that tell something and hold no payload. */
function describe(meta: Record<string | symbol, unknown> | undefined): Record<string, unknown> {
  const { error, workflowId, activityType, taskQueue, attempt } = meta ?? {};
  return {
    workflowId,
    activityType,
    taskQueue,
    attempt,
    ...(error === undefined ? {} : { error: error instanceof Error ? error.message : String(error) }),
  };
}
