import { KeelsonError } from '../../../core/errors.ts';
import type { RepositoryAccess } from '../../../core/repository/access.ts';
import { anySignal } from '../../../core/waiting/any-signal.ts';
import type { Admission } from '../access/admission.ts';
import { type ConnectionSetting, openConnection } from '../access/connection.ts';
import type { Remote } from '../access/remote.ts';
import type { FileLock } from '../mirror/lock.ts';
import type { MirrorUsage } from '../mirror/usage.ts';
import { isRefusal, isTlsFailure, withFault } from './failure.ts';
import type { GitEnded, StartGit } from './program.ts';

/** What every Git run of one worker shares. */
export type GitSetting = ConnectionSetting & {
  /** Private directory: mirrors, checkouts, for the time of a run the keys it needs. */
  readonly cacheDir: string;
  /** Where `git` and what it starts are looked for. */
  readonly searchPath: string;
  /** Further variables by name, for proxies and certificate stores; nothing else is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** For one listing of refs. */
  readonly listingSeconds: () => number;
  /** Tries of a listing that fails by what may pass. */
  readonly attempts: number;
  /** Reads an address, refusing those that may not be reached. */
  readonly remoteOf: (access: RepositoryAccess) => Remote;
  /** Fetches, and makes sure that the server lets this reader in. */
  readonly admit: Admission['admit'];
  readonly usage: MirrorUsage;
  readonly lock: FileLock;
  readonly start: StartGit;
};

export type GitCommand = {
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Git's own variables of this run, such as GIT_DIR. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Settings of this run beside those of every run. */
  readonly configuration?: Readonly<Record<string, string>>;
  readonly remote?: Remote;
  /** What the run is about, as messages call it; the remote's address where there is one. */
  readonly subject?: string;
  /** What Git reads from its standard input. */
  readonly input?: string;
  /** Less than what any run may take. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal | undefined;
};

export type GitOutput = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** What `git cat-file` printed, byte for byte. */
export type GitBytes = { readonly exitCode: number; readonly stdout: Buffer; readonly stderr: string };

/** Below it nothing can be, whoever may write where: neither settings nor attributes nor a .netrc. */
const nowhere = '/dev/null';

const configuration: Readonly<Record<string, string>> = {
  // Objects may be read by a render while another one fetches, so nothing is ever collected behind its back.
  'gc.auto': '0',
  'maintenance.auto': 'false',
  // A server that sends less than 1 kB/s for 30 s is treated as gone.
  'http.lowSpeedLimit': '1000',
  'http.lowSpeedTime': '30',
  'core.autocrlf': 'false',
  'advice.detachedHead': 'false',
  // Nothing that stands in a mirror or a checkout is started.
  'core.hooksPath': nowhere,
  'core.fsmonitor': 'false',
};

/**
 * Runs one Git command with an environment of its own making. A failing exit status is returned, not thrown;
 * running out of time, being stopped and a missing program are thrown.
 */
export async function runGit(setting: GitSetting, command: GitCommand): Promise<GitOutput> {
  const { stdout, ...ended } = await execute(setting, command, false);
  return { ...ended, stdout: typeof stdout === 'string' ? stdout : '' };
}

/** Runs `git cat-file` with these arguments and leaves its output as bytes. */
export async function catFile(setting: GitSetting, command: GitCommand): Promise<GitBytes> {
  const { stdout, ...ended } = await execute(setting, command, true);
  return { ...ended, stdout: Buffer.from(stdout) };
}

async function execute(setting: GitSetting, command: GitCommand, bytes: boolean): Promise<GitEnded> {
  const { remote } = command;
  if (remote === undefined) return await started(setting, command, {}, bytes);
  const connection = await openConnection(setting, remote);
  try {
    const configuration = { ...connection.configuration, ...command.configuration };
    const printed = await started(setting, { ...command, configuration }, connection.variables, bytes);
    const ended = { ...printed, stderr: withFailures(printed.stderr, connection.failures()) };
    if (ended.exitCode === 0) return ended;
    if (isRefusal(ended.stderr)) setting.forgetLogin(remote);
    const fault = isTlsFailure(ended.stderr) ? await connection.certificateFault() : undefined;
    return fault === undefined ? ended : { ...ended, stderr: withFault(ended.stderr, fault) };
  } finally {
    await connection.close();
  }
}

/** Git knows its connections from the way out only by refusals, so the reasons take their place. */
export function withFailures(stderr: string, failures: readonly string[]): string {
  if (failures.length === 0) return stderr;
  const lines = stderr.split('\n').filter((line) => !/proxy|tunnel|error: (403|502)/i.test(line));
  return [...lines, ...failures].join('\n');
}

async function started(
  setting: GitSetting,
  command: GitCommand,
  variables: Readonly<Record<string, string>>,
  bytes: boolean,
): Promise<GitEnded> {
  const timeoutSeconds = Math.min(command.timeoutSeconds ?? Infinity, setting.timeoutSeconds);
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  const signal = command.signal === undefined ? timeout : anySignal([timeout, command.signal]);
  const program = {
    args: command.args,
    cwd: command.cwd ?? setting.cacheDir,
    environment: { ...environmentOf(setting, command), ...variables },
    input: command.input,
    bytes,
  };
  const ended = await setting.start(program, signal);
  const subject =
    command.subject ?? (command.remote === undefined ? 'git' : `repository ${command.remote.url}`);
  if (command.signal?.aborted === true) {
    throw new KeelsonError('unavailable', `${subject}: stopped before it finished`, { retryable: true });
  }
  if (timeout.aborted) {
    throw new KeelsonError(
      'source-unreachable',
      `${subject}: no answer within ${timeoutSeconds} s; check the network between Keelson and the host`,
      { retryable: true, details: { reason: 'timeout' } },
    );
  }
  if (ended.stderr.includes('spawn git ENOENT')) {
    throw new KeelsonError('tool-missing', 'git: not found in the search path; install git');
  }
  return ended;
}

function environmentOf(setting: GitSetting, command: GitCommand): Record<string, string> {
  return {
    ...setting.environment,
    PATH: setting.searchPath,
    HOME: nowhere,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: nowhere,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    // Only a run that was given a repository reaches one.
    GIT_ALLOW_PROTOCOL: '',
    GIT_LFS_SKIP_SMUDGE: '1',
    ...configurationVariables({ ...configuration, ...command.configuration }),
    ...command.variables,
  };
}

function configurationVariables(settings: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(settings);
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(entries.length) };
  for (const [index, [key, value]] of entries.entries()) {
    variables[`GIT_CONFIG_KEY_${index}`] = key;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return variables;
}
