import { linkMode, type Tree, treeOf } from '../../core/render-inputs/tree.ts';
import type { Git, GitSource, TreeEntry } from '../git.ts';

/** A commit of a repository. */
export type CommitSource = GitSource & { readonly sha: string };

/** By their listings, which the Git cache keeps for as long as they are used. */
const trees = new WeakMap<readonly TreeEntry[], Promise<Tree>>();

/** The tree of a commit, with the targets of its symlinks. */
export async function commitTree(git: Git, source: CommitSource): Promise<Tree> {
  const listing = await git.listFiles(source);
  const known = trees.get(listing);
  if (known !== undefined) return await known;
  const building = buildTree(git, source, listing);
  trees.set(listing, building);
  building.catch(() => trees.delete(listing));
  return await building;
}

async function buildTree(git: Git, source: CommitSource, listing: readonly TreeEntry[]): Promise<Tree> {
  const links = listing.filter(({ mode }) => mode === linkMode).map(({ path }) => path);
  // Without the caller's signal: others may wait for the same tree, and nothing is fetched for it.
  const targets =
    links.length === 0 ? new Map() : await git.readFiles({ ...source, signal: undefined, paths: links });
  return treeOf(listing, new Map([...targets].map(([path, target]) => [path, target.toString('utf8')])));
}
