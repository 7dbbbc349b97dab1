import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { pollUntil } from '../poll.ts';
import { isAlive } from '../process/pid.ts';

/** How long a worker of a killed server may take to notice before it is killed too, in seconds. */
const noticeSeconds = 5;

/**
 * Clears a data directory of a server that was killed: waits until the last of its workers has let go of the shared
 * memory, then removes the lock file. PostgreSQL refuses to start while one has not ("pre-existing shared memory block
 * is still in use"), and while the killed server is a zombie that nobody has collected ("lock file already exists").
 * Workers notice the death, but only after the write they are in; each leads a session of its own, so signalling the
 * server's group misses them. To be called when no server of the directory lives any more. Linux only: elsewhere
 * PostgreSQL decides by itself.
 */
export async function clearKilledServer(dataDirectory: string): Promise<void> {
  const lockFile = join(dataDirectory, 'postmaster.pid');
  if (platform() !== 'linux' || !existsSync(lockFile)) return;
  const segment = segmentOf(readFileSync(lockFile, 'utf8'));
  const released = (): boolean => segment === undefined || attachments(segment) === 0;
  try {
    await pollUntil('end of the workers of a killed postgres', noticeSeconds, released, 20);
  } catch {
    // The server is dead and recovery replays the log at the next start, so killing a worker loses nothing.
    for (const pid of workersIn(realpathSync(dataDirectory))) kill(pid);
    await pollUntil('end of the workers of a killed postgres', noticeSeconds, released, 20);
  }
  rmSync(lockFile, { force: true });
}

/** The id of the shared memory segment: the second number of the lock file's seventh line (postmaster.pid of PostgreSQL 18). */
function segmentOf(lock: string): string | undefined {
  return /^\d+\s+(\d+)$/.exec((lock.split('\n')[6] ?? '').trim())?.[1];
}

/** How many programs have a segment attached; the kernel counts one that is ending until its memory is gone. */
function attachments(segment: string): number {
  const rows = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n');
  const [header = [], ...entries] = rows.map((row) => row.trim().split(/\s+/));
  const found = entries.find((entry) => entry[header.indexOf('shmid')] === segment);
  return Number(found?.[header.indexOf('nattch')] ?? 0);
}

function workersIn(directory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isAlive(pid) && folderOf(pid) === directory);
}

function folderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // it has just ended, or belongs to somebody else
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}
