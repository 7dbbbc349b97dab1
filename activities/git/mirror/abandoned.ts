import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbandoned, isOld } from './owner.ts';

/**
 * Removes what workers left that are gone: their checkouts, the files with their keys, and mirrors that were half made
 * or thrown away.
 */
export async function removeAbandoned(cacheDir: string): Promise<void> {
  for (const folder of ['checkouts', 'private']) {
    for (const name of await list(join(cacheDir, folder))) {
      const path = join(cacheDir, folder, name);
      if (await isAbandoned(path, name)) await rm(path, { recursive: true, force: true });
    }
  }
  const mirrors = join(cacheDir, 'mirrors');
  for (const name of await list(mirrors)) {
    const isDraft = /\.git\.[0-9a-f-]{36}$/.test(name);
    if (isDraft && (await isOld(join(mirrors, name))))
      await rm(join(mirrors, name), { recursive: true, force: true });
  }
}

async function list(path: string): Promise<string[]> {
  // A cache that is not there yet has nothing to clean.
  return await readdir(path).catch(() => []);
}
