import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import type { PluginFile } from '../../core/plugin/plugin-file.ts';
import { removeTree } from '../../platform/sandbox/remove.ts';
import type { FileLock } from '../git/mirror/lock.ts';
import type { PluginTask } from './plugin.ts';

/** A folder that a plugin finds again at its next run. */
export type CacheFolder = { readonly path: string };

/** Where the caches of plugins are, and what keeps two runs out of one. */
export type PluginCaches = { readonly dir: string; readonly lock: FileLock };

/** Half of what a sandbox may write: a cache that has grown larger is begun anew. */
const maxCacheBytes = 512 * 1024 * 1024;

/**
 * Runs work with the cache that a plugin asked for. Each project has its own, so that what one leaves there reaches no
 * other; one run at a time has it, since each runs as another user.
 */
export async function withCache<T>(
  plugin: PluginFile,
  task: PluginTask,
  { dir, lock }: PluginCaches,
  work: (cache: CacheFolder | undefined) => Promise<T>,
): Promise<T> {
  if (!plugin.rights.cache) return await work(undefined);
  const path = join(dir, partOf(plugin.address), partOf(task.project));
  await mkdir(path, { recursive: true, mode: 0o700 });
  let isHeld = false;
  try {
    const patience = { waitSeconds: task.limits.timeoutSeconds, signal: task.signal };
    return await lock(`${path}.lock`, patience, async () => {
      isHeld = true;
      if ((await sizeOf(path)) > maxCacheBytes) await removeTree(path);
      await mkdir(path, { recursive: true, mode: 0o700 });
      return await work({ path });
    });
  } catch (cause) {
    if (isHeld || !(cause instanceof KeelsonError)) throw cause;
    throw new KeelsonError(
      'unavailable',
      `plugin ${plugin.address}: its cache is in use by another render of project ${task.project}; it is tried again`,
      { retryable: true, cause },
    );
  }
}

/** A name as one part of a path, whatever it is: dots alone would lead elsewhere. */
function partOf(name: string): string {
  return encodeURIComponent(name).replace(/^\.+$/, (dots) => '%2E'.repeat(dots.length));
}

async function sizeOf(folder: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) total += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return total;
}
