import { readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { platform } from 'node:os';
import { commandLine, isAlive } from './pid.ts';
import { pollUntil } from './poll.ts';

/** How long a worker of a killed server may take to notice before it is killed too, in seconds. */
const noticeSeconds = 5;

/**
 * Waits until nothing of an earlier server works in a data directory. The workers of a postmaster that was killed notice
 * its death and leave, but only after the write they are in; until the last one is gone a new server refuses to start
 * ("pre-existing shared memory block is still in use"). Each worker leads a session of its own, so signalling the
 * postmaster's group does not reach it. Linux only: elsewhere a worker's folder can't be looked up.
 */
export async function awaitOrphans(dataDirectory: string): Promise<void> {
  if (platform() !== 'linux') return;
  const orphans = workersIn(realpathSync(dataDirectory));
  const gone = (): boolean => orphans.every((pid) => !isAlive(pid));
  try {
    await pollUntil('end of the workers of a killed postgres', noticeSeconds, gone, 20);
  } catch {
    // The postmaster is dead and recovery replays the log at the next start, so killing a worker loses nothing.
    for (const pid of orphans.filter(isAlive)) process.kill(pid, 'SIGKILL');
    await pollUntil('end of the workers of a killed postgres', noticeSeconds, gone, 20);
  }
}

function workersIn(directory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => folderOf(pid) === directory && (commandLine(pid) ?? '').includes('postgres'));
}

function folderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // it has just ended, or belongs to somebody else
  }
}
