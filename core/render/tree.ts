/** One entry of a commit's tree, as Git lists it. */
export type ListedEntry = {
  /** From the root, without a leading slash. */
  readonly path: string;
  /** 100644 and 100755 for files, 120000 for a symlink, 040000 for a folder, 160000 for a submodule. */
  readonly mode: string;
  readonly oid: string;
};

/** The tree of one commit, to be asked by path; nothing in it follows a symlink. */
export type Tree = {
  /** What is at a path; undefined for nothing. The root is the empty path. */
  at(path: string): Pick<ListedEntry, 'mode' | 'oid'> | undefined;
  /** Names directly in a folder, in the order of their code units. */
  names(folder: string): readonly string[];
  /** Targets of all symlinks, by path. */
  readonly links: ReadonlyMap<string, string>;
  readonly submodules: readonly string[];
};

export const linkMode = '120000';
export const folderMode = '040000';
export const submoduleMode = '160000';

/** The tree of a listing with folders in it, and the targets of its symlinks. */
export function treeOf(entries: readonly ListedEntry[], links: ReadonlyMap<string, string>): Tree {
  const byPath = new Map<string, ListedEntry>();
  const children = new Map<string, string[]>();
  const submodules: string[] = [];
  for (const entry of entries) {
    byPath.set(entry.path, entry);
    if (entry.mode === submoduleMode) submodules.push(entry.path);
    const folder = parentOf(entry.path);
    const siblings = children.get(folder);
    const name = entry.path.slice(folder === '' ? 0 : folder.length + 1);
    if (siblings === undefined) children.set(folder, [name]);
    else siblings.push(name);
  }
  for (const names of children.values()) names.sort(byCodeUnits);
  // A listing has no entry for its root, whose content is that of its children.
  const root = { path: '', mode: folderMode, oid: '' };
  return {
    at: (path) => (path === '' ? root : byPath.get(path)),
    names: (folder) => children.get(folder) ?? [],
    links,
    submodules,
  };
}

/** The folder that a path is in; empty for the root's own. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

/** A path below a folder, which may be the root. */
export function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Whether a path is a folder or anything in it. */
export function isWithin(folder: string, path: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** All files, symlinks and submodules below a folder, in lexical order of a walk. */
export function* filesBelow(tree: Tree, folder: string): Generator<string> {
  for (const name of tree.names(folder)) {
    const path = below(folder, name);
    if (tree.at(path)?.mode === folderMode) yield* filesBelow(tree, path);
    else yield path;
  }
}

function byCodeUnits(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
