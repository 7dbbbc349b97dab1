import { readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A symlink that leads out of the tree it is in. */
export type Escape = { readonly path: string; readonly target: string };

/** As many hops as Linux follows before it gives up. */
const maxHops = 40;

/** The first of the given symlinks (paths relative to the root) that is absolute or leaves the root on any hop. */
export async function findEscape(root: string, links: readonly string[]): Promise<Escape | undefined> {
  const targets = new Map<string, string>();
  for (const path of links) targets.set(path, await readlink(join(root, path)));
  return firstEscape(targets);
}

/** The same for symlinks whose targets are known. */
export function firstEscape(targets: ReadonlyMap<string, string>): Escape | undefined {
  for (const [path, target] of targets) {
    if (leavesRoot(path, targets)) return { path, target };
  }
  return undefined;
}

/**
 * Follows a path the way the kernel does, part by part: `..` after a symlink goes to the parent of what the symlink
 * names, which comparing the written paths would miss.
 */
function leavesRoot(start: string, targets: ReadonlyMap<string, string>): boolean {
  const pending = start.split('/');
  const reached: string[] = [];
  let hops = 0;
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (reached.pop() === undefined) return true;
      continue;
    }
    reached.push(part);
    const target = targets.get(reached.join('/'));
    if (target === undefined) continue;
    hops += 1;
    if (target.startsWith('/') || hops > maxHops) return true;
    reached.pop();
    pending.unshift(...target.split('/'));
  }
  return false;
}
