import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import { chosenTool, toolVariable } from '../../platform/chosen-tool.ts';
import { runInGroup } from '../process/process-group.ts';
import type { Artefact, Obtaining } from './artefact.ts';
import { programsOnPath } from './find-tool.ts';

type DebianProgram = {
  readonly name: string;
  readonly why: string;
  /** Names that it has on PATH, and paths outside of it. */
  readonly places: readonly string[];
  readonly package: string;
};

/** Fetching the largest, a browser, and unpacking it. */
const installSeconds = 60;

/** Programs that only tests need: the machine's own, or Debian's where this process may install packages. */
export const debianPrograms = {
  chromium: debianProgram({
    name: 'chromium',
    why: 'is the browser that the tests of the web interface drive',
    places: [
      'chromium',
      'chromium-browser',
      'google-chrome',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    package: 'chromium',
  }),
  sshd: debianProgram({
    name: 'sshd',
    why: 'is the OpenSSH server that tests fetch from',
    places: ['/usr/sbin/sshd', '/usr/local/sbin/sshd', 'sshd'],
    package: 'openssh-server',
  }),
  'git-lfs': debianProgram({
    name: 'git-lfs',
    why: "lets Git fetch tests' large files",
    places: ['git-lfs', '/opt/homebrew/bin/git-lfs'],
    package: 'git-lfs',
  }),
} as const;

let updated: Promise<string> | undefined;

function debianProgram(program: DebianProgram): Artefact {
  const find = async (): Promise<string | undefined> =>
    chosenTool(program.name, process.env) ?? program.places.map(located).find((path) => path !== undefined);
  return {
    name: program.name,
    title: `${program.name} (${program.why})`,
    neededFor: ['test'],
    // A developer without it still runs all other tests; the one that needs it fails with the remedy.
    optional: true,
    family: 'debian packages',
    expectedSeconds: installSeconds,
    find,
    obtain: async (how) => {
      await install(program, how);
      const path = await find();
      if (path === undefined) throw missing(program, `package ${program.package} brought no such program`);
      how.say(`installed from the distribution as ${program.package}`);
      return path;
    },
  };
}

function located(place: string): string | undefined {
  if (isAbsolute(place)) return existsSync(place) ? place : undefined;
  return programsOnPath(place, process.env)[0];
}

async function install(program: DebianProgram, how: Obtaining): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw missing(program, 'only root of a Debian machine may install it here');
  }
  how.progress(`installing package ${program.package}`);
  const apt = (signal: AbortSignal, ...words: readonly string[]): Promise<string> =>
    runInGroup('apt-get', ['-qq', ...words], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      signal,
    });
  const packages = ['--yes', '--no-install-recommends', program.package];
  try {
    updated ??= apt(how.signal, 'update');
    await updated;
    await apt(how.signal, 'install', '--download-only', ...packages);
    // Takes seconds now, and must not be interrupted: dpkg would leave the package half-configured.
    await apt(new AbortController().signal, 'install', ...packages);
  } catch (cause) {
    how.signal.throwIfAborted();
    throw missing(program, cause instanceof Error ? cause.message : String(cause));
  }
}

function missing(program: DebianProgram, reason: string): KeelsonError {
  return new KeelsonError(
    'tool-missing',
    `${reason}; install it (Debian: apt-get install ${program.package}) or set ${toolVariable(program.name)} to its path`,
  );
}
