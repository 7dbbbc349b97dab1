import { KeelsonError } from '../core/errors.ts';
import { stoppedWhileObtaining } from '../local/obtain/obtain.ts';
import { createReporter } from '../local/reporter.ts';
import { bringUp } from './up/bring-up.ts';
import { parseUpOptions } from './up/options.ts';
import { runSample } from './up/sample.ts';
import { whereabouts } from './up/whereabouts.ts';

const reporter = createReporter(process.stdout);

/** Brings up a whole Keelson on this machine, shows it at work on a sample, and keeps it up. */
async function up(): Promise<number> {
  const options = parseUpOptions(process.argv.slice(2));
  const stop = stopOnRequest();
  const asked = new Promise<'asked'>((resolve) => {
    stop.addEventListener('abort', () => resolve('asked'));
  });
  const local = await bringUp(options, reporter, stop);
  try {
    reporter.say(whereabouts(local));
    if (options.demo && local.clusterTrouble === undefined) {
      const sample = runSample({ ...local, stateDir: options.stateDir, reporter }).then(
        () => 'done' as const,
      );
      if (options.once) return (await Promise.race([sample, asked])) === 'done' ? 0 : 1;
      sample.catch((error: unknown) => reporter.say(`sample: ${messageOf(error)}`));
    }
    if (options.once) return 1;
    reporter.say(
      'Ctrl-C stops everything; a later start with the same state directory goes on where this one was',
    );
    if (!stop.aborted) await asked;
    return 0;
  } finally {
    reporter.say('stopping');
    await local.stop();
  }
}

/**
 * Aborts at the first request to end. Later ones change nothing: whoever presses Ctrl-C twice, or runs this under an npm
 * that passes it on as well, must not be left with programs whose supervisor is gone.
 */
function stopOnRequest(): AbortSignal {
  const stop = new AbortController();
  for (const request of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(request, () => stop.abort(stoppedWhileObtaining()));
  }
  return stop.signal;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// Whoever read our output is gone; that is no reason to leave everything running without a supervisor.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
try {
  process.exit(await up());
} catch (error) {
  process.stderr.write(`${error instanceof KeelsonError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
