import { relative } from 'node:path';
import { startVitest, type TestModule } from 'vitest/node';

/** A file beyond this is split: with two files at a time it would decide how long the whole suite takes. */
const longestFileSeconds = 240;
const shownFiles = 10;

/**
 * Runs the suite, or the files that the arguments name, shows the slowest files, and ends with one line of counts that
 * any CI can read. A run in which nothing was executed has failed. `--long` runs the long forms of random tests instead
 * of the suite.
 */
const named = process.argv.slice(2).filter((argument) => argument !== '--long');
const isLong = process.argv.includes('--long');
const project = isLong ? ['long'] : ['unit', 'integration'];
const vitest = await startVitest('test', named, { watch: false, project });
const modules = vitest.state.getTestModules();
const tests = modules.flatMap((module) => [...module.children.allTests()]);
const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
const brokenFiles = modules.filter((module) => module.errors().length > 0).length;
const unhandled = vitest.state.getUnhandledErrors().length;
await vitest.close();

const slowest = modules
  .map((module) => ({ name: relative(process.cwd(), module.moduleId), seconds: secondsOf(module) }))
  .sort((left, right) => right.seconds - left.seconds);
process.stdout.write('\nslowest files:\n');
for (const { name, seconds } of slowest.slice(0, shownFiles)) {
  process.stdout.write(`${seconds.toFixed(1).padStart(8)} s  ${name}\n`);
}
for (const { name, seconds } of isLong ? [] : slowest) {
  if (seconds <= longestFileSeconds) continue;
  process.stdout.write(`TOO SLOW: ${name} took more than ${longestFileSeconds} s; split it\n`);
}

const passed = count('passed');
const failed = count('failed') + brokenFiles + (unhandled > 0 ? 1 : 0);
process.stdout.write(`\n${passed} passed, ${failed} failed, ${count('skipped')} skipped\n`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

/** From its import to the end of its last hook. */
function secondsOf(module: TestModule): number {
  const { prepareDuration, collectDuration, setupDuration, duration } = module.diagnostic();
  return (prepareDuration + collectDuration + setupDuration + duration) / 1000;
}
