import { startVitest } from 'vitest/node';

/**
 * Runs the suite, or the files that the arguments name, and ends with one line of counts that any CI can read. A
 * run in which nothing was executed has failed. `--long` runs the long forms of random tests instead of the suite.
 */
const named = process.argv.slice(2).filter((argument) => argument !== '--long');
const project = process.argv.includes('--long') ? ['long'] : ['unit', 'integration'];
const vitest = await startVitest('test', named, { watch: false, project });
const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
const brokenFiles = vitest.state.getTestModules().filter((module) => module.errors().length > 0).length;
const unhandled = vitest.state.getUnhandledErrors().length;
await vitest.close();

const passed = count('passed');
const failed = count('failed') + brokenFiles + (unhandled > 0 ? 1 : 0);
process.stdout.write(`\n${passed} passed, ${failed} failed, ${count('skipped')} skipped\n`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
