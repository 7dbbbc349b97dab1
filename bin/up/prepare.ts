import { join } from 'node:path';
import type { ClusterCredentials } from '../../cluster/request/credentials.ts';
import { KeelsonError } from '../../core/errors.ts';
import { obtainFor } from '../../local/obtain/tools.ts';
import { replacedTools } from '../../local/platform.ts';
import type { Reporter } from '../../local/reporter.ts';
import { createLogger } from '../../platform/logger.ts';
import { workflowBundle } from '../../platform/temporal/bundle.ts';
import { builtUi } from './build-ui.ts';
import { introduce } from './introduce.ts';
import { localIsolation } from './isolation.ts';
import type { UpOptions } from './options.ts';
import { checkOptions, checkPort, clusterTrouble } from './preflight.ts';

/** What stands before the first program starts. */
export type Prepared = {
  readonly uiDir: string;
  readonly isolation: string;
  /** Those of a cluster that the user brings. */
  readonly credentials: ClusterCredentials | undefined;
};

/**
 * Checks the options, then obtains and builds everything that roles need. Afterwards nothing is left that takes minutes:
 * each program that starts then has a minute to become ready.
 */
export async function prepare(
  options: UpOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Prepared> {
  const credentials = await checkOptions(options);
  await lookAtCluster(options, credentials, reporter);
  await obtainFor('start', { reporter, signal, except: replacedTools(options.external) });
  const [uiDir, isolation] = await Promise.all([
    builtUi(reporter),
    localIsolation(reporter),
    // Left in the cache, where workers look for it at each of their starts.
    workflowBundle(join(options.stateDir, 'cache'), createLogger({ name: 'up', level: 'warn' })),
  ]);
  signal.throwIfAborted();
  await checkPort(options);
  return { uiDir, isolation, credentials };
}

async function lookAtCluster(
  options: UpOptions,
  credentials: ClusterCredentials | undefined,
  reporter: Reporter,
): Promise<void> {
  if (credentials === undefined) return;
  const trouble = await clusterTrouble(credentials);
  if (trouble === undefined) return reporter.say(await introduce(credentials, options));
  if (options.once) throw new KeelsonError('cluster-unreachable', `--once needs the cluster: ${trouble}`);
  reporter.say(`warning: ${trouble}; nothing can be synced until it answers`);
}
