import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
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
