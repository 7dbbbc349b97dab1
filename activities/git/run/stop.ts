import { readdir, readFile } from 'node:fs/promises';
import { mapBounded } from '../../../core/bounded.ts';

/** The variable by which everything that one Git run started can be found. */
export const runVariable = 'KEELSON_GIT_RUN';

/** The variable by which everything that writes to one mirror can be found. */
export const mirrorVariable = 'KEELSON_GIT_MIRROR';

/** Environments read at once: many runs that end together would else open more files than a process may. */
const readsAtOnce = 16;

/**
 * Kills every program that has a variable with this value. Git leaves its transport program running when it is
 * interrupted, and goes on by itself when the worker that started it is killed; simple-git neither starts a process
 * group nor tells the pid, so the programs are found by a variable they inherit. Where there is no /proc the transport
 * ends by itself once the connection is too slow.
 */
export async function stopPrograms(
  variable: typeof runVariable | typeof mirrorVariable,
  value: string,
): Promise<void> {
  const mark = `\0${variable}=${value}\0`;
  const pids = (await list('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  await mapBounded(pids, readsAtOnce, async (pid) => {
    const environment = await read(`/proc/${pid}/environ`);
    if (`\0${environment}`.includes(mark)) kill(Number(pid));
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}

async function list(path: string): Promise<string[]> {
  // A system without /proc.
  return await readdir(path).catch(() => []);
}

async function read(path: string): Promise<string> {
  // The program ended, or belongs to somebody else.
  return await readFile(path, 'latin1').catch(() => '');
}
