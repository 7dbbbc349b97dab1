import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mapBounded } from '../../core/bounded.ts';
import { filesBelow, linkMode, type Tree } from '../../core/render/tree.ts';
import { firstEscape } from '../../core/symlinks.ts';
import type { Git } from '../git/git.ts';
import { type CommitSource, oidIn } from './commit-tree.ts';
import { contentsOf } from './contents.ts';

/** Files of a commit that are to be read, and the folders that they are in or that are read themselves. */
export type Selected = { readonly files: readonly string[]; readonly folders: readonly string[] };

/** Larger ones are written by Git, which keeps less of them in memory. */
const mostBytes = 8 * 1024 * 1024;
const parallelWrites = 16;
const fileModes: ReadonlyMap<string | undefined, number> = new Map([
  ['100644', 0o666],
  ['100755', 0o777],
]);
/** Attributes by which Git writes a file otherwise than it is stored; macros name them in the same file. */
const changing = /filter|ident|crlf|encoding/;

/** Files as a checkout writes them: contents and targets of symlinks, by path. */
export type PlainFiles = {
  readonly contents: ReadonlyMap<string, Buffer>;
  readonly targets: ReadonlyMap<string, string>;
};

/**
 * Reads files of a commit as they are stored, which needs no run of Git where they were read lately. Undefined where
 * Git itself has to write them: attributes change what a checkout writes, the files are large, or a symlink leads out
 * of the repository, which it refuses in its own words.
 */
export async function readPlain(
  git: Git,
  source: CommitSource,
  tree: Tree,
  files: readonly string[],
): Promise<PlainFiles | undefined> {
  if (source.access.credentials.enableLfs === true) return undefined;
  const links = files.filter((path) => tree.at(path)?.mode === linkMode);
  const targets = new Map(links.map((path) => [path, tree.links.get(path) ?? '']));
  const regular = files.filter((path) => !targets.has(path));
  if (regular.some((path) => !fileModes.has(tree.at(path)?.mode))) return undefined;
  if (firstEscape(targets) !== undefined || !(await isPlain(git, source, tree))) return undefined;
  const contents = await contentsOf(git.memory, oidIn(tree), regular, (paths) =>
    git.readSmallFiles({ ...source, paths, limitBytes: mostBytes }),
  );
  return contents === undefined ? undefined : { contents, targets };
}

/** Writes them below a root that is not there yet. */
export async function writePlain(
  tree: Tree,
  { contents, targets }: PlainFiles,
  folders: readonly string[],
  root: string,
): Promise<void> {
  await makeFolders(root, folders);
  await mapBounded([...contents], parallelWrites, async ([path, content]) => {
    const mode = fileModes.get(tree.at(path)?.mode) ?? 0o666;
    await writeFile(join(root, path), content, { mode, flag: 'wx' });
  });
  // Last, so that nothing is written through one.
  for (const [path, target] of targets) await symlink(target, join(root, path));
}

/** Makes folders below a root that is not there yet, with those above them. */
export async function makeFolders(root: string, folders: readonly string[]): Promise<void> {
  // Not mkdtemp: tools run as another user, who has to be let in.
  await mkdir(root);
  for (const folder of folders) {
    if (folder !== '.' && folder !== '') await mkdir(join(root, folder), { recursive: true });
  }
}

/** Whether no attributes file of a commit changes what a checkout writes. */
async function isPlain(git: Git, source: CommitSource, tree: Tree): Promise<boolean> {
  const { plain } = git.memory;
  const known = plain.get(tree) ?? lookForAttributes(git, source, tree);
  plain.set(tree, known);
  // A failed look is not remembered; the caller sees it.
  known.catch(() => plain.delete(tree));
  return await known;
}

async function lookForAttributes(git: Git, source: CommitSource, tree: Tree): Promise<boolean> {
  const paths = [...filesBelow(tree, '')].filter((path) => /(^|\/)\.gitattributes$/.test(path));
  if (paths.length === 0) return true;
  // Without the caller's signal: others may wait for the same look.
  const shared = { ...source, signal: undefined, limitBytes: mostBytes };
  const contents = await contentsOf(git.memory, oidIn(tree), paths, (missing) =>
    git.readSmallFiles({ ...shared, paths: missing }),
  );
  return (
    contents !== undefined &&
    ![...contents.values()].some((content) => changing.test(content.toString('latin1')))
  );
}
