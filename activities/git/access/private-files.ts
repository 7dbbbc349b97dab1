import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameOfOwn } from '../mirror/owner.ts';

/** A directory that only the worker's user can read, for keys that programs take from files alone. */
export type PrivateFiles = {
  /** Writes a file and returns its path. */
  write(name: string, content: string): Promise<string>;
  readonly dir: string;
  remove(): Promise<void>;
};

/** Makes a private directory; what a killed worker leaves of it goes with its other leftovers. */
export async function createPrivateFiles(cacheDir: string): Promise<PrivateFiles> {
  const dir = join(cacheDir, 'private', nameOfOwn());
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return {
    dir,
    write: async (name, content) => {
      const path = join(dir, name);
      await writeFile(path, content, { mode: 0o600 });
      return path;
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
