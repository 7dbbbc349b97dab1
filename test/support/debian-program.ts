import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { KeelsonError } from '../../core/errors.ts';

/** A program that tests need and that no package of ours brings. */
export type DebianProgram = {
  readonly name: string;
  /** The variable that names another one. */
  readonly variable: string;
  readonly places: readonly string[];
  /** Debian's package, which puts it in the first of the places. */
  readonly package: string;
};

/** The program's path: as the variable says, or installed; on a Debian machine where we may, it is installed. */
export function ensureProgram(program: DebianProgram): string {
  const named = process.env[program.variable];
  if (named !== undefined) return named;
  const found = program.places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  const [installed = ''] = program.places;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    process.stderr.write(`installing ${program.package} from the distribution for the tests\n`);
    apt('update');
    apt('install', '--yes', '--no-install-recommends', program.package);
    if (existsSync(installed)) return installed;
  }
  throw new KeelsonError(
    'tool-missing',
    `these tests need ${program.name}; install it (Debian: apt-get install ${program.package}) or set ${program.variable} to its path`,
  );
}

function apt(...args: readonly string[]): void {
  const run = spawnSync('apt-get', ['-qq', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (run.status !== 0) process.stderr.write(`apt-get ${args.join(' ')} failed with ${run.status}\n`);
}
