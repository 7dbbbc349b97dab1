import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import { missingProgram, RunError, type RunOptions, type RunOutput, run } from '../exec.ts';
import { type PrivateHosts, privateHosts } from './addresses.ts';
import { type Mechanism, sandboxCommand, setupFailure, tableOf } from './command.ts';
import { watchDisk } from './disk.ts';
import { createEgress, egressLines, proxyVariables } from './egress.ts';
import { defaultSandboxLimits, type SandboxLimits } from './limits.ts';
import { findProgram, findPrograms, needsSystem, type Programs } from './programs.ts';
import { arrange, devicePlaces, type Place, placeAt, systemPlaces } from './view.ts';

/** Whether programs must run in a sandbox, do so where one can be built, or run as plain children of the worker. */
export type Isolation = 'required' | 'preferred' | 'off';

/** Where programs that need the network get: through our proxy, or wherever the worker gets. */
export type Egress = 'guarded' | 'open';

export type SandboxOptions = {
  readonly isolation: Isolation;
  readonly egress?: Egress;
  /** Hosts, addresses and ranges that the proxy lets through although their addresses are private. */
  readonly privateHosts?: readonly string[];
  readonly searchPath?: string;
  /** Tried alone; by the rights of this process unless given. */
  readonly mechanism?: Mechanism;
  /** Hears once that programs run without a sandbox although one is preferred. */
  readonly onUnavailable?: (reason: string) => void;
};

/** A program run in a sandbox: nothing of the machine exists there but what is listed. */
export type SandboxRun = RunOptions & {
  /** Files and folders that can be read, under the paths they have on the machine. */
  readonly readable: readonly string[];
  /** Folders that can be written, too. */
  readonly writable: readonly string[];
  /** Programs that the started one may start. */
  readonly programs?: readonly string[];
  /** Whether it needs programs and libraries of the base system. Implied by the network, for Git. */
  readonly system?: boolean;
  readonly network?: boolean;
  readonly limits?: Partial<SandboxLimits>;
};

/** Runs programs that work on what users wrote. */
export type Sandbox = {
  run(command: string, args: readonly string[], options: SandboxRun): Promise<RunOutput>;
  /** Why this machine can't build sandboxes; undefined when it can or needn't. */
  unavailable(): Promise<string | undefined>;
};

const defaultSearchPath = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin';

type Built = {
  readonly programs: Programs;
  readonly mechanism: Mechanism;
  readonly ip: string | undefined;
  readonly system: readonly Place[];
};
type Support = Built | { readonly reason: string };

/** A sandbox for every run of this process; what the machine can do is tried once, at the first run. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const known = privateHosts(options.privateHosts ?? []);
  const egress = options.egress ?? 'guarded';
  let tried: Promise<Support> | undefined;
  const support = async (): Promise<Support> => {
    tried ??= findSupport(options.searchPath ?? defaultSearchPath, options.mechanism);
    return await tried;
  };
  let told = false;
  return {
    unavailable: async () => {
      const found = options.isolation === 'off' ? undefined : await support();
      return found !== undefined && 'reason' in found ? found.reason : undefined;
    },
    run: async (command, args, wanted) => {
      if (options.isolation === 'off') return await run(command, args, wanted);
      const found = await support();
      if ('mechanism' in found) return await runInside(found, { known, egress }, command, args, wanted);
      if (options.isolation === 'required') throw refusal(found.reason);
      if (!told) options.onUnavailable?.(found.reason);
      told = true;
      return await run(command, args, wanted);
    },
  };
}

function refusal(reason: string): KeelsonError {
  return new KeelsonError(
    'precondition-failed',
    `rendering is refused: a sandbox can't be built here (${reason}); give the worker what docs/operate/isolation.md ` +
      'lists, or set KEELSON_RENDER_ISOLATION=preferred to render without one',
  );
}

async function findSupport(searchPath: string, chosen: Mechanism | undefined): Promise<Support> {
  if (process.platform !== 'linux') return { reason: `${process.platform} has no namespaces` };
  const looked = await findPrograms(searchPath);
  if ('missing' in looked) return { reason: `${looked.missing.join(', ')} not found` };
  const { programs } = looked;
  const [ip, system] = await Promise.all([findProgram(searchPath, 'ip'), systemPlaces()]);
  const possible: readonly Mechanism[] =
    process.getuid?.() === 0 ? ['root', 'user-namespace'] : ['user-namespace'];
  const mechanisms = chosen === undefined ? possible : [chosen];
  let reason = '';
  for (const mechanism of mechanisms) {
    const built = { programs, mechanism, ip, system };
    try {
      await tryOut(built);
      return built;
    } catch (cause) {
      if (!(cause instanceof KeelsonError)) throw cause;
      reason = cause.message;
    }
  }
  return { reason };
}

const tryOutSeconds = 20;

async function tryOut(built: Built): Promise<void> {
  await runInside(built, { known: privateHosts([]), egress: 'guarded' }, built.programs.env, ['true'], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    timeoutSeconds: tryOutSeconds,
    maxOutputBytes: 65_536,
    readable: [],
    writable: [],
    system: true,
  });
}

/** Variables that would change the programs that build a sandbox, which start with the program's environment. */
const forbiddenVariable = /^(?:LD_|LIBMOUNT_|LIBBLKID_|BASH|ENV$|IFS$|PS4$|GLIBC_|GCONV_|MALLOC_|NODE_)/;

