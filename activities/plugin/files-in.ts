import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The paths of all files and links below a folder, from it; links are not followed. */
export async function filesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (path: string): Promise<void> => {
    for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
      const inside = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== '.git') await walk(inside);
      } else found.push(inside);
    }
  };
  await walk('');
  return found;
}
