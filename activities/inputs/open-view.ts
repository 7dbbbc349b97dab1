import { KeelsonError } from '../../core/errors.ts';
import type { Input } from '../../core/render-inputs/input.ts';
import { lookInto } from '../../core/render-inputs/look.ts';
import {
  below,
  folderMode,
  type ListedEntry,
  linkMode,
  parentOf,
  type Tree,
  treeOf,
} from '../../core/render-inputs/tree.ts';
import type { Git } from '../git/git.ts';
import { type FolderEntry, filesOnDisk, type SourceFiles } from '../render/files/source-files.ts';
import type { OpenSource } from '../source/reader.ts';
import type { CommitSource } from './commit-tree.ts';
import type { PlainFiles } from './plain-files.ts';
import { readViewed, type View, type Viewed, viewed, writeViewed } from './view.ts';

/**
 * Opens the files of a commit, those of the given inputs alone. `asStored` says that none but the worker itself is going
 * to read them: then they stay in memory until somebody asks for their place on disk, where Git needn't write them.
 */
export async function openView(
  git: Git,
  source: CommitSource,
  tree: Tree,
  inputs: readonly Input[],
  { asStored }: { readonly asStored: boolean },
): Promise<OpenSource> {
  const view = viewed(git, source, tree, inputs);
  const plain = await readViewed(view);
  if (plain !== undefined && asStored) return openInMemory(view, plain);
  const { root, release } = await writeViewed(view, plain);
  return { files: filesOnDisk(root), release };
}

function openInMemory(view: Viewed, plain: PlainFiles): OpenSource {
  let written: Promise<View> | undefined;
  const root = async (): Promise<string> => {
    written ??= writeViewed(view, plain);
    const disk = filesOnDisk((await written).root);
    return await disk.root();
  };
  return {
    files: { ...filesInMemory(view, plain), root },
    release: async () => {
      // What couldn't be written is gone, and whoever asked for it has heard why.
      const disk = await written?.catch(() => undefined);
      await disk?.release();
    },
  };
}

function filesInMemory(view: Viewed, { contents, targets }: PlainFiles): Omit<SourceFiles, 'root'> {
  const tree = treeOf(entriesOf(view), targets);
  const { find } = lookInto(tree);
  const contentOf = (path: string): Buffer => {
    const place = find('', path);
    const content = place.kind === 'file' ? contents.get(place.path) : undefined;
    if (content !== undefined) return content;
    throw new KeelsonError('render-failed', `${path}: the render needs a file that it was not found to read`);
  };
  return {
    list: async (folder) =>
      tree.names(folder).map((name) => ({ name, kind: kindOf(tree.at(below(folder, name))?.mode) })),
    find: async (folder, path) => find(folder, path),
    size: async (path) => contentOf(path).length,
    read: async (path) => contentOf(path).toString('utf8'),
  };
}

/** What is in view, with the folders above. */
function entriesOf({ tree, wanted }: Viewed): ListedEntry[] {
  const paths = new Set<string>();
  for (const one of [...wanted.files, ...wanted.folders]) {
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
