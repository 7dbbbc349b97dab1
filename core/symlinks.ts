/** A path of a tree: a folder with what is in it, a file, or a symlink. Kind `unknown` is what nobody has listed. */
export type PathNode = {
  kind: 'file' | 'folder' | 'symlink' | 'unknown';
  /** Of symlinks: where they lead, as they are written. */
  target?: string;
  children?: Map<string, PathNode>;
};

/**
 * What a path leads to: a node of the tree, nothing that is there, a place outside of the tree, or round in circles.
 */
export type Followed = PathNode | 'endless' | 'missing' | 'outside';

/** A symlink that leads out of the tree it is in, or nowhere. */
export type Escape = {
  readonly path: string;
  readonly target: string;
  readonly leads: 'out' | 'in circles';
};

/** How many parts of paths may still be walked, for all symlinks of a tree together. */
export type WalkBudget = { steps: number };

/** As many hops as Linux follows before it gives up. */
const maxHops = 40;

/** Some ten for each symlink of the largest tree, and done in less than a second. */
const mostSteps = 4_000_000;

/** A budget for one tree, whose symlinks may lead through each other at will. */
export function walkBudget(): WalkBudget {
  return { steps: mostSteps };
}

/** The node at a path, made with those above it where it is not there yet. */
export function nodeAt(root: PathNode, path: string): PathNode {
  let node = root;
  for (const part of path.split('/')) {
    node.children ??= new Map();
    const next: PathNode = node.children.get(part) ?? { kind: 'unknown' };
    node.children.set(part, next);
    node = next;
  }
  return node;
}

/** The first of the given symlinks (paths relative to the root) that is absolute or leaves the root on any hop. */
export function firstEscape(targets: ReadonlyMap<string, string>): Escape | undefined {
  const root: PathNode = { kind: 'folder' };
  for (const [path, target] of targets) Object.assign(nodeAt(root, path), { kind: 'symlink', target });
  const budget = walkBudget();
  for (const [path, target] of targets) {
    const found = follow(root, path, budget);
    if (found === 'outside') return { path, target, leads: 'out' };
    if (found === 'endless') return { path, target, leads: 'in circles' };
  }
  return undefined;
}

/**
 * Follows a path the way the kernel does, part by part: `..` after a symlink goes to the parent of what the symlink
 * names, which comparing the written paths would miss. A path that leaves the root on the way is outside even where it
 * comes back, or leads through what is not there.
 */
export function follow(root: PathNode, path: string, budget: WalkBudget): Followed {
  const walk: Walk = { pending: path.split('/').reverse(), way: [root], hops: 0, isLost: false };
  for (let part = walk.pending.pop(); part !== undefined; part = walk.pending.pop()) {
    budget.steps -= 1;
    if (budget.steps < 0) return 'endless';
    const ended = part === '' || part === '.' ? undefined : step(walk, part);
    if (ended !== undefined) return ended;
  }
  return walk.isLost ? 'missing' : (walk.way.at(-1) ?? 'missing');
}

type Walk = {
  /** What is still to be walked, the next part last. */
  readonly pending: string[];
  /** From the root to where the walk is; nothing for what is not there. */
  readonly way: (PathNode | undefined)[];
  hops: number;
  /** Whether it went on from what is no folder. */
  isLost: boolean;
};

function step(walk: Walk, part: string): 'endless' | 'outside' | undefined {
  const { pending, way } = walk;
  const place = way.at(-1);
  if (place?.kind !== 'folder') walk.isLost = true;
  if (part === '..') {
    way.pop();
    return way.length === 0 ? 'outside' : undefined;
  }
  const node = place?.children?.get(part);
  if (node?.target === undefined) {
    way.push(node);
    return undefined;
  }
  walk.hops += 1;
  if (node.target.startsWith('/')) return 'outside';
  pending.push(...node.target.split('/').reverse());
  return walk.hops > maxHops ? 'endless' : undefined;
}
