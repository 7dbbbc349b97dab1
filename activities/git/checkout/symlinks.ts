import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Escape, firstEscape } from '../../../core/symlinks.ts';

/** The first of the given symlinks (paths relative to the root) that is absolute or leaves the root on any hop. */
export async function findEscape(root: string, links: readonly string[]): Promise<Escape | undefined> {
  const targets = new Map<string, string>();
  for (const path of links) targets.set(path, await readlink(join(root, path)));
  return firstEscape(targets);
}
