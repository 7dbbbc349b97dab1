import { stoppedWhileObtaining } from '../../local/obtain/obtain.ts';
import { obtainFor, toolPaths } from '../../local/obtain/tools.ts';
import type { Logger } from '../../platform/logger.ts';
import { untilTerminated } from '../compose/compose.ts';
import type { Readiness } from '../compose/readiness.ts';

/**
 * Fetches or builds the programs that render where they are missing, for minutes in which the worker says so and is not
 * ready. Ends the process when it is asked to end meanwhile.
 */
export async function obtainTools<Name extends 'helm' | 'jsonnet' | 'kustomize'>(
  names: readonly Name[],
  log: Logger,
  readiness: Readiness,
): Promise<Readonly<Record<Name, string>>> {
  const stop = new AbortController();
  void untilTerminated().then(() => stop.abort(stoppedWhileObtaining()));
  const reporter = {
    say(line: string) {
      log.info({}, line);
      readiness.waitFor(line);
    },
    progress: readiness.waitFor,
  };
  try {
    await obtainFor('render', { reporter, signal: stop.signal });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    log.info({}, 'worker ended before it had its render tools');
    process.exit(0);
  }
  return toolPaths(names);
}
