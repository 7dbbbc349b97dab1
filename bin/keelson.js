#!/usr/bin/env node
// Starts the command on the Node 24 that comes with the package, whatever Node runs this file.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

function bundledNode() {
  try {
    const manifest = require.resolve('node/package.json');
    return join(dirname(manifest), require('node/package.json').bin.node);
  } catch {
    // Installed without it; then the Node at hand must do.
    return process.execPath;
  }
}

/** The source where there is one; the published package holds the built form, since Node strips no types there. */
function programFile() {
  const folder = dirname(fileURLToPath(import.meta.url));
  const source = join(folder, 'keelson.ts');
  return existsSync(source) ? source : join(folder, '..', 'dist', 'bin', 'keelson.js');
}

const child = spawn(bundledNode(), [programFile(), ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(`keelson: Node 24 cannot be started (${error.code}); run npm ci again\n`);
  process.exit(20);
});
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
