import { constants, copyFile, link, readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { mapBounded } from '../../core/bounded.ts';
import { KeelsonError } from '../../core/errors.ts';
import { type Input, type IsToolFile, pathsOf } from '../../core/render/input.ts';
import { folderMode, linkMode, parentOf, type Tree } from '../../core/render/tree.ts';
import type { Git } from '../git/git.ts';
import type { CommitSource } from './commit-tree.ts';
import { checkoutTogether } from './gathered-checkout.ts';
import { makeFolders, type PlainFiles, readPlain, type Selected, writePlain } from './plain-files.ts';

const parallelLinks = 16;

/** Git makes no such names; somebody who writes a tree by hand does. */
function isSafe(path: string): boolean {
  return path.split('/').every((part) => !/^(|\.\.?|\.git)$/i.test(part));
}

/** A commit, and those of its files that a render gets. */
export type Selection = {
  readonly git: Git;
  readonly source: CommitSource;
  readonly tree: Tree;
  readonly selected: Selected;
};

/** Files of a commit on disk. */
export type WrittenFiles = { readonly root: string; release(): Promise<void> };

/**
 * Selects the files of the given inputs: what the analysis has missed is not there, so that a render
 * that needs it fails instead of giving what would not be noticed when it changes.
 */
export function selectFiles(
  git: Git,
  source: CommitSource,
  tree: Tree,
  inputs: readonly Input[],
  isToolFile: IsToolFile,
): Selection {
  const paths = [...new Set(inputs.flatMap((input) => pathsOf(tree, input, isToolFile)))];
  const unsafe = paths.find((path) => path !== '' && !isSafe(path));
  if (unsafe !== undefined) {
    throw new KeelsonError(
      'render-failed',
      `${unsafe}: the commit has a file of a name that no checkout can have; remove it`,
    );
  }
  const isFolder = (path: string): boolean => tree.at(path)?.mode === folderMode;
  const files = paths.filter((path) => !isFolder(path));
  const folders = new Set([...paths.filter(isFolder), ...files.map(parentOf)]);
  return { git, source, tree, selected: { files, folders: [...folders] } };
}

/** Reads the selected files as they are stored; undefined where Git has to write them. */
export function readSelection({ git, source, tree, selected }: Selection): Promise<PlainFiles | undefined> {
  return readPlain(git, source, tree, selected.files);
}

/** Writes the selected files below a new root; `plain` is what was read of them. */
export async function writeSelection(
  selection: Selection,
  plain: PlainFiles | undefined,
): Promise<WrittenFiles> {
  const { git, tree, selected } = selection;
  const root = await git.newFolder();
  const release = () => rm(root, { recursive: true, force: true });
  try {
    if (plain === undefined) await linkCheckout(selection, root);
    else await writePlain(tree, plain, selected.folders, root);
    return { root, release };
  } catch (cause) {
    await release();
    throw cause;
  }
}

/** Links files of a checkout, which Git has written as attributes, filters and submodules say. */
async function linkCheckout(
  { git, source, tree, selected: { files, folders } }: Selection,
  root: string,
): Promise<void> {
  const checkout = await checkoutTogether(git, source, files);
  try {
    await makeFolders(root, folders);
    await mapBounded(files, parallelLinks, async (path) => {
      await linkFile(join(checkout.path, path), join(root, path), tree.at(path)?.mode === linkMode);
    });
  } finally {
    await checkout.release();
  }
}

/** Links cost a tenth of copies; another file system has none. */
async function linkFile(from: string, to: string, isLink: boolean): Promise<void> {
  if (isLink) return await symlink(await readlink(from), to);
  await link(from, to).catch(async () => await copyFile(from, to, constants.COPYFILE_FICLONE));
}
