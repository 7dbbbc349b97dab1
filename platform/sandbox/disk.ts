import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** Watches what a run keeps in its folders; `full` is aborted when that is more than the limit. */
export type DiskWatch = { readonly full: AbortSignal; stop(): void };

const betweenLooksMilliseconds = 1000;
/** An empty file costs the file system about this much, too. */
const entryBytes = 4096;

/** Most runs end before the first look. */
export function watchDisk(folders: readonly string[], limitBytes: number): DiskWatch {
  const full = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    let used = 0;
    for (const folder of folders) used += await usedBytes(folder, limitBytes - used);
    if (stopped) return;
    if (used > limitBytes) return full.abort();
    wait();
  };
  const wait = (): void => {
    timer = setTimeout(() => void look(), betweenLooksMilliseconds);
  };
  wait();
  return {
    full: full.signal,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** What a tree takes, counted until it is more than the limit. */
async function usedBytes(folder: string, limitBytes: number): Promise<number> {
  let used = 0;
  const pending = [folder];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    try {
      for await (const entry of await opendir(current)) {
        const path = join(current, entry.name);
        if (entry.isDirectory()) pending.push(path);
        used += entryBytes + (entry.isFile() ? (await lstat(path)).blocks * 512 : 0);
        if (used > limitBytes) return used;
      }
    } catch {
      // The program removes folders while they are counted, or closes them against us: the next look sees the rest.
    }
  }
  return used;
}
