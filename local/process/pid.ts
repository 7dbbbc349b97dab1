import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Whether some program runs under this pid and is not merely a zombie waiting to be collected. */
export function isAlive(pid: number): boolean {
  return startStamp(pid) !== undefined;
}

/**
 * A text that differs between two programs that had the same pid one after the other; undefined when none runs.
 * Pids are soon reused in a container, so a pid alone never proves that a program is the one we started.
 */
export function startStamp(pid: number): string | undefined {
  return process.platform === 'linux' ? stampFromProc(pid) : stampFromPs(pid);
}

/** The command line of a running program, blank-separated; undefined when none runs. */
export function commandLine(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'args=');
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return undefined; // the program is gone, which is the answer
  }
}

function stampFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses and may itself hold blanks, so count after the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${bootId()}/${fields[19] ?? ''}`;
  } catch {
    return undefined; // the program is gone, which is the answer
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function stampFromPs(pid: number): string | undefined {
  const state = ps(pid, 'state=');
  if (state === undefined || state.startsWith('Z')) return undefined;
  return ps(pid, 'lstart=');
}

function ps(pid: number, column: string): string | undefined {
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', column], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined; // ps exits with 1 when no such program runs
  }
}
