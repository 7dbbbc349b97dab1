import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { stopLeftover } from '../process/child.ts';
import { takeLock } from '../process/file-lock.ts';
import type { Obtaining } from './artefact.ts';
import { buildPidFile } from './go-build.ts';

/** Everything unfinished lies in folders of this prefix beside its place. */
const workPrefix = '.part-';

/**
 * Makes a file at its place unless it is there. One process at a time makes it, in a folder of its own from which the
 * finished file is moved, so that no half of one is ever found.
 */
export async function makeOnce(
  path: string,
  isThere: (path: string) => boolean,
  how: Obtaining,
  make: (part: string) => Promise<void>,
): Promise<string> {
  mkdirSync(dirname(path), { recursive: true });
  const waiting = (ownerPid: number) => how.progress(`waiting for pid ${ownerPid}, which fetches it`);
  const held = await takeLock(`${path}.lock`, waiting, how.signal);
  try {
    if (!isThere(path)) await makeAt(path, make);
    return path;
  } finally {
    held.release();
  }
}

async function makeAt(path: string, make: (part: string) => Promise<void>): Promise<void> {
  await removeUnfinished(dirname(path));
  const workDir = mkdtempSync(join(dirname(path), workPrefix));
  try {
    const part = join(workDir, basename(path));
    await make(part);
    renameSync(part, path);
  } finally {
    rmSync(workDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Called while the file's lock is held: whatever is unfinished there belongs to a start that was killed. */
async function removeUnfinished(folder: string): Promise<void> {
  const names = readdirSync(folder).filter((name) => name.startsWith(workPrefix));
  for (const name of names) {
    await stopLeftover(join(folder, name, buildPidFile));
    rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 5 });
  }
}
