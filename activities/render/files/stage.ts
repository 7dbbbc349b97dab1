import { cp, lstat, mkdir, readdir, symlink } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/**
 * Makes a tree in which one folder of the repository may be edited: that folder is copied, everything beside it and
 * beside its parents is a link to the original, so references such as `../base` lead where they did. Returns the
 * folder's place in the new tree.
 */
export async function stageFolder(root: string, folder: string, target: string): Promise<string> {
  const way = relative(root, folder);
  const parts = way === '' ? [] : way.split(sep);
  let [original, staged] = [root, target];
  for (const part of parts) {
    await mkdir(staged, { recursive: true });
    for (const name of await readdir(original)) {
      if (name !== part && name !== '.git') await symlink(join(original, name), join(staged, name));
    }
    original = join(original, part);
    staged = join(staged, part);
  }
  await cp(original, staged, { recursive: true, verbatimSymlinks: true });
  return staged;
}

/**
 * The same for several folders at once, which refer to each other: all of them are copied, and lead to each other's
 * copies.
 */
export async function stageFolders(root: string, folders: readonly string[], target: string): Promise<void> {
  const copied = new Set(folders);
  const stage = async (original: string, staged: string): Promise<void> => {
    if (copied.has(original)) {
      const filter = (path: string) => path !== join(root, '.git');
      await cp(original, staged, { recursive: true, verbatimSymlinks: true, filter });
      return;
    }
    await mkdir(staged, { recursive: true });
    for (const name of await readdir(original)) {
      const path = join(original, name);
      const leads = copied.has(path) || folders.some((folder) => folder.startsWith(path + sep));
      if (leads) await stage(path, join(staged, name));
      else if (name !== '.git') await symlink(path, join(staged, name));
    }
  };
  await stage(root, target);
}

/**
 * The first symlink on the way from a folder of a staged tree to a path below it; writing through one would reach the
 * original.
 */
export async function firstLink(folder: string, path: string): Promise<string | undefined> {
  const parts = path.split(sep).filter((part) => part !== '');
  for (const [index] of parts.entries()) {
    const way = parts.slice(0, index + 1).join(sep);
    const found = await lstat(join(folder, way)).catch(() => undefined);
    if (found === undefined) return undefined;
    if (found.isSymbolicLink()) return way;
  }
  return undefined;
}
