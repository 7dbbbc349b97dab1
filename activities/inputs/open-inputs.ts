import { KeelsonError } from '../../core/errors.ts';
import type { Input, IsToolFile } from '../../core/render/input.ts';
import {
  below,
  folderMode,
  type ListedEntry,
  linkMode,
  parentOf,
  type Tree,
  treeOf,
} from '../../core/render/tree.ts';
import { readTree } from '../../core/render/tree-reader.ts';
import { foreignText } from '../../platform/foreign-text.ts';
import type { Git } from '../git/git.ts';
import { type FolderEntry, filesOnDisk, type SourceFiles } from '../render/files/source-files.ts';
import type { OpenSource } from '../source/reader.ts';
import type { CommitSource } from './commit-tree.ts';
import type { PlainFiles } from './plain-files.ts';
import {
  readSelection,
  type Selection,
  selectFiles,
  type WrittenFiles,
  writeSelection,
} from './selection.ts';

/** How files are opened. */
export type OpenOptions = {
  /**
   * Says that none but the worker itself is going to read the files: then they stay in memory until somebody asks for
   * their root on disk, unless Git has to write them.
   */
  readonly inMemory: boolean;
  readonly isToolFile: IsToolFile;
};

/** Opens the files of a commit, those of the given inputs alone. */
export async function openInputs(
  git: Git,
  source: CommitSource,
  tree: Tree,
  inputs: readonly Input[],
  { inMemory, isToolFile }: OpenOptions,
): Promise<OpenSource> {
  const selection = selectFiles(git, source, tree, inputs, isToolFile);
  const plain = await readSelection(selection);
  if (plain !== undefined && inMemory) return keepInMemory(selection, plain);
  const { root, release } = await writeSelection(selection, plain);
  return { files: filesOnDisk(root), release };
}

function keepInMemory(selection: Selection, plain: PlainFiles): OpenSource {
  let written: Promise<WrittenFiles> | undefined;
  const root = async (): Promise<string> => {
    written ??= writeSelection(selection, plain);
    const disk = filesOnDisk((await written).root);
    return await disk.root();
  };
  return {
    files: { ...filesInMemory(selection, plain), root },
    release: async () => {
      // What couldn't be written is gone, and whoever asked for it has heard why.
      const disk = await written?.catch(() => undefined);
      await disk?.release();
    },
  };
}

function filesInMemory(selection: Selection, { contents, targets }: PlainFiles): Omit<SourceFiles, 'root'> {
  const tree = treeOf(entriesOf(selection), targets);
  const { find } = readTree(tree);
  const contentOf = (path: string): Buffer => {
    const found = find('', path);
    const content = found.kind === 'file' ? contents.get(found.path) : undefined;
    if (content !== undefined) return content;
    throw new KeelsonError('render-failed', `${path}: the render needs a file that it was not found to read`);
  };
  return {
    list: async (folder) =>
      tree.names(folder).map((name) => ({ name, kind: kindOf(tree.at(below(folder, name))?.mode) })),
    find: async (folder, path) => find(folder, path),
    size: async (path) => contentOf(path).length,
    read: async (path) => foreignText(contentOf(path)),
  };
}

/** The selected files and folders, with the folders above them. */
function entriesOf({ tree, selected }: Selection): ListedEntry[] {
  const paths = new Set<string>();
  for (const one of [...selected.files, ...selected.folders]) {
    for (let path = one; path !== '' && !paths.has(path); path = parentOf(path)) paths.add(path);
  }
  return [...paths].flatMap((path) => {
    const entry = tree.at(path);
    return entry === undefined ? [] : [{ path, mode: entry.mode, oid: entry.oid }];
  });
}

function kindOf(mode: string | undefined): FolderEntry['kind'] {
  if (mode === folderMode) return 'folder';
  return mode === linkMode ? 'link' : 'file';
}
