import { readdir, readFile } from 'node:fs/promises';

/** The variable by which everything that one Git run started can be found. */
export const runVariable = 'KEELSON_GIT_RUN';

/**
 * Kills everything that a Git run started. Git leaves its transport program running when it is interrupted, and
 * simple-git neither starts a process group nor tells the pid, so the programs are found by a variable they inherit.
 * Where there is no /proc the transport ends by itself once the connection is too slow.
 */
export async function stopRun(run: string): Promise<void> {
  const mark = `${runVariable}=${run}\0`;
  const pids = (await list('/proc')).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    pids.map(async (pid) => {
      const environment = await read(`/proc/${pid}/environ`);
      if (environment.includes(mark)) kill(Number(pid));
    }),
  );
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
