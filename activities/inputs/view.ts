import { constants, copyFile, link, readlink, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mapBounded } from '../../core/bounded.ts';
import { KeelsonError } from '../../core/errors.ts';
import { type Input, pathsOf } from '../../core/render-inputs/input.ts';
import { folderMode, linkMode, type Tree } from '../../core/render-inputs/tree.ts';
import type { Git } from '../git.ts';
import type { OpenSource } from '../source/reader.ts';
import type { CommitSource } from './commit-tree.ts';
import { checkoutTogether } from './gathered-checkout.ts';
import { makeFolders, type Wanted, writePlain } from './plain-files.ts';

const parallelLinks = 16;

/** Git makes no such names; somebody who writes a tree by hand does. */
function isSafe(path: string): boolean {
  return path.split('/').every((part) => !/^(|\.\.?|\.git)$/i.test(part));
}

/**
 * The files of a commit, those of the given inputs alone: what the analysis has missed is not there, so that a render
 * that needs it fails instead of giving what would not be noticed when it changes.
 */
export async function openView(
  git: Git,
  source: CommitSource,
  tree: Tree,
  inputs: readonly Input[],
): Promise<OpenSource> {
  const paths = [...new Set(inputs.flatMap((input) => pathsOf(tree, input)))];
  const unsafe = paths.find((path) => path !== '' && !isSafe(path));
  if (unsafe !== undefined) {
    throw new KeelsonError(
      'render-failed',
      `${unsafe}: the commit has a file of a name that no checkout can have; remove it`,
    );
  }
  const isFolder = (path: string): boolean => tree.at(path)?.mode === folderMode;
  const files = paths.filter((path) => !isFolder(path));
  const folders = new Set([...paths.filter(isFolder), ...files.map((path) => dirname(path))]);
  const wanted = { files, folders: [...folders] };
  const root = await git.newFolder();
  const release = () => rm(root, { recursive: true, force: true });
  try {
    if (!(await writePlain(git, source, tree, wanted, root))) {
      await linkCheckout(git, source, tree, wanted, root);
    }
    return { root, release };
  } catch (cause) {
    await release();
    throw cause;
  }
}

/** Links files of a checkout, which Git has written as attributes, filters and submodules say. */
async function linkCheckout(
  git: Git,
  source: CommitSource,
  tree: Tree,
  { files, folders }: Wanted,
  root: string,
): Promise<void> {
  const checkout = await checkoutTogether(git, source, files);
  try {
    await makeFolders(root, folders);
    await mapBounded(files, parallelLinks, async (path) => {
      await place(join(checkout.path, path), join(root, path), tree.at(path)?.mode === linkMode);
    });
  } finally {
    await checkout.release();
  }
}

/** Links cost a tenth of copies; another file system has none. */
async function place(from: string, to: string, isLink: boolean): Promise<void> {
  if (isLink) return await symlink(await readlink(from), to);
  await link(from, to).catch(async () => await copyFile(from, to, constants.COPYFILE_FICLONE));
}
