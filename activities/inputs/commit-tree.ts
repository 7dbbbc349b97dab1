import { linkMode, type Tree, treeOf } from '../../core/render/tree.ts';
import type { Git, GitSource, TreeEntry } from '../git/git.ts';
import { contentsOf } from './contents.ts';

/** A commit of a repository. */
export type CommitSource = GitSource & { readonly sha: string };

/** The tree of a commit, with the targets of its symlinks. */
export async function commitTree(git: Git, source: CommitSource): Promise<Tree> {
  const listing = await git.listFiles(source);
  const { trees } = git.memory;
  const known = trees.get(listing);
  if (known !== undefined) return await known;
  const building = buildTree(git, source, listing);
  trees.set(listing, building);
  building.catch(() => trees.delete(listing));
  return await building;
}

async function buildTree(git: Git, source: CommitSource, listing: readonly TreeEntry[]): Promise<Tree> {
  const links = new Map(listing.flatMap(({ mode, path, oid }) => (mode === linkMode ? [[path, oid]] : [])));
  // Without the caller's signal: others may wait for the same tree, and little is fetched for it.
  const shared = { ...source, signal: undefined };
  const targets = await contentsOf(
    git.memory,
    (path) => links.get(path) ?? '',
    [...links.keys()],
    (paths) => git.readFiles({ ...shared, paths }),
  );
  return treeOf(listing, new Map([...targets].map(([path, target]) => [path, target.toString('utf8')])));
}

/** The object id of what is at a path of a tree. */
export function oidIn(tree: Tree): (path: string) => string {
  return (path) => tree.at(path)?.oid ?? '';
}
