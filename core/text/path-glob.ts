import { KeelsonError } from '../errors.ts';
import { type Glob, globPattern } from './glob.ts';

/** A file or folder as a listing of its folder names it. */
export type PathEntry = {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Whether it is a symlink; `**` doesn't go into linked folders. */
  readonly linked: boolean;
};

/** Lists a folder, given by its path from where the glob begins; empty for the beginning. */
export type ListFolder = (path: string) => Promise<readonly PathEntry[]>;

/** Whether a path has a character that makes it a pattern. */
export function isPathGlob(path: string): boolean {
  return /[*?[]/.test(path);
}

/**
 * The files that a pattern with `*`, `?`, `[a-z]`, `{a,b}` and `**` stands for. Each folder's files are in the order
 * of their names, a folder's own files before those of the folders in it: for value files the order is precedence.
 */
export async function expandPathGlob(glob: string, list: ListFolder): Promise<string[]> {
  const patterns = partsOf(glob);
  const expansion: Expansion = { patterns, list, found: new Set(), done: new Set() };
  await expand(expansion, '', 0);
  return [...expansion.found];
}

type Expansion = {
  readonly patterns: readonly Pattern[];
  readonly list: ListFolder;
  readonly found: Set<string>;
  /** Folders with the part of the pattern that they were held against: several `**` lead to the same ones again. */
  readonly done: Set<string>;
};

/** A part of a path glob; undefined for `**`. */
type Pattern = Glob | undefined;

function partsOf(glob: string): Pattern[] {
  const parts = glob.split('/').filter((part) => part !== '' && part !== '.');
  return parts.map((part) => (part === '**' ? undefined : partPattern(part)));
}

async function expand(expansion: Expansion, folder: string, at: number): Promise<void> {
  const { patterns, list, found, done } = expansion;
  const key = `${at} ${folder}`;
  if (done.has(key)) return;
  done.add(key);
  const entries = sorted(await list(folder));
  const pattern = patterns[at];
  const isLast = at === patterns.length - 1;
  if (at < patterns.length && pattern === undefined) {
    await expandAnywhere(expansion, { folder, entries, at });
    return;
  }
  for (const { name, kind } of entries.filter((entry) => pattern?.test(entry.name))) {
    if (isLast && kind === 'file') found.add(joined(folder, name));
    if (!isLast && kind === 'folder') await expand(expansion, joined(folder, name), at + 1);
  }
}

type Listed = { readonly folder: string; readonly entries: readonly PathEntry[]; readonly at: number };

/** Goes on with what follows `**` here and in every folder below. */
async function expandAnywhere(expansion: Expansion, { folder, entries, at }: Listed): Promise<void> {
  const isLast = at === expansion.patterns.length - 1;
  if (!isLast) await expand(expansion, folder, at + 1);
  for (const { name, kind, linked } of entries) {
    if (kind === 'file' && isLast) expansion.found.add(joined(folder, name));
    if (kind === 'folder' && !linked) await expand(expansion, joined(folder, name), at);
  }
}

function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function sorted(entries: readonly PathEntry[]): PathEntry[] {
  return [...entries].sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** A name has no slash in it, so here the pattern language of source options means the same. */
function partPattern(part: string): Glob {
  try {
    return globPattern(part);
  } catch (error) {
    if (!(error instanceof KeelsonError)) throw error;
    // Safe: only an impossible range such as [z-a] or a part longer than any name comes here, which no name can match.
    return { test: () => false };
  }
}

/** A path glob held against paths. */
export type PathGlob = Glob & {
  /** Whether it fits a path or a folder on the way to it. */
  testOnTheWay(path: string): boolean;
};

/** A path glob as a test of paths: what `expandPathGlob` finds without links, folders included. */
export function pathGlobPattern(glob: string): PathGlob {
  const patterns = partsOf(glob);
  return {
    test: (path) => walk(patterns, path).at(-1) === true,
    testOnTheWay: (path) => walk(patterns, path).includes(true),
  };
}

/** Whether the pattern fits a path's first name, its first two and so on; all ways through it are followed at once. */
function walk(patterns: readonly Pattern[], path: string): boolean[] {
  const end = patterns.length;
  let reached = new Set<number>();
  const reach = (at: number, into: Set<number>): void => {
    into.add(at);
    // As the last part it stands for something at least.
    if (at < end - 1 && patterns[at] === undefined) reach(at + 1, into);
  };
  reach(0, reached);
  return path.split('/').map((name) => {
    const following = new Set<number>();
    for (const at of reached) {
      if (at === end) continue;
      const pattern = patterns[at];
      if (pattern === undefined) reach(at, following);
      if (pattern === undefined ? at === end - 1 : pattern.test(name)) reach(at + 1, following);
    }
    reached = following;
    return reached.has(end);
  });
}
