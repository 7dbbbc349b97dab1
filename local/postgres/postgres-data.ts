import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { KeelsonError } from '../../core/errors.ts';
import { pollUntil } from '../poll.ts';
import { commandLine, isAlive } from '../process/pid.ts';
import type { PostgresPrograms } from './postgres-programs.ts';
import type { UnprivilegedUser } from './unprivileged-user.ts';

/** The folder that holds the server's data directory. */
export type DataFolder = {
  /** The folder as this program sees it. */
  readonly hostPath: string;
  /** The data directory as the server sees it. */
  readonly path: string;
  /** Open files that the server needs as descriptors 3, 4, ... for `path` to mean something. */
  readonly descriptors: readonly number[];
  close(): void;
};

/**
 * Makes the folder and gives it to the user. On a root machine the server runs as a user that often can't walk to the
 * state directory (/root and mktemp folders are closed to others), and opening those up isn't ours to do. So the folder
 * is opened here and handed down: /proc/self/fd/3 leads into it without a look at its parents.
 */
export function openDataFolder(hostPath: string, user: UnprivilegedUser | undefined): DataFolder {
  mkdirSync(hostPath, { recursive: true, mode: 0o700 });
  if (user === undefined || platform() !== 'linux') {
    return { hostPath, path: join(hostPath, 'data'), descriptors: [], close: () => {} };
  }
  chownSync(hostPath, user.uid, user.gid);
  const descriptor = openSync(hostPath, 'r');
  return {
    hostPath,
    path: '/proc/self/fd/3/data',
    descriptors: [descriptor],
    close: () => closeSync(descriptor),
  };
}

/** What initdb needs. */
export type InitdbOptions = {
  readonly folder: DataFolder;
  readonly programs: PostgresPrograms;
  readonly user: UnprivilegedUser | undefined;
  readonly userName: string;
  readonly password: string;
};

/** Makes the data directory unless it is there; made aside and renamed, so a kill in between leaves no half of one. */
export async function runInitdb({
  folder,
  programs,
  user,
  userName,
  password,
}: InitdbOptions): Promise<void> {
  if (existsSync(join(folder.hostPath, 'data'))) return;
  rmSync(join(folder.hostPath, 'new'), { recursive: true, force: true });
  const passwordFile = join(folder.hostPath, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
  try {
    await runProgram(
      programs.initdb,
      [
        ...['-D', beside(folder, 'new'), '--username', userName, '--pwfile', beside(folder, 'password')],
        ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C'],
        ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
      ],
      folder,
      user,
    );
    chmodSync(join(folder.hostPath, 'new'), 0o700);
    renameSync(join(folder.hostPath, 'new'), join(folder.hostPath, 'data'));
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/**
 * After a kill the server's lock file stays. PostgreSQL itself removes it when that pid is gone, but gives up when the
 * pid meanwhile belongs to another program, which in a container is the rule. A living server of this data is stopped.
 */
export async function clearStaleLock(folder: DataFolder): Promise<void> {
  const lockFile = join(folder.hostPath, 'data', 'postmaster.pid');
  if (!existsSync(lockFile)) return;
  const pid = Number(readFileSync(lockFile, 'utf8').split('\n')[0]);
  if (!(pid > 0) || !isAlive(pid)) return;
  if (!isServerOf(pid, folder)) {
    // On Linux the lock file is still needed: it names the memory that the killed server's workers may hold.
    if (platform() !== 'linux') rmSync(lockFile, { force: true });
    return;
  }
  process.kill(pid, 'SIGINT');
  await pollUntil(`end of the earlier postgres (pid ${pid})`, 20, () => !isAlive(pid));
}

/** The server works inside its data directory; where that can't be looked up, the command line names the path. */
function isServerOf(pid: number, folder: DataFolder): boolean {
  const line = commandLine(pid) ?? '';
  if (!line.includes('postgres')) return false;
  if (platform() !== 'linux') return line.includes(folder.path);
  return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(join(folder.hostPath, 'data'));
}

function beside(folder: DataFolder, name: string): string {
  return join(folder.path, '..', name);
}

async function runProgram(
  command: string,
  programArguments: readonly string[],
  folder: DataFolder,
  user: UnprivilegedUser | undefined,
): Promise<void> {
  const child = spawn(command, [...programArguments], {
    stdio: ['ignore', 'pipe', 'pipe', ...folder.descriptors],
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
    cwd: '/',
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, output, problems] = await Promise.all([
    ended,
    child.stdout === null ? '' : text(child.stdout),
    child.stderr === null ? '' : text(child.stderr),
  ]);
  if (code === 0) return;
  const reason = `${problems}\n${output}`.trim().split('\n').slice(0, 4).join('; ');
  throw new KeelsonError('unavailable', `initdb in ${folder.hostPath} failed: ${reason}`);
}
