import { posix } from 'node:path';
import { withoutAround } from '../../../core/text/trim.ts';
import type { TreeEntry } from './tree.ts';

/** The part of a commit that a checkout writes. */
export type Selection = {
  /** Files and symlinks. */
  readonly blobs: readonly TreeEntry[];
  readonly submodules: readonly TreeEntry[];
  /** What to name to Git; nothing stands for everything. */
  readonly pathspecs?: readonly string[];
};

/**
 * What lies at or below the given paths (files or directories from the root; nothing given is everything). The
 * `.gitattributes` of the directories above come along: they say how Git writes a file. A path that is not in the
 * commit selects nothing.
 */
export function selectPaths(entries: readonly TreeEntry[], paths: readonly string[] | undefined): Selection {
  const wanted = cleanPaths(paths);
  if (wanted === undefined) return split(entries);
  const known = new Map(entries.map(({ path, type }) => [path, type]));
  const named = wanted.filter((path) => known.has(path));
  const attributes = named.flatMap(attributesAbove).filter((path) => known.get(path) === 'blob');
  const chosen = new Set([...named, ...attributes]);
  const leadsInto = new Set(wanted.flatMap(directoriesAbove));
  const selected = entries.filter(
    ({ path, type }) => isWithin(path, chosen) || (type === 'commit' && leadsInto.has(path)),
  );
  return { ...split(selected), pathspecs: [...chosen].filter((path) => known.get(path) !== 'commit') };
}

/** Which paths inside a submodule are wanted when these are wanted of the repository; nothing for everything. */
export function pathsWithin(submodule: string, paths: readonly string[] | undefined): string[] | undefined {
  const wanted = cleanPaths(paths);
  if (wanted === undefined || isWithin(submodule, new Set(wanted))) return undefined;
  const inside = wanted.filter((path) => path.startsWith(`${submodule}/`));
  return inside.map((path) => path.slice(submodule.length + 1));
}

/** Paths from the root without dots and slashes at their ends; nothing when one of them is the root. */
export function cleanPaths(paths: readonly string[] | undefined): string[] | undefined {
  if (paths === undefined) return undefined;
  const cleaned = paths.map((path) => withoutAround(posix.normalize(`/${path}`), '/'));
  return cleaned.includes('') ? undefined : [...new Set(cleaned)].sort();
}

function split(entries: readonly TreeEntry[]): Selection {
  return {
    blobs: entries.filter(({ type }) => type === 'blob'),
    submodules: entries.filter(({ type }) => type === 'commit'),
  };
}

function isWithin(path: string, chosen: ReadonlySet<string>): boolean {
  return chosen.has(path) || directoriesAbove(path).some((directory) => chosen.has(directory));
}

function attributesAbove(path: string): string[] {
  return ['', ...directoriesAbove(path)].map((directory) => posix.join(directory, '.gitattributes'));
}

/** `a` and `a/b` of `a/b/c`. */
function directoriesAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
