import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, mkdir, readlink, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mapBounded } from '../../core/bounded.ts';
import { type Input, pathsOf } from '../../core/render-inputs/input.ts';
import { folderMode, linkMode, type Tree } from '../../core/render-inputs/tree.ts';
import type { Git } from '../git.ts';
import type { OpenSource } from '../source/reader.ts';
import type { CommitSource } from './commit-tree.ts';
import { checkoutTogether } from './gathered-checkout.ts';

const parallelLinks = 16;

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
  const isFolder = (path: string): boolean => tree.at(path)?.mode === folderMode;
  const files = paths.filter((path) => !isFolder(path));
  const checkout = await checkoutTogether(git, source, files);
  try {
    // Not mkdtemp: tools run as another user, who has to be let in.
    const root = join(dirname(checkout.path), `view-${randomUUID()}`);
    await mkdir(root);
    const folders = new Set([...paths.filter(isFolder), ...files.map((path) => dirname(path))]);
    for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
    await mapBounded(files, parallelLinks, async (path) => {
      await place(join(checkout.path, path), join(root, path), tree.at(path)?.mode === linkMode);
    });
    return { root, release: () => rm(root, { recursive: true, force: true }) };
  } finally {
    await checkout.release();
  }
}

/** Links cost a tenth of copies; another file system has none. */
async function place(from: string, to: string, isLink: boolean): Promise<void> {
  if (isLink) return await symlink(await readlink(from), to);
  await link(from, to).catch(async () => await copyFile(from, to, constants.COPYFILE_FICLONE));
}
