/**
 * How long it takes until the sample application of `npm start` is synced: with no tools at all, which are then fetched
 * over a line of some width or built where there is no release, and with all of them there.
 * Run: node bench/first-start.ts [--megabits 100]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { obtainFor, pinnedFor } from '../local/obtain/tools.ts';
import { createReporter } from '../local/reporter.ts';
import { startReleaseServer } from './support/release-server.ts';

const up = fileURLToPath(new URL('../bin/up.ts', import.meta.url));
const { values } = parseArgs({ options: { megabits: { type: 'string', default: '100' } } });
const megabits = Number(values.megabits);

await obtainFor('start', { reporter: createReporter() });
console.log(`${new Date().toISOString()}, ${cpus().length} cores, load ${(loadavg()[0] ?? 0).toFixed(1)}`);
const folder = mkdtempSync(join(tmpdir(), 'keelson-first-start-'));
const releases = await startReleaseServer(folder, pinnedFor('start'), megabits);
try {
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  const env = { ...releases.env, KEELSON_TOOLS_DIR: tools };
  const size = Math.round(releases.bytes / 1e6);
  console.log(`releases: ${size} MB, ${Math.round((size * 8) / megabits)} s of a line of ${megabits} Mbit/s`);
  if (releases.unpublished.length > 0) {
    console.log(`built by Go, which has compiled their packages before: ${releases.unpublished.join(', ')}`);
  }
  for (const name of ['first, with downloads', 'later, with all tools there']) {
    console.log(`${name}: ${(await secondsUntilSynced(env)).toFixed(1)} s`);
  }
} finally {
  await releases.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Runs one start until the sample is synced and everything has stopped again; throws where it fails. */
async function secondsUntilSynced(env: Readonly<Record<string, string>>): Promise<number> {
  const began = performance.now();
  const stateDir = mkdtempSync(join(folder, 'state-'));
  const child = spawn(process.execPath, [up, '--once', '--port', '0', '--state-dir', stateDir], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`npm start -- --once ended with ${String(code)}`);
  return (performance.now() - began) / 1000;
}
