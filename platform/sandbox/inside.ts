import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import { anySignal } from '../../core/waiting/any-signal.ts';
import { missingProgram, type Run, type RunOptions, type RunOutput } from '../exec.ts';
import type { PrivateHosts } from '../way-out/addresses.ts';
import { type Mechanism, type SandboxCommand, sandboxCommand, tableOf } from './command.ts';
import { watchDisk } from './disk.ts';
import { createEgress, egressLines, proxyVariables } from './egress.ts';
import { explain } from './failure.ts';
import { defaultSandboxLimits, type SandboxLimits } from './limits.ts';
import { needsSystem, type Programs } from './programs.ts';
import { arrange, devicePlaces, type Mount, mountOf } from './view.ts';

/** Where programs that need the network get: through our proxy, or wherever the worker gets. */
export type EgressRule = 'guarded' | 'open';

/** A program run in a sandbox: nothing of the machine exists there but what is listed. */
export type SandboxRun = RunOptions & {
  /** Files and folders that can be read, under the paths they have on the machine. */
  readonly readable: readonly string[];
  /** Folders that can be written, too. */
  readonly writable: readonly string[];
  /** Whether what stands in the writable folders may be started, as scripts do that build something first. */
  readonly startsWritten?: boolean;
  /** Programs that the started one may start. */
  readonly programs?: readonly string[];
  /** Whether it needs programs and libraries of the base system. Implied by the network, for Git. */
  readonly system?: boolean;
  readonly network?: boolean;
  readonly limits?: Partial<SandboxLimits>;
};

/** What of a sandboxed run any run has. */
export function runOptions(options: SandboxRun): RunOptions {
  const { readable, writable, startsWritten, programs, system, network, limits, ...rest } = options;
  return rest;
}

/** What a machine has to build sandboxes with. */
export type Built = {
  readonly programs: Programs;
  readonly mechanism: Mechanism;
  readonly ip: string | undefined;
  readonly system: readonly Mount[];
};

/** Variables that would change the programs that build a sandbox, which start with the program's environment. */
const forbiddenVariable = /^(?:LD_|LIBMOUNT_|LIBBLKID_|BASH|ENV$|IFS$|PS4$|GLIBC_|GCONV_|MALLOC_|NODE_)/;

/** Builds a sandbox for one run, runs the program in it, and takes away what is left. */
export async function runInside(
  built: Built,
  rules: { readonly known: PrivateHosts; readonly egress: EgressRule; readonly start: Run },
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
  const countsProcesses = built.mechanism === 'root' || countsPerNamespace(release());
  try {
    const root = join(home, 'root');
    const table = join(home, 'table');
    const places = arrange(await placesOf(built, command, options));
    await Promise.all([mkdir(root), writeFile(table, tableOf(root, places))]);
    const line = sandboxCommand(
      {
        ...{ programs: built.programs, mechanism: built.mechanism, root, table, places, uid, limits },
        cwd: options.cwd,
        countsProcesses,
        network: networkOf(built, options, egress !== undefined),
      },
      command,
      args,
    );
    const { signal, ...rest } = runOptions(options);
    return await rules.start(line.command, line.args, {
      ...rest,
      name: command.slice(command.lastIndexOf('/') + 1),
      cwd: '/',
      env: egress === undefined ? options.env : { ...options.env, ...proxyVariables },
      signal: signal === undefined ? disk.full : anySignal([signal, disk.full]),
      ...(egress === undefined ? {} : { onMessage: (_message, handle) => egress.serve(handle) }),
    });
  } catch (cause) {
    throw explain(cause, command, {
      aborted: options.signal?.aborted === true,
      diskFull: disk.full.aborted,
      processes: countsProcesses ? limits.processes : undefined,
      refusals: egress?.refusals() ?? [],
    });
  } finally {
    disk.stop();
    egress?.close();
    usedUids.delete(uid);
    await rm(home, { recursive: true, force: true });
  }
}

function networkOf(built: Built, options: SandboxRun, guarded: boolean): SandboxCommand['network'] {
  if (options.network !== true) return 'none';
  if (!guarded) return 'host';
  if (built.ip !== undefined) return { egress: egressLines(built.programs, built.ip) };
  throw new KeelsonError(
    'precondition-failed',
    "the source needs the network, and a guarded way to it can't be opened because program ip is missing; install " +
      'iproute2, or set KEELSON_RENDER_EGRESS=open to give renders the network of the worker',
  );
}

async function placesOf(built: Built, command: string, options: SandboxRun): Promise<Mount[]> {
  const programs = await Promise.all(
    [command, ...(options.programs ?? [])].map((path) => mountOf(path, { executable: true })),
  );
  if (programs[0] === undefined) throw missingProgram(command, 'ENOENT');
  const present = programs.filter((place) => place !== undefined);
  const system =
    options.system === true ||
    options.network === true ||
    (await Promise.all(present.map(({ source }) => needsSystem(source)))).includes(true);
  const paths = await Promise.all([
    ...options.readable.map((path) => mountOf(path)),
    ...options.writable.map((path) =>
      mountOf(path, { writable: true, executable: options.startsWritten === true }),
    ),
  ]);
  return [
    ...devicePlaces(),
    ...(system ? built.system : []),
    ...present,
    ...paths.filter((place) => place !== undefined),
  ];
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
