import { isStorable } from '../text/storable-text.ts';
import { type Input, inputId, type ManifestChoice, manifestFiles } from './input.ts';
import { below, filesBelow, folderMode, isWithin, parentOf, submoduleMode, type Tree } from './tree.ts';

/** Where a path leads in a commit's tree. */
export type ResolvedPath =
  | { readonly kind: 'file' | 'folder'; readonly path: string }
  | { readonly kind: 'missing' | 'outside' };

/**
 * Reads a tree and records each look-up as an input: as long as the state of all inputs is the same in another commit,
 * the same look-ups there have the same answers.
 */
export type TreeReader = {
  readonly tree: Tree;
  /** Resolves a path from a folder as tools do: by its text first, then through symlinks. */
  find(folder: string, path: string): ResolvedPath;
  /** Takes all below a folder as read, and what its symlinks lead to. */
  takeAll(folder: string): void;
  /** Takes the names that decide the tool as read, and answers with all names directly in the folder. */
  takeNames(folder: string): readonly string[];
  /** Takes the chosen manifests of a folder as read, and answers with the files they lead to. */
  takeManifests(folder: string, choice: ManifestChoice): string[];
  /** All files below a folder, symlinks not followed. */
  files(folder: string): string[];
  /** Says that the inputs can't be determined from the tree: then the whole commit counts as read. */
  giveUp(reason: string): void;
  readonly inputs: readonly Input[];
  /** Why the inputs are undetermined. */
  readonly undetermined: string | undefined;
  /** Submodules that a look-up has met. */
  readonly submodules: readonly string[];
};

/** The whole commit. */
const everything: Input = { kind: 'tree', path: '' };

/** As many hops as Linux follows before it gives up. */
const mostHops = 40;

/** A reader of one tree, with no input recorded yet. */
export function readTree(tree: Tree): TreeReader {
  const inputs = new Map<string, Input>();
  const taken = new Set<string>();
  const submodules = new Set<string>();
  let undetermined: string | undefined;
  const record = (input: Input): void => {
    // No commit has anything of a name that can't be stored, so the state of it is the same in all.
    if (isStorable(input.path)) inputs.set(inputId(input), input);
  };

  const giveUp = (reason: string): void => {
    undetermined ??= reason;
  };

  const giveUpAt = (submodule: string): void => {
    submodules.add(submodule);
    giveUp(`${submodule} is a submodule`);
  };

  const find = (folder: string, path: string): ResolvedPath => {
    const written = joined(folder, path);
    return written === undefined ? { kind: 'outside' } : walk(written);
  };

  const walk = (written: string): ResolvedPath => {
    const pending = written.split('/').filter((part) => part !== '');
    const reached: string[] = [];
    for (let hops = 0; hops <= mostHops; ) {
      const part = pending.shift();
      if (part === undefined) return arrived(reached.join('/'));
      if (!step(reached, part)) return { kind: 'outside' };
      const path = reached.join('/');
      if (tree.at(path)?.mode === folderMode) continue;
      const target = tree.links.get(path);
      record({ kind: 'entry', path });
      if (target === undefined || target.startsWith('/')) return ended(path, target, pending.length > 0);
      hops += 1;
      reached.pop();
      pending.unshift(...target.split('/'));
    }
    return { kind: 'missing' };
  };

  const arrived = (path: string): ResolvedPath => {
    record({ kind: 'entry', path });
    return { kind: 'folder', path };
  };

  /** Where a path leads that ends at something else than a folder. */
  const ended = (path: string, target: string | undefined, more: boolean): ResolvedPath => {
    if (target !== undefined) return { kind: 'outside' };
    const mode = tree.at(path)?.mode;
    if (mode === submoduleMode) giveUpAt(path);
    return mode === undefined || more ? { kind: 'missing' } : { kind: 'file', path };
  };

  const refuseSubmodules = (folder: string): void => {
    for (const path of tree.submodules) if (isWithin(folder, path)) giveUpAt(path);
  };

  const takeAll = (folder: string): void => {
    if (taken.has(folder)) return;
    taken.add(folder);
    record({ kind: 'tree', path: folder });
    refuseSubmodules(folder);
    for (const [path, target] of tree.links) {
      if (!isWithin(folder, path)) continue;
      const found = target.startsWith('/') ? undefined : walk(below(parentOf(path), target));
      if (found?.kind === 'folder') takeAll(found.path);
    }
  };

  return {
    tree,
    find,
    takeAll,
    takeNames: (folder) => {
      record({ kind: 'tool', path: folder });
      return tree.names(folder);
    },
    takeManifests: (folder, choice) => {
      record({ kind: 'manifests', path: folder, choice });
      if (choice.recurse) refuseSubmodules(folder);
      return manifestFiles(tree, folder, choice).flatMap((path) => {
        const found = tree.links.has(path) ? walk(path) : { kind: 'file' as const, path };
        return found.kind === 'file' ? [found.path] : [];
      });
    },
    files: (folder) => [...filesBelow(tree, folder)],
    giveUp,
    get inputs() {
      return undetermined === undefined ? withAttributes([...inputs.values()]) : [everything];
    },
    get undetermined() {
      return undetermined;
    },
    get submodules() {
      return [...submodules];
    },
  };
}

/** Attributes change what a checkout writes, so those of every folder that is read from count as read. */
function withAttributes(inputs: readonly Input[]): Input[] {
  const folders = new Set<string>();
  for (const { kind, path } of inputs) folders.add(kind === 'entry' ? parentOf(path) : path);
  // The state of a folder's attributes covers those of the folders above it.
  const deepest = [...folders].filter(
    (folder) => ![...folders].some((other) => other !== folder && isWithin(folder, other)),
  );
  return [...inputs, ...deepest.map((path): Input => ({ kind: 'attributes', path }))];
}

/** Goes one part further; says no when that leads out of the root. */
function step(reached: string[], part: string): boolean {
  if (part === '' || part === '.') return true;
  if (part === '..') return reached.pop() !== undefined;
  reached.push(part);
  return true;
}

/** Joins by text alone; undefined when that leads out of the root. */
function joined(folder: string, path: string): string | undefined {
  const parts: string[] = folder === '' ? [] : folder.split('/');
  const inside = path.split('/').every((part) => step(parts, part));
  return inside ? parts.join('/') : undefined;
}