async function runInside(
  built: Built,
  rules: { readonly known: PrivateHosts; readonly egress: Egress },
  command: string,
  args: readonly string[],
  options: SandboxRun,
): Promise<RunOutput> {
  const forbidden = Object.keys(options.env).find((name) => forbiddenVariable.test(name));
  if (forbidden !== undefined) {
    throw new KeelsonError('invalid-argument', `variable ${forbidden} can't be given to a render; rename it`);
  }
  const guarded = options.network === true && rules.egress === 'guarded';
  const egress = guarded ? createEgress(rules.known) : undefined;
  const home = await mkdtemp(join(await realpath(tmpdir()), 'keelson-sandbox-'));
  const limits = { ...defaultSandboxLimits, ...options.limits };
  const disk = watchDisk(options.writable, limits.diskBytes);
  const uid = takeUid();
  try {
    const root = join(home, 'root');
    const table = join(home, 'table');
    const places = arrange(await placesOf(built, command, options));
    await Promise.all([mkdir(root), writeFile(table, tableOf(root, places))]);
    const line = sandboxCommand(
      {
        ...{ programs: built.programs, mechanism: built.mechanism, root, table, places, uid, limits },
        cwd: options.cwd,
        countsProcesses: built.mechanism === 'root' || countsPerNamespace(release()),
        network: networkOf(built, options, egress !== undefined),
      },
      command,
      args,
    );
    const { signal, ...rest } = options;
    return await run(line.command, line.args, {
      ...rest,
      name: command.slice(command.lastIndexOf('/') + 1),
      cwd: '/',
      env: egress === undefined ? options.env : { ...options.env, ...proxyVariables },
      signal: signal === undefined ? disk.full : AbortSignal.any([signal, disk.full]),
      ...(egress === undefined ? {} : { onMessage: (_message, handle) => egress.serve(handle) }),
    });
  } catch (cause) {
    throw explain(cause, command, options, { disk: disk.full.aborted, refusals: egress?.refusals() ?? [] });
  } finally {
    disk.stop();
    egress?.close();
    usedUids.delete(uid);
    await rm(home, { recursive: true, force: true });
  }
}

function networkOf(built: Built, options: SandboxRun, guarded: boolean) {
  if (options.network !== true) return 'none';
  if (!guarded) return 'host';
  if (built.ip !== undefined) return { egress: egressLines(built.programs, built.ip) };
  throw new KeelsonError(
    'precondition-failed',
    "the source needs the network, and a guarded way to it can't be opened because program ip is missing; install " +
      'iproute2, or set KEELSON_RENDER_EGRESS=open to give renders the network of the worker',
  );
}

async function placesOf(built: Built, command: string, options: SandboxRun): Promise<Place[]> {
  const programs = await Promise.all(
    [command, ...(options.programs ?? [])].map((path) => placeAt(path, { executable: true })),
  );
  if (programs[0] === undefined) throw missingProgram(command, 'ENOENT');
  const present = programs.filter((place) => place !== undefined);
  const system =
    options.system === true ||
    options.network === true ||
    (await Promise.all(present.map(({ source }) => needsSystem(source)))).includes(true);
  const paths = await Promise.all([
    ...options.readable.map((path) => placeAt(path)),
    ...options.writable.map((path) => placeAt(path, { writable: true })),
  ]);
  return [
    ...devicePlaces(),
    ...(system ? built.system : []),
    ...present,
    ...paths.filter((place) => place !== undefined),
  ];
}

/** Tells failures of the sandbox and of its limits from those of the program. */
function explain(
  cause: unknown,
  command: string,
  options: SandboxRun,
  seen: { readonly disk: boolean; readonly refusals: readonly string[] },
): unknown {
  if (!(cause instanceof RunError)) return cause;
  const name = command.slice(command.lastIndexOf('/') + 1);
  if (cause.exitCode === setupFailure.exitCode && cause.stderr.includes(setupFailure.mark)) {
    const said = cause.stderr.replace(setupFailure.mark, '').trim();
    return new KeelsonError('unavailable', `sandbox for ${name}: ${said}`, { retryable: true, cause });
  }
  if (seen.disk && options.signal?.aborted !== true) {
    return new RunError('disk-limit', `${name}: filled its scratch folder`, cause.stderr, cause);
  }
  if (cause.failure !== 'exit') return cause;
  const unsaid = seen.refusals.filter((one) => !cause.stderr.includes(one));
  const words = [cause.stderr, limitOf(cause.exitCode), ...unsaid].filter((one) => one !== '');
  const stderr = words.join('; ');
  return new RunError('exit', `${name}: failed: ${stderr}`, stderr, cause, cause.exitCode);
}

/** What ends a program by a signal, as a shell reports it, and the limit behind it. */
function limitOf(exitCode: number | undefined): string {
  switch (exitCode) {
    case 137:
      return 'it was killed, by its limit of processor time or because the machine ran out of memory';
    case 152:
      return 'it used up its processor time';
    case 153:
      return 'it wrote a file larger than its limit';
    default:
      return '';
  }
}

/** Since Linux 5.14 a user namespace counts its processes by itself; before, all processes of the worker's user count. */
function countsPerNamespace(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 14);
}

/** Numbers that systemd's table of users leaves to nobody; they exist in the user namespace of a container as well. */
const uids = { first: 60_578, count: 600 };
const usedUids = new Set<number>();

function takeUid(): number {
  // Begins somewhere else in every process, so that workers of one machine seldom share one.
  let offset = (process.pid * 7) % uids.count;
  while (usedUids.has(uids.first + offset)) offset = (offset + 1) % uids.count;
  usedUids.add(uids.first + offset);
  return uids.first + offset;
}
