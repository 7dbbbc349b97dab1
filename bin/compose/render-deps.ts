import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import type { RecordDeps, RenderDeps } from '../../activities/deps.ts';
import { createKnownListings } from '../../activities/desired/known-listings.ts';
import { listingSecondsOf } from '../../activities/desired/pace.ts';
import { createRendering, type DesiredDeps } from '../../activities/desired/rendering.ts';
import { createGit } from '../../activities/git/git.ts';
import { gitHandler } from '../../activities/git/run/program.ts';
import { createCharts } from '../../activities/helm/charts.ts';
import { createOciArtifacts } from '../../activities/oci/artifacts.ts';
import { createPlugins } from '../../activities/plugin/plugins.ts';
import { createHttp } from '../../activities/remote/http.ts';
import type { RenderTools } from '../../activities/render/render.ts';
import { rememberVerdicts } from '../../activities/source/signature-verdicts.ts';
import { type Config, offeredVariables } from '../../platform/config.ts';
import { createLauncher } from '../../platform/launcher/launcher.ts';
import { createLimiter } from '../../platform/limiter.ts';
import { createSandbox } from '../../platform/sandbox/sandbox.ts';

/** The process that starts programs. */
const launchedUrl = new URL('../../activities/launched.ts', import.meta.url);

/** Programs that render at once: they compute, and wait on the disk now and then. */
const rendersAtOnce = 2 * cpus().length;

/** Git, the caches of sources and the programs that render, for the one role that has them. */
export function renderDepsOf(record: RecordDeps, config: Config, tools: RenderTools): DesiredDeps {
  const { log } = record;
  const cacheDir = config.KEELSON_CACHE_DIR;
  const http = createHttp(config.KEELSON_RENDER_PRIVATE_HOSTS);
  const launcher = createLauncher(launchedUrl);
  const sandbox = createSandbox({
    isolation: config.KEELSON_RENDER_ISOLATION,
    egress: config.KEELSON_RENDER_EGRESS,
    privateHosts: config.KEELSON_RENDER_PRIVATE_HOSTS,
    onUnavailable: (reason) => log.warn({ reason }, 'renders run without a sandbox'),
    run: launcher.run,
  });
  const own: RenderDeps = {
    ...record,
    git: rememberVerdicts(
      createGit({
        cacheDir,
        protocols: config.KEELSON_GIT_PROTOCOLS,
        listingSeconds: () => listingSecondsOf(own),
        attempts: config.KEELSON_GIT_ATTEMPTS,
        privateHosts: config.KEELSON_RENDER_PRIVATE_HOSTS,
        cacheLimitBytes: config.KEELSON_GIT_CACHE_GIB * 1024 ** 3,
        start: (program, signal) => launcher.call(gitHandler, program, signal),
      }),
    ),
    http,
    charts: createCharts({ http, cacheDir, indexSeconds: config.KEELSON_RECONCILE_SECONDS }),
    artifacts: createOciArtifacts({ http, cacheDir }),
    listings: createKnownListings(),
    tools,
    sandbox,
    plugins: createPlugins({
      sandbox,
      socketDir: config.KEELSON_PLUGIN_SOCKETS,
      cacheDir: join(resolve(cacheDir), 'plugins'),
      offered: offeredVariables(),
      onSilence: (plugin, reason) => log.warn({ plugin, reason }, 'plugin passed over'),
    }),
    renderSlots: createLimiter(
      () =>
        record.settings.current().sourceLimits.rendersAtOnce ||
        (config.KEELSON_RENDERS_AT_ONCE ?? rendersAtOnce),
    ),
    toolSeconds: config.KEELSON_TOOL_SECONDS,
    hardReconcileSeconds: config.KEELSON_HARD_RECONCILE_SECONDS,
    reconcileSeconds: config.KEELSON_RECONCILE_SECONDS,
    listingSeconds: config.KEELSON_LISTING_SECONDS,
  };
  return { ...own, ...createRendering(own) };
}
