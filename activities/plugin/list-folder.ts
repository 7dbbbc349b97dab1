import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListFolder, PathEntry } from '../../core/path-glob.ts';
import { isInside } from '../render/confine.ts';

/** Lists what is below a folder of a source, by paths from it; links that lead nowhere or out of the root are left out. */
export function lister(root: string, folder: string): ListFolder {
  return async (path) => {
    const at = join(folder, path);
    const entries = await readdir(at, { withFileTypes: true });
    const listed = entries.map(async (entry): Promise<PathEntry[]> => {
      if (entry.name === '.git') return [];
      const linked = entry.isSymbolicLink();
      const isFolder = linked ? await isLinkedFolder(root, join(at, entry.name)) : entry.isDirectory();
      if (isFolder === undefined) return [];
      return [{ name: entry.name, kind: isFolder ? 'folder' : 'file', linked }];
    });
    return (await Promise.all(listed)).flat();
  };
}

async function isLinkedFolder(root: string, path: string): Promise<boolean | undefined> {
  try {
    const real = await realpath(path);
    return isInside(root, real) ? (await stat(real)).isDirectory() : undefined;
  } catch {
    // Safe: a link that leads nowhere is neither file nor folder.
    return undefined;
  }
}
