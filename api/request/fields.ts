import { ownField, setField } from '../../core/own-field.ts';

/** A `fields` parameter: which parts of a reply the client wants, or doesn't. */
export type Fields = {
  /** Whether anything at or below a dotted path is wanted; lets callers skip the work of making it. */
  wants(path: string): boolean;
  /** The parts of a value that are wanted; lists are transparent. */
  pick(value: unknown): unknown;
};

const everything: Fields = { wants: () => true, pick: (value) => value };

type Tree = { readonly children: Map<string, Tree>; whole: boolean };

/**
 * Reads `a.b,c` (only these) or `-a.b,c` (all but these). Paths start below `root`, which the client writes in
 * front of each: `items` for lists, `result.application` for streams.
 */
export function readFields(text: string | undefined, root = ''): Fields {
  if (text === undefined || text.trim() === '') return everything;
  const exclude = text.startsWith('-');
  const paths = (exclude ? text.slice(1) : text)
    .split(',')
    .map((path) => stripRoot(path.trim(), root))
    .filter((path) => path !== undefined);
  const tree = plant(paths);
  if (exclude) {
    return { wants: (path) => !isWhole(tree, path), pick: (value) => without(value, tree) };
  }
  return { wants: (path) => touches(tree, path), pick: (value) => only(value, tree) };
}

/** The path below the root; `''` when it names the root itself, undefined when it leads elsewhere. */
function stripRoot(path: string, root: string): string | undefined {
  if (root === '') return path === '' ? undefined : path;
  if (path === root || root.startsWith(`${path}.`)) return '';
  return path.startsWith(`${root}.`) ? path.slice(root.length + 1) : undefined;
}

function plant(paths: readonly string[]): Tree {
  const root: Tree = { children: new Map(), whole: false };
  for (const path of paths) {
    let at = root;
    for (const name of path === '' ? [] : path.split('.')) {
      const next = at.children.get(name) ?? { children: new Map(), whole: false };
      at.children.set(name, next);
      at = next;
    }
    at.whole = true;
  }
  return root;
}

function touches(tree: Tree, path: string): boolean {
  let at = tree;
  for (const name of path.split('.')) {
    if (at.whole) return true;
    const next = at.children.get(name);
    if (next === undefined) return false;
    at = next;
  }
  return true;
}

function isWhole(tree: Tree, path: string): boolean {
  let at: Tree | undefined = tree;
  for (const name of path.split('.')) {
    at = at?.children.get(name);
    if (at?.whole) return true;
  }
  return false;
}

function only(value: unknown, tree: Tree): unknown {
  if (tree.whole) return value;
  if (Array.isArray(value)) return value.map((element) => only(element, tree));
  if (!isRecord(value)) return undefined;
  const kept: Record<string, unknown> = {};
  for (const [name, child] of tree.children) {
    if (!Object.hasOwn(value, name)) continue;
    const picked = only(ownField(value, name), child);
    if (picked !== undefined) setField(kept, name, picked);
  }
  return kept;
}

function without(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((element) => without(element, tree));
  if (!isRecord(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, child] of Object.entries(value)) {
    const branch = tree.children.get(name);
    if (branch?.whole) continue;
    setField(kept, name, branch === undefined ? child : without(child, branch));
  }
  return kept;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
