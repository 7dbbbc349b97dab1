import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { KeelsonError } from '../../core/errors.ts';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Path of a Chromium for the browser tests: the one that `KEELSON_TOOL_CHROMIUM` names, or an installed one; on a
 * Debian machine where we may install packages, Debian's is installed.
 */
export function ensureChromium(): string {
  const named = process.env['KEELSON_TOOL_CHROMIUM'];
  if (named !== undefined) return named;
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  const [installed = ''] = places;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    process.stderr.write(
      'installing chromium from the distribution for the browser tests (about a minute)\n',
    );
    apt('update');
    apt('install', '--yes', '--no-install-recommends', 'chromium');
    if (existsSync(installed)) return installed;
  }
  throw new KeelsonError(
    'tool-missing',
    'the browser tests need Chromium; install it (Debian: apt-get install chromium) or set KEELSON_TOOL_CHROMIUM to its path',
  );
}

function apt(...args: readonly string[]): void {
  const run = spawnSync('apt-get', ['-qq', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (run.status !== 0) process.stderr.write(`apt-get ${args.join(' ')} failed with ${run.status}\n`);
}
