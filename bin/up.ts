import { KeelsonError } from '../core/errors.ts';
import { createReporter } from '../local/reporter.ts';
import { untilAskedToEnd } from './compose.ts';
import { bringUp } from './up/bring-up.ts';
import { parseUpOptions } from './up/options.ts';
import { runSample } from './up/sample.ts';

/** Brings up a whole Keelson on this machine, shows it at work on a sample, and keeps it up. */
async function up(): Promise<number> {
  const options = parseUpOptions(process.argv.slice(2));
  const reporter = createReporter(process.stdout);
  const asked = untilAskedToEnd().then(() => 'asked' as const);
  const local = await bringUp(options, reporter);
  try {
    reporter.say(`\nKeelson is up\n  UI        ${local.url}\n  login     admin / ${local.adminPassword}`);
    reporter.say(`  cluster   KUBECONFIG=${local.kubeconfig}\n  Temporal  ${local.temporalUi}`);
    if (options.demo) {
      const sample = runSample({ ...local, stateDir: options.stateDir, reporter }).then(
        () => 'done' as const,
      );
      if (options.once) return (await Promise.race([sample, asked])) === 'done' ? 0 : 1;
      sample.catch((error: unknown) => reporter.say(`sample: ${messageOf(error)}`));
    }
    reporter.say(
      'Ctrl-C stops everything; a later start with the same state directory goes on where this one was',
    );
    await asked;
    return 0;
  } finally {
    reporter.say('stopping');
    await local.stop();
  }
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
