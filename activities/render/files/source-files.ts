import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { foreignText } from '../../../platform/foreign-text.ts';
import { locate } from './confine.ts';

/** What is in a folder under a name; symlinks aren't followed. */
export type FolderEntry = { readonly name: string; readonly kind: 'file' | 'folder' | 'link' | 'other' };

/** Where a path leads, symlinks followed. */
export type SourceLocation =
  | { readonly kind: 'file' | 'folder' | 'other'; readonly path: string }
  | { readonly kind: 'missing' | 'outside' };

/** The files of a source, which are only read. Paths are from its root, whose own is empty. */
export type SourceFiles = {
  list(folder: string): Promise<readonly FolderEntry[]>;
  /** Resolves a path from a folder; it may be written in any way. */
  find(folder: string, path: string): Promise<SourceLocation>;
  /** Bytes of a file, also by the path of a symlink to it. */
  size(path: string): Promise<number>;
  read(path: string): Promise<string>;
  /** The root on this machine's disk, for programs; files that aren't there are written when it is first asked for. */
  root(): Promise<string>;
};

/** Files that are on disk. */
export function filesOnDisk(path: string): SourceFiles {
  let real: Promise<string> | undefined;
  // Tools report real paths, so everything is told relative to the real root.
  const root = (): Promise<string> => {
    real ??= realpath(path);
    return real;
  };
  const at = async (place: string): Promise<string> => join(await root(), place);
  return {
    list: async (folder) => {
      const entries = await readdir(await at(folder), { withFileTypes: true });
      return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry, entry.isSymbolicLink()) }));
    },
    find: async (folder, written) => {
      const place = await locate(await root(), await at(folder), written);
      if (place.kind !== 'found') return place;
      const [found, reached] = await Promise.all([stat(place.path), realpath(place.path)]);
      return { kind: kindOf(found), path: relative(await root(), reached) };
    },
    size: async (file) => (await stat(await at(file))).size,
    read: async (file) => foreignText(await readFile(await at(file))),
    root,
  };
}

type Kinds = { isFile(): boolean; isDirectory(): boolean };

function kindOf(found: Kinds): 'file' | 'folder' | 'other';
function kindOf(found: Kinds, isLink: boolean): FolderEntry['kind'];
function kindOf(found: Kinds, isLink = false): FolderEntry['kind'] {
  if (isLink) return 'link';
  if (found.isDirectory()) return 'folder';
  return found.isFile() ? 'file' : 'other';
}
