import { globPattern } from './glob.ts';

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
  const parts = glob.split('/').filter((part) => part !== '' && part !== '.');
  const found = new Set<string>();
  await expand('', parts, list, found);
  return [...found];
}

async function expand(
  folder: string,
  parts: readonly string[],
  list: ListFolder,
  found: Set<string>,
): Promise<void> {
  const [part = '', ...rest] = parts;
  const entries = sorted(await list(folder));
  if (part === '**') {
    await expandAnywhere({ folder, entries, parts }, list, found);
    return;
  }
  const pattern = partPattern(part);
  for (const { name, kind } of entries.filter((entry) => pattern.test(entry.name))) {
    if (rest.length === 0 && kind === 'file') found.add(joined(folder, name));
    if (rest.length > 0 && kind === 'folder') await expand(joined(folder, name), rest, list, found);
  }
}

type Listed = {
  readonly folder: string;
  readonly entries: readonly PathEntry[];
  readonly parts: readonly string[];
};

/** Goes on with what follows `**` here and in every folder below. */
async function expandAnywhere(
  { folder, entries, parts }: Listed,
  list: ListFolder,
  found: Set<string>,
): Promise<void> {
  const rest = parts.slice(1);
  if (rest.length > 0) await expand(folder, rest, list, found);
  for (const { name, kind, linked } of entries) {
    if (kind === 'file' && rest.length === 0) found.add(joined(folder, name));
    if (kind === 'folder' && !linked) await expand(joined(folder, name), parts, list, found);
  }
}

function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function sorted(entries: readonly PathEntry[]): PathEntry[] {
  return [...entries].sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** A name has no slash in it, so here the pattern language of source options means the same. */
function partPattern(part: string): RegExp {
  try {
    return globPattern(part);
  } catch {
    // Safe: only an impossible range such as [z-a] comes here, which no name can match.
    return /^(?!)/;
  }
}

/** A path glob as a test of paths: what `expandPathGlob` finds without links, folders included. */
export function pathGlobPattern(glob: string): { test(path: string): boolean } {
  const parts = glob.split('/').filter((part) => part !== '' && part !== '.');
  const patterns = parts.map((part) => (part === '**' ? undefined : partPattern(part)));
  const matches = (names: readonly string[], from: number, at: number): boolean => {
    if (at === patterns.length) return from === names.length;
    const pattern = patterns[at];
    if (pattern !== undefined) {
      return from < names.length && pattern.test(names[from] ?? '') && matches(names, from + 1, at + 1);
    }
    // As the last part it stands for something at least.
    if (at === patterns.length - 1) return from < names.length;
    for (let next = from; next < names.length; next++) if (matches(names, next, at + 1)) return true;
    return false;
  };
  return { test: (path) => matches(path.split('/'), 0, 0) };
}
