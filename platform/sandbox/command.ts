import { dirname } from 'node:path';
import { quoted } from '../../core/text/shell-word.ts';
import { limitArguments, type SandboxLimits } from './limits.ts';
import type { Programs } from './programs.ts';
import { isWithin, type Mount } from './view.ts';

/**
 * How the rights to build a sandbox are had: `root` has them and runs the program as a user of its own; anybody else
 * gets them inside a user namespace.
 */
export type Mechanism = 'root' | 'user-namespace';

export type SandboxCommand = {
  readonly programs: Programs;
  readonly mechanism: Mechanism;
  /** An empty folder that becomes the root of the sandbox. */
  readonly root: string;
  /** File with the lines of `tableOf`. */
  readonly table: string;
  readonly places: readonly Mount[];
  readonly cwd: string;
  /** User of the program, where `root` chooses it. */
  readonly uid: number;
  readonly limits: SandboxLimits;
  readonly countsProcesses: boolean;
  /** `none`: no interface; `host`: the worker's network; `egress`: lines that open the way to a proxy. */
  readonly network: 'none' | 'host' | { readonly egress: readonly string[] };
};

/** Exit status and first words of a sandbox that could not be built. */
export const setupFailure = { exitCode: 125, mark: 'keelson-sandbox:' } as const;

/** The command line that builds a sandbox and runs a program with its arguments in it. */
export function sandboxCommand(
  command: SandboxCommand,
  program: string,
  args: readonly string[],
): { readonly command: string; readonly args: string[] } {
  const { programs, mechanism, network } = command;
  // The parent's death kills the sandbox, and the sandbox's first process takes all others with it.
  const sealed = [programs.setpriv, '--no-new-privs', '--pdeathsig', 'KILL', '--'];
  const namespaces = [
    ...[programs.unshare, '--mount', '--pid', '--ipc', '--uts'],
    ...(network === 'host' ? [] : ['--net']),
    ...['--propagation', 'private', '--fork', '--kill-child=KILL', '--'],
  ];
  // A new user namespace clears the wish to die with the parent, so it comes before.
  const rights = mechanism === 'root' ? [] : [programs.unshare, '--user', '--map-root-user', '--'];
  const [first = '', ...rest] = [...rights, ...sealed, ...namespaces];
  return { command: first, args: [...rest, programs.sh, '-c', script(command), 'sandbox', program, ...args] };
}

/** Uid that a program without a user of its own sees as its own. */
const insideUid = 1000;

/**
 * The first process of the sandbox. It stays until the program ends: what the program leaves behind ends with it. In
 * a changed root nobody may make user namespaces, so the program can't get back the rights it lost.
 */
function script(command: SandboxCommand): string {
  const { programs, mechanism, root, places, uid } = command;
  const inside = (place: Mount): string => quoted(`.${place.path}`);
  const own = places.filter(
    (place) => !places.some((one) => one !== place && isWithin(one.path, place.path)),
  );
  const folders = own.map((place) => (place.kind === 'folder' ? place.path : dirname(place.path)));
  const files = own.filter((place) => place.kind !== 'folder');
  const written = places.filter((place) => place.kind === 'folder' && place.writable);
  const identity =
    mechanism === 'root'
      ? [`--setgid=${uid}`, `--setuid=${uid}`]
      : ['--user', `--map-user=${insideUid}`, `--map-group=${insideUid}`];
  return [
    'set -e',
    `trap 'echo "${setupFailure.mark} not built" >&2; exit ${setupFailure.exitCode}' EXIT`,
    `${programs.mount} -t tmpfs -o mode=0755,size=1m,nosuid,nodev,noexec tmpfs ${quoted(root)}`,
    `cd ${quoted(root)}`,
    `${programs.mkdir} -p ${[...new Set(folders)].map((path) => quoted(`.${path}`)).join(' ')}`,
    ...files.map((place) => `: > ${inside(place)}`),
    `${programs.mount} --all --fstab ${quoted(command.table)}`,
    ...(mechanism === 'root' && written.length > 0
      ? [`${programs.chown} -R -h ${uid}:${uid} ${written.map(inside).join(' ')}`]
      : []),
    ...(typeof command.network === 'object' ? command.network.egress : []),
    'trap - EXIT',
    'set +e',
    [
      programs.prlimit,
      ...limitArguments(command.limits, command.countsProcesses),
      programs.unshare,
      ...identity,
      '--root=.',
      `--wd=${quoted(command.cwd)}`,
      '-- "$@" 3>&-',
    ].join(' '),
    'exit $?',
  ].join('\n');
}

/** Lines for `mount --fstab`: one program call for all places. */
export function tableOf(root: string, places: readonly Mount[]): string {
  return places
    .map((place) => {
      const options = [
        'bind',
        ...(place.kind === 'device' ? [] : ['nosuid', 'nodev']),
        ...(place.writable ? [] : ['ro']),
        ...(place.executable || place.kind === 'device' ? [] : ['noexec']),
      ];
      return `${field(place.source)} ${field(`${root}${place.path}`)} none ${options.join(',')} 0 0\n`;
    })
    .join('');
}

/** The file separates by blanks and starts comments with a hash. */
function field(text: string): string {
  return text.replace(/[\s\\#]/g, (character) => {
    return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });
}
