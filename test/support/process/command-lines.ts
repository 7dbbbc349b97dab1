import { readdir, readFile } from 'node:fs/promises';

/** The command lines of all running programs, which any user can read: one in each line, NUL between arguments. */
export async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // A program may end between the listing and the look: its line is empty then.
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(emptyIfEnded));
  return (await Promise.all(lines)).join('\n');
}

function emptyIfEnded(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return '';
  throw error;
}
